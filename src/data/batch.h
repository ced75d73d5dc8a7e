/* Batches: in which order an epoch takes the rows, and gathering some of them into a
 * network's input. */
#ifndef CHAINRULE_DATA_BATCH_H
#define CHAINRULE_DATA_BATCH_H

#include "data/part.h"

/* Where a batch's targets go: labels or values are used. */
typedef struct cr_targets {
    int32_t *labels; /* [rows] class numbers */
    cr_real *values; /* [rows, width] */
    size_t width;
    double *weights; /* [rows] of the examples; NULL: they are not wanted */
} cr_targets;

/* order[i] for i < part->count: the dataset's rows in the order of this epoch (from 0).
 */
void cr_batch_order(const cr_part *part, bool shuffle, uint64_t seed, size_t epoch,
                    uint32_t *order);

/* The same of `count` of the part's rows, from `first` on, in an order of the stream. */
typedef struct cr_batch_range {
    size_t first, count;
    uint32_t stream;
} cr_batch_range;
void cr_batch_order_range(const cr_part *part, const cr_batch_range *range, bool shuffle,
                          uint64_t seed, uint32_t *order);

/* The targets of rows[0..count) alone. */
void cr_batch_targets(const cr_dataset *dataset, const uint32_t *rows, size_t count,
                      const cr_targets *targets);

/* Examples rows[0..count) of the dataset into x [count, features], normalised, and into
 * targets (NULL or without room: none). Overwrites. */
void cr_batch_gather(const cr_dataset *dataset, const uint32_t *rows, size_t count,
                     cr_real *restrict x, const cr_targets *targets);

#endif
