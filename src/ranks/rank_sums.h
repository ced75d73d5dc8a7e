/*
 * Sums over all ranks, whose number is a power of two: afterwards every rank has the same
 * bits, those of the binary tree (r0 + r1) + (r2 + r3).
 *
 * Large sums are taken by recursive halving and doubling (Thakur, Rabenseifner and Gropp,
 * "Optimization of collective communication operations in MPICH", 2005), nearest ranks
 * first: every rank sends 2 (N − 1) / N of the numbers. Floating-point addition commutes, so
 * it does not matter which of two ranks adds. Small sums are exchanged whole.
 *
 * Nothing here waits but cr_rank_sums_wait: sums that were begun get on while other work is
 * done, as far as somebody takes turns.
 */
#ifndef CHAINRULE_RANKS_RANK_SUMS_H
#define CHAINRULE_RANKS_RANK_SUMS_H

#include "ranks/rank_wait.h"

typedef enum cr_rank_number { CR_RANK_FLOAT, CR_RANK_DOUBLE } cr_rank_number;

typedef struct cr_rank_sums cr_rank_sums;

/* Up to `sums` at work at a time, of up to `bytes` each. Ranks are borrowed. NULL with err. */
CR_MUST_CHECK cr_rank_sums *cr_rank_sums_create(cr_ranks *ranks, size_t sums,
                                                size_t bytes, double patience,
                                                cr_error *err);
void cr_rank_sums_destroy(cr_rank_sums *sums); /* takes NULL */

/* Begins sum number i of numbers[0..count), which are overwritten, and stay where they are
 * until it is done. All ranks begin the same ones. */
void cr_rank_sums_begin(cr_rank_sums *sums, size_t i, void *numbers, size_t count,
                        cr_rank_number kind);

/* Gets on with all. False with err when a rank is out of reach. */
CR_MUST_CHECK bool cr_rank_sums_turn(cr_rank_sums *sums, cr_error *err);

/* Until all that were begun are done. */
CR_MUST_CHECK bool cr_rank_sums_wait(cr_rank_sums *sums, cr_error *err);

#endif
