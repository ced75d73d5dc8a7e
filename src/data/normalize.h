/* The figures of normalisation, learned from the raw rows of the training part. */
#ifndef CHAINRULE_DATA_NORMALIZE_H
#define CHAINRULE_DATA_NORMALIZE_H

#include "config/json.h"
#include "data/part.h"
#include "data/raw.h"

/* How the figures of normalisation come about. */
typedef enum cr_normalization_kind {
    CR_NORMALIZE_NONE,
    CR_NORMALIZE_STANDARDIZE, /* (x - mean) / standard deviation (population) */
    CR_NORMALIZE_MINMAX,      /* (x - min) / (max - min) */
    CR_NORMALIZE_DIVIDE,      /* x / divisor */
    CR_NORMALIZE_GIVEN,       /* (x - mean) / std */
} cr_normalization_kind;

typedef struct cr_normalization {
    cr_normalization_kind kind;
    double divisor;            /* of CR_NORMALIZE_DIVIDE */
    const cr_json *mean, *std; /* of CR_NORMALIZE_GIVEN, in raw values: a number, or a
                                  list of one for each channel, or for each feature
                                  where there are no channels; std above 0 */
} cr_normalization;

/* Sets encoding->shift and ->scale from the part's rows of raw, which are translated
 * (cr_raw_translate), and ->fill where missing values are replaced: the mean of those
 * that are there. The values of a channel (cr_encoding_channels) share their figures; what
 * is constant is divided by 1. */
CR_MUST_CHECK bool cr_normalize_fit(cr_encoding *encoding, const cr_normalization *how,
                                    const cr_raw *raw, const cr_part *part,
                                    cr_error *err);

/* Sets encoding->target_shift and ->target_scale, of targets that are numbers, in the
 * same way. */
CR_MUST_CHECK bool cr_normalize_fit_targets(cr_encoding *encoding,
                                            const cr_normalization *how,
                                            const cr_raw *raw, const cr_part *part,
                                            cr_error *err);

#endif
