/*
 * Examples in memory: a byte a pixel for images, normalised numbers for tables.
 */
#ifndef CHAINRULE_DATA_DATASET_H
#define CHAINRULE_DATA_DATASET_H

#include "data/encoding.h"

typedef struct cr_dataset {
    size_t examples, features;
    const uint8_t *bytes;   /* [examples, features] raw, or NULL; lies in content */
    char *content;          /* of an image file, or NULL */
    cr_real *shift, *scale; /* [features] that bytes are normalised with while a batch is
                               gathered; NULL: they are not */
    double *raw; /* [examples, raw_stride] a table before cr_normalize_dataset: values of
                    its inputs, a regression's targets behind them; then NULL */
    size_t raw_stride;
    cr_real *values; /* [examples, stride] and after it: features, a regression's targets
                        behind them; or NULL */
    size_t stride;   /* cr_reals from row to row of values */
    int32_t *labels; /* [examples] class numbers, or NULL */
    const cr_real *targets; /* [examples, stride] inside values, or of one column in
                               label_values; or NULL */
    size_t target_stride, target_count;
    size_t left_out;       /* rows of the file, for missing values */
    size_t unknown;        /* cells with words that the training data did not have */
    cr_real *label_values; /* [examples]: labels of images as numbers, for a regression on
                              them */
    uint32_t crc32, labels_crc32; /* of the files: a table or images, and labels */
} cr_dataset;

/* What a config says of a table's columns. */
typedef struct cr_table_plan {
    const size_t *targets; /* [target_count] columns, increasing */
    size_t target_count;
    const cr_column_kind *kinds; /* [columns of the file] CR_COLUMN_GUESS, _WORD or _SKIP
                                    (targets: anything); NULL: guess all */
    bool classify;
    cr_missing missing;
} cr_table_plan;

/* The training table: learns the encoding (all but what comes from the training part
 * alone: normalisation and the values for missing ones) from it. The dataset stays
 * raw until cr_normalize_dataset. */
CR_MUST_CHECK bool cr_dataset_learn_table(cr_dataset *dataset, cr_encoding *encoding,
                                          const cr_table_file *file, bool has_header,
                                          const cr_table_plan *plan, cr_error *err);

/* Another table with the same columns, raw; of at most max_bytes. header: 1 yes, 0 no, -1
 * guess. */
CR_MUST_CHECK bool cr_dataset_read_table(cr_dataset *dataset, const cr_encoding *encoding,
                                         const char *path, size_t max_bytes, int header,
                                         cr_need_target need, cr_error *err);

/* Images, with their labels or without (labels NULL). With `learn` the encoding is
 * learned from them. */
CR_MUST_CHECK bool cr_dataset_read_images(cr_dataset *dataset, cr_encoding *encoding,
                                          const char *images, const char *labels,
                                          bool learn, bool classify, cr_error *err);

/* Target number i of [examples, target_count]. */
static inline cr_real cr_dataset_target(const cr_dataset *dataset, size_t i)
{
    return dataset->targets[i / dataset->target_count * dataset->target_stride +
                            i % dataset->target_count];
}

void cr_dataset_finish(cr_dataset *dataset);

#endif
