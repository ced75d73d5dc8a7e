/* Waiting for other ranks, without taking the processor from those that share it. */
#ifndef CHAINRULE_RANKS_RANK_WAIT_H
#define CHAINRULE_RANKS_RANK_WAIT_H

#include "ranks/ranks.h"

typedef struct cr_rank_wait {
    double patience; /* seconds without anything that comes; 0: for ever */
    double since;    /* on the clock; 0: something has come */
} cr_rank_wait;

/* To be called when nothing has come, until something has: then since is to be 0. False
 * with err when patience is at its end. */
CR_MUST_CHECK bool cr_rank_wait_rest(cr_rank_wait *wait, cr_error *err);

/* What the module says of an operation that went wrong. Returns false. */
bool cr_rank_wait_fail(const cr_ranks *ranks, cr_error *err);

#endif
