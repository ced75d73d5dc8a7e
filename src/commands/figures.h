/* Figures as a table on stdout, for train and eval. */
#ifndef CHAINRULE_COMMANDS_FIGURES_H
#define CHAINRULE_COMMANDS_FIGURES_H

#include <chainrule/train.h>

/* names[count] and figures[count]; those without examples are left out. */
void cr_figures_print(const char *const *names, const cr_figures *figures, size_t count,
                      bool classify);

/* 12345678 → "12.3M" into out; returns out. */
const char *cr_figures_format_count(double count, char out[16]);

#endif
