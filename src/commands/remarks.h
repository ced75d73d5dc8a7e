/* Warnings about the rows of a file that a trained model is used on. */
#ifndef CHAINRULE_COMMANDS_REMARKS_H
#define CHAINRULE_COMMANDS_REMARKS_H

#include "data/dataset.h"

/* Words that training did not have: how many, and where. */
void cr_remarks_on_words(const cr_unknown *unknown);

/* A file that is UTF-8 where the model's tables were in another encoding is taken for what
 * it is: the format's encoding is removed. */
void cr_remarks_on_encoding(const char *path, cr_table_format *format);

/* Rows that were left out of the dataset: how many, and why. */
void cr_remarks_on_rows(const cr_dataset *dataset, const cr_encoding *encoding);

#endif
