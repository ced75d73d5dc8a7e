/* Rows of a dataset as they were before they were normalised. */
#ifndef CHAINRULE_EXCHANGE_RAW_ROWS_H
#define CHAINRULE_EXCHANGE_RAW_ROWS_H

#include "data/dataset.h"

/* Row i into raw [features]: exactly what it was for bytes, else but for rounding. */
void cr_raw_rows_restore(const cr_encoding *encoding, const cr_dataset *dataset, size_t i,
                         double *raw);

#endif
