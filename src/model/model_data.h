/* The data of a model's own config, read again as its encoding says. */
#ifndef CHAINRULE_MODEL_MODEL_DATA_H
#define CHAINRULE_MODEL_MODEL_DATA_H

#include "data/data.h"
#include "model/model.h"

/* Loads all parts that the resolved config in model->document names: the same rows as in
 * training, while the files are as they were. The caller finishes the data; it is empty
 * after a failure. */
CR_MUST_CHECK bool cr_model_data_load(cr_data *data, cr_model *model, cr_error *err);

/* The same, but where the config names files of a test part, or else of a validation part,
 * these alone: what a model is looked at on. */
CR_MUST_CHECK bool cr_model_data_load_last(cr_data *data, cr_model *model, cr_error *err);

/* How tables are written, as the model's own config says: those of new rows are taken to
 * be written in the same way. False with err where the config is damaged. The format
 * points into the model. */
CR_MUST_CHECK bool cr_model_data_format(cr_table_format *format, cr_model *model,
                                        cr_error *err);

/* Whether the model's own config made the pictures of its training fit: those of other
 * sizes are what it learned from, and are made to fit as they were. */
bool cr_model_data_resizes(const cr_model *model);

#endif
