/* Parts of a dataset: to train on, to validate on. */
#ifndef CHAINRULE_DATA_PART_H
#define CHAINRULE_DATA_PART_H

#include "data/dataset.h"

/* A part of a dataset: some of its rows, in the dataset's order. */
typedef struct cr_part {
    const cr_dataset *dataset; /* NULL: there is no such part */
    uint32_t *rows;            /* [count], owned; NULL: all */
    size_t count;
    bool mapped; /* rows is a mapping */
} cr_part;

/* How to split rows in two; the seed alone says which rows go where. */
typedef struct cr_split {
    double fraction;    /* split off round(fraction × n) rows; or */
    double last;        /* round(last × n) rows at the end, labels or not; or */
    size_t fold, folds; /* fold number `fold`, from 0, of so many whose sizes differ by
                           one row at most. With one seed, every row is in one fold */
    uint64_t seed;
} cr_split;

/* What a split knows of the rows. */
typedef struct cr_split_rows {
    size_t count;
    const int32_t *labels; /* [count] the classes of which each part gets its share; NULL:
                               none */
    const uint32_t *groups; /* [count] groups that are kept whole, from 0; NULL: none */
    size_t group_count;     /* each has a row */
} cr_split_rows;

/* Splits the rows; with labels so many of each class, and folds then differ by one row at
 * most of each; with groups see group_split.h. Both parts own their lists of rows; of
 * which dataset they are is for the caller to say. An empty part is an error. */
CR_MUST_CHECK bool cr_part_split(const cr_split *how, const cr_split_rows *rows,
                                 cr_part *kept, cr_part *held, cr_error *err);

static inline size_t cr_part_row(const cr_part *part, size_t index)
{
    return part->rows ? part->rows[index] : index;
}

/* The sum of the weights of the rows; their number, where they have none. */
double cr_part_weight(const cr_part *part);

/* Whether some row of the part counts; also of a part that does not exist. False with
 * CR_E_DATA; `name` is the part's. */
CR_MUST_CHECK bool cr_part_check_weights(const cr_part *part, const char *name,
                                         cr_error *err);

void cr_part_finish(cr_part *part);

#endif
