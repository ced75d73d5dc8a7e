/* Other rows to train on, in place of those that a config was loaded with. */
#ifndef CHAINRULE_DATA_DATA_REPLACE_H
#define CHAINRULE_DATA_DATA_REPLACE_H

#include "data/data.h"

/* What there was before. */
typedef struct cr_data_replaced {
    cr_dataset train;
    cr_part parts[CR_PARTS];
} cr_data_replaced;

/* Reads the arrays as the data's encoding says, for the training part; a validation part
 * that was split off the old one is no more. False with err, and nothing has changed. */
CR_MUST_CHECK bool cr_data_replace(cr_data *data, const cr_arrays *arrays,
                                   cr_data_replaced *before, cr_error *err);

/* Takes that back, or frees what there was. */
void cr_data_replace_undo(cr_data *data, cr_data_replaced *before);
void cr_data_replace_finish(cr_data_replaced *before);

#endif
