/*
 * Examples in memory, in the type they are stored in: a byte a pixel for images, cr_real
 * for tables.
 */
#ifndef CHAINRULE_DATA_DATASET_H
#define CHAINRULE_DATA_DATASET_H

#include "data/encoding.h"

typedef struct cr_dataset {
    size_t examples, features;
    uint8_t *bytes;  /* [examples, features] raw, or NULL */
    cr_real *values; /* [examples, stride] normalised; a regression's targets stand behind
                        the features; or NULL */
    size_t stride;   /* cr_reals from row to row of values */
    int32_t *labels; /* [examples] class numbers, or NULL */
    const cr_real *targets; /* [examples, stride] inside values, or of one column in
                               label_values; or NULL */
    size_t target_stride, target_count;
    cr_real *label_values; /* [examples]: labels of images as numbers, for a regression on
                              them */
} cr_dataset;

/* A part of a dataset: some of its rows, in the dataset's order. */
typedef struct cr_part {
    const cr_dataset *dataset; /* NULL: there is no such part */
    uint32_t *rows;            /* [count], owned; NULL: all */
    size_t count;
} cr_part;

/* The training table: learns the encoding (all but normalisation) from it.
 * targets[target_count] are columns, increasing. The dataset's values stay raw until
 * cr_dataset_normalize. */
CR_MUST_CHECK bool cr_dataset_learn_table(cr_dataset *dataset, cr_encoding *encoding,
                                          const cr_table_file *file, bool has_header,
                                          const size_t *targets, size_t target_count,
                                          bool classify, cr_error *err);

/* Another table with the same columns, raw. header: 1 yes, 0 no, -1 guess. */
CR_MUST_CHECK bool cr_dataset_read_table(cr_dataset *dataset, const cr_encoding *encoding,
                                         const char *path, int header,
                                         cr_need_target need, cr_error *err);

/* Images, with their labels or without (labels NULL). With `learn` the encoding is
 * learned from them. */
CR_MUST_CHECK bool cr_dataset_read_images(cr_dataset *dataset, cr_encoding *encoding,
                                          const char *images, const char *labels,
                                          bool learn, bool classify, cr_error *err);

/* How normalisation's figures come about. */
typedef enum cr_normalization {
    CR_NORMALIZE_NONE,
    CR_NORMALIZE_STANDARDIZE, /* (x - mean) / standard deviation (population) */
    CR_NORMALIZE_MINMAX,      /* (x - min) / (max - min) */
    CR_NORMALIZE_DIVIDE,      /* x / divisor */
} cr_normalization;

/* Sets encoding->shift and ->scale from the part's raw rows. A constant feature is
 * divided by 1. */
CR_MUST_CHECK bool cr_encoding_fit(cr_encoding *encoding, cr_normalization kind,
                                   double divisor, const cr_part *part, cr_error *err);

/* Normalises values in place (bytes are normalised while a batch is gathered). Once,
 * after the fit. */
void cr_dataset_normalize(cr_dataset *dataset, const cr_encoding *encoding);

/* Splits off round(fraction × n) rows, of each class with stratify, chosen by `seed`
 * alone. Both parts own their rows. An empty part is an error. */
CR_MUST_CHECK bool cr_part_split(const cr_dataset *dataset, double fraction,
                                 bool stratify, uint64_t seed, cr_part *kept,
                                 cr_part *split, cr_error *err);

static inline size_t cr_part_row(const cr_part *part, size_t index)
{
    return part->rows ? part->rows[index] : index;
}

void cr_part_finish(cr_part *part);
void cr_dataset_finish(cr_dataset *dataset);

#endif
