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

/* Splits off round(fraction × n) rows, of each class with stratify, chosen by `seed`
 * alone. Both parts own their rows. An empty part is an error. */
CR_MUST_CHECK bool cr_part_split(const cr_dataset *dataset, double fraction,
                                 bool stratify, uint64_t seed, cr_part *kept,
                                 cr_part *split, cr_error *err);

/* Splits off fold number `fold`, from 0, of `folds` parts whose sizes differ by one row
 * at most, and with stratify those of their classes too. With one seed, every row is in
 * one fold. */
CR_MUST_CHECK bool cr_part_fold(const cr_dataset *dataset, size_t fold, size_t folds,
                                bool stratify, uint64_t seed, cr_part *kept,
                                cr_part *split, cr_error *err);

static inline size_t cr_part_row(const cr_part *part, size_t index)
{
    return part->rows ? part->rows[index] : index;
}

void cr_part_finish(cr_part *part);

#endif
