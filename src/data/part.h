/* Parts of a dataset: to train on, to validate on. */
#ifndef CHAINRULE_DATA_PART_H
#define CHAINRULE_DATA_PART_H

#include "data/dataset.h"

/* A part of a dataset: some of its rows, in the dataset's order. */
typedef struct cr_part {
    const cr_dataset *dataset; /* NULL: there is no such part */
    uint32_t *rows;            /* [count], owned; NULL: all */
    size_t count;
} cr_part;

/* How to split rows in two; the seed alone says which rows go where. */
typedef struct cr_split {
    double fraction;    /* split off round(fraction × n) rows; or */
    size_t fold, folds; /* fold number `fold`, from 0, of so many whose sizes differ by
                           one row at most. With one seed, every row is in one fold */
    uint64_t seed;
} cr_split;

/* Splits `rows` rows; with labels [rows] (NULL: none) so many of each class, and folds
 * then differ by one row at most of each. Both parts own their lists of rows; of which
 * dataset they are is for the caller to say. An empty part is an error. */
CR_MUST_CHECK bool cr_part_split(const cr_split *how, size_t rows, const int32_t *labels,
                                 cr_part *kept, cr_part *held, cr_error *err);

static inline size_t cr_part_row(const cr_part *part, size_t index)
{
    return part->rows ? part->rows[index] : index;
}

void cr_part_finish(cr_part *part);

#endif
