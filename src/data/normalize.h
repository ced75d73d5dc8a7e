/* Normalisation: its figures from one part of the data, and applying them. */
#ifndef CHAINRULE_DATA_NORMALIZE_H
#define CHAINRULE_DATA_NORMALIZE_H

#include "data/part.h"

/* How normalisation's figures come about. */
typedef enum cr_normalization {
    CR_NORMALIZE_NONE,
    CR_NORMALIZE_STANDARDIZE, /* (x - mean) / standard deviation (population) */
    CR_NORMALIZE_MINMAX,      /* (x - min) / (max - min) */
    CR_NORMALIZE_DIVIDE,      /* x / divisor */
} cr_normalization;

/* Sets encoding->shift and ->scale from the part's raw rows, and ->fill where missing
 * values are replaced: the mean of those that are there. A constant feature is
 * divided by 1. */
CR_MUST_CHECK bool cr_normalize_fit(cr_encoding *encoding, cr_normalization kind,
                                    double divisor, const cr_part *part, cr_error *err);

/* Likewise ->target_shift and ->target_scale of targets that are numbers. */
CR_MUST_CHECK bool cr_normalize_fit_targets(cr_encoding *encoding, cr_normalization kind,
                                            double divisor, const cr_part *part,
                                            cr_error *err);

/* Makes the features of the raw rows: words one-hot, missing values filled in, inputs and
 * targets normalised (bytes are normalised while a batch is gathered). Once, after the
 * fit. */
CR_MUST_CHECK bool cr_normalize_dataset(cr_dataset *dataset, const cr_encoding *encoding,
                                        cr_error *err);

#endif
