/*
 * The shards of a trainer over the ranks of a job: rank r of N does the r-th N-th of them.
 * Gradients are added up over all ranks while they are still being computed: the layers'
 * blocks go out in buckets, as soon as all shards of a process have been through a layer.
 *
 * Every rank has the same sums, parameters and figures, and so comes to the same decisions;
 * what only one knows (a signal, that time is up) goes along with the sums of a step.
 */
#ifndef CHAINRULE_TRAIN_SHARDS_RANKS_H
#define CHAINRULE_TRAIN_SHARDS_RANKS_H

#include "measure/sums.h"
#include "ranks/ranks.h"
#include "train/rank_estimate.h"
#include "train/shards.h"

#include <signal.h>

/* How a trainer takes part. */
typedef struct cr_shards_place {
    cr_ranks *ranks; /* borrowed; their number divides that of the shards */
    double patience; /* seconds to wait for others */
    const volatile sig_atomic_t *signal; /* that asks this process to stop; NULL: none */
} cr_shards_place;

typedef struct cr_shards_ranks cr_shards_ranks;

/* For a network whose blocks are so many numbers. NULL with err. */
CR_MUST_CHECK cr_shards_ranks *cr_shards_ranks_create(const cr_shards_place *place,
                                                      const cr_shards *shards,
                                                      const cr_network *network,
                                                      cr_error *err);
void cr_shards_ranks_destroy(cr_shards_ranks *ranks); /* takes NULL */

/* A step begins: the blocks of the own shards are about to be computed. */
void cr_shards_ranks_begin(cr_shards_ranks *ranks, cr_real *blocks);

/* A shard has been through a node on its way back; called by any thread. */
void cr_shards_ranks_pass(cr_shards_ranks *ranks, size_t node);

/* All own shards are done: adds their buffers and those of all ranks, and the sums; the
 * results are in the first block and in *sums. out_of_time: of this rank. */
CR_MUST_CHECK bool cr_shards_ranks_end(cr_shards_ranks *ranks, bool out_of_time,
                                       cr_sums *sums, cr_error *err);

/* Adds up numbers[0..count) of all ranks. */
CR_MUST_CHECK bool cr_shards_ranks_add(cr_shards_ranks *ranks, double *numbers,
                                       size_t count, cr_error *err);
CR_MUST_CHECK bool cr_shards_ranks_add_sums(cr_shards_ranks *ranks, cr_sums *sums,
                                            cr_error *err);

/* Measures latency and bandwidth by sums as those of a step, of the own blocks, whose numbers
 * are lost. All ranks come here. */
CR_MUST_CHECK bool cr_shards_ranks_measure(cr_shards_ranks *ranks, cr_real *blocks,
                                           cr_rank_link *link, cr_error *err);

/* Whether all ranks have this number; false with err where they differ. */
CR_MUST_CHECK bool cr_shards_ranks_compare(cr_shards_ranks *ranks, uint32_t number,
                                           cr_error *err);

/* After a step: the signal that some rank was sent, or 0; whether time was up in one. */
int cr_shards_ranks_signal(const cr_shards_ranks *ranks);
bool cr_shards_ranks_out_of_time(const cr_shards_ranks *ranks);

/* All ranks have failed alike, and some say why in text, others "": the first rank gets
 * what the lowest of them says. */
CR_MUST_CHECK bool cr_shards_ranks_gather(cr_shards_ranks *ranks, char *text, size_t room,
                                          cr_error *err);

#endif
