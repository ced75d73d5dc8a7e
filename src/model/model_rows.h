/* Predictions for many rows at once: in batches, by several threads where that pays. */
#ifndef CHAINRULE_MODEL_MODEL_ROWS_H
#define CHAINRULE_MODEL_MODEL_ROWS_H

#include "data/dataset.h"
#include "model/model.h"

/* Where rows come from: numbers in the caller's memory, or a dataset. All is borrowed. */
typedef struct cr_model_rows {
    size_t count;

    const void *numbers; /* raw, floats or doubles of this machine, or NULL: */
    const cr_dataset *dataset;
    size_t size;           /* bytes of one */
    ptrdiff_t row, column; /* from one row, or column, to the next, in numbers */

    bool finite; /* stop at a number that is not finite, as the network takes it */
} cr_model_rows;

/* y [count, cr_model_outputs] of every row: what the network says, in the targets' units,
 * or (present) as it is shown. The same bits for every number of threads. *stopped: the
 * rows hold a number that is not finite, and y is of no use. Fails when out of memory. */
CR_MUST_CHECK bool cr_model_rows_predict(cr_model *model, const cr_model_rows *rows,
                                         bool present, cr_real *y, bool *stopped,
                                         cr_error *err);

#endif
