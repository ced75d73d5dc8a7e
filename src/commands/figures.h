/* Figures as a table on stdout, for train and eval. */
#ifndef CHAINRULE_COMMANDS_FIGURES_H
#define CHAINRULE_COMMANDS_FIGURES_H

#include <chainrule/train.h>

/* Prints the metrics that figures have, a row for each part: names[count] and
 * figures[count]. Parts without examples are left out. */
void cr_figures_print(const char *const *names, const cr_figures *figures, size_t count,
                      bool classify);

/* 12345678 → "12.3M" into out; returns out. */
const char *cr_figures_format_count(double count, char out[16]);

#endif
