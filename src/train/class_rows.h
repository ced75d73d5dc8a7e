/* Warnings of a validation part that has no row, or next to none, of a class: its figures
 * say nothing of it. */
#ifndef CHAINRULE_TRAIN_CLASS_ROWS_H
#define CHAINRULE_TRAIN_CLASS_ROWS_H

#include "train/experiment.h"

/* Rows of a class in a part, which has labels; below it a figure of the class is chance. */
enum { CR_CLASS_ROWS_FEW = 5 };

size_t cr_class_rows_count(const cr_part *part, size_t class);

/* What is to be said of the validation part, one sentence without an end; stays empty where
 * there is nothing, no such part, no classes, or more than 1000 of them. Of few rows it is said only of a part that
 * has ten times as many: in a smaller one every class has few. */
void cr_class_rows_judge(const cr_experiment *experiment, cr_text *out);

/* The same as a warning at data.validation; and one at `path` of a monitor that is a figure
 * of a class without a row. */
void cr_class_rows_warn(cr_reader *reader, const cr_experiment *experiment);
void cr_class_rows_warn_monitor(cr_reader *reader, const char *path,
                                const cr_monitor *monitor,
                                const cr_experiment *experiment);

#endif
