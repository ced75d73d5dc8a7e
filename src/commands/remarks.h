/* What there is to say of a trained model, and of a file that it is used on. */
#ifndef CHAINRULE_COMMANDS_REMARKS_H
#define CHAINRULE_COMMANDS_REMARKS_H

#include "data/dataset.h"
#include "model/model.h"
#include "train/step_memory.h"

/* Words that training did not have: how many, and where. */
void cr_remarks_on_words(const cr_unknown *unknown);

/* What reading has noted, such as files that were skipped. */
void cr_remarks_on_notes(const cr_text *notes);

/* A file that is UTF-8 where the model's tables were in another encoding is taken for what
 * it is: the format's encoding is removed. */
void cr_remarks_on_encoding(const char *path, cr_table_format *format);

/* Prints which model a run's directory stands for, where it has a better one by its own
 * figures; nothing for other paths. */
void cr_remarks_on_best(const char *run, const cr_model *model);

/* Rows that were left out of the dataset: how many, and why. */
void cr_remarks_on_rows(const cr_dataset *dataset, const cr_encoding *encoding);

/* A training step that takes more memory than there is: false where it does not. */
bool cr_remarks_on_memory(const cr_step_memory *memory, const cr_experiment *e);

#endif
