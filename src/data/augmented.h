/* Batches whose images are augmented while they are gathered, for training. */
#ifndef CHAINRULE_DATA_AUGMENTED_H
#define CHAINRULE_DATA_AUGMENTED_H

#include "data/batch.h"
#include "image/augment.h"

typedef struct cr_augmented {
    const cr_augment *augment; /* borrowed; NULL: nothing is augmented */
    cr_real *shift, *scale;    /* [features] of the encoding; NULL: values are raw */
    cr_real *scratch;          /* [shares, stride] */
    size_t stride;
} cr_augmented;

/* For up to `shares` threads at once. The augmentations, which fit the encoding's
 * examples, outlive it. */
CR_MUST_CHECK bool cr_augmented_init(cr_augmented *augmented, const cr_augment *augment,
                                     const cr_encoding *encoding, size_t shares,
                                     cr_error *err);
void cr_augmented_finish(cr_augmented *augmented); /* of {0} too */

/* The step that a batch is for, and whose scratch memory to use. */
typedef struct cr_augmented_step {
    uint64_t seed, step;
    size_t share;
} cr_augmented_step;

/* Examples rows[0..count) of the dataset into x [count, features], augmented as raw
 * values and then normalised. What an example becomes is a function of seed, step and its
 * row of the dataset. Overwrites. */
void cr_augmented_gather(const cr_augmented *augmented, const cr_augmented_step *step,
                         const cr_dataset *dataset, const uint32_t *rows, size_t count,
                         cr_real *restrict x);

#endif
