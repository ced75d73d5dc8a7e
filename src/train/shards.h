/*
 * Shards: with training.shards S above 1, shard s has the rows [n s / S, n (s + 1) / S) of a
 * part of n rows. An epoch shuffles each shard's rows by themselves, and a step takes
 * batch_size / S of each. The step's gradient is the sum of the shards', in the order of a
 * binary tree, (s0 + s1) + (s2 + s3); so are losses and figures, and buffers (running
 * statistics) are the mean of those that each shard alone would leave.
 *
 * A shard's pass is one thread's, and sees nothing of the others' rows. So the result is a
 * function of S, and not of who does which shards: threads, or processes.
 */
#ifndef CHAINRULE_TRAIN_SHARDS_H
#define CHAINRULE_TRAIN_SHARDS_H

#include "measure/evaluator.h"

enum { CR_MOST_SHARDS = 4096 };

/* Where the rows of shard s begin, among n; s = shards is their end. */
size_t cr_shards_begin(size_t n, size_t shards, size_t s);

/* Rows that a shard of n rows in all has for a step (from 0) which takes up to `batch` of
 * each. */
size_t cr_shards_step_rows(size_t n, size_t shards, size_t s, size_t step, size_t batch);

/* What a trainer has of its shards. */
struct cr_shards_ranks;
typedef struct cr_shards {
    size_t count;      /* S, a power of two */
    size_t first, own; /* those that this process does */
    size_t batch;      /* rows of each in a step, but an epoch's last */
    size_t block;      /* numbers of a shard's gradients and, behind them, buffers */
    cr_share *sums;    /* [own] */
    struct cr_shards_ranks *ranks; /* that do the others; NULL: there are none */
    double *logged;                /* the log's values, of a process that has no logger */
    bool out_of_time;              /* this process, before the step */
    cr_evaluator **batches;        /* [members] one for each thread, with gradients */
    cr_evaluator **evaluators;     /* [members] for figures; the first is the trainer's */
} cr_shards;

#endif
