/* What was taken for what, as `eval` prints it. */
#ifndef CHAINRULE_COMMANDS_CONFUSION_TABLE_H
#define CHAINRULE_COMMANDS_CONFUSION_TABLE_H

#include "measure/report.h"

/* To stdout: rows of examples of a class, columns of what they were taken for, each as wide
 * as it needs. Names are cut in the middle where a line would be longer than the terminal;
 * of more than 12 classes the most frequent confusions are listed then. */
void cr_confusion_table_print(const cr_names *classes, const cr_report *report);

#endif
