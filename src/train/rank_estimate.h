/*
 * What several ranks would bring: the seconds of a step from those of its parts, and from the
 * latency and bandwidth between ranks. A message of n bytes takes latency + n / bandwidth;
 * recursive halving and doubling takes 2 log₂ N messages, of 2 (N − 1) / N of the bytes in
 * all (Thakur, Rabenseifner and Gropp, 2005). That sums overlap with passes is not counted
 * on.
 */
#ifndef CHAINRULE_TRAIN_RANK_ESTIMATE_H
#define CHAINRULE_TRAIN_RANK_ESTIMATE_H

#include <stddef.h>

typedef struct cr_rank_link {
    double latency;   /* seconds */
    double bandwidth; /* bytes a second, each way */
} cr_rank_link;

/* Parts of a step. */
typedef struct cr_rank_work {
    double shard;           /* seconds of a shard's passes, by one thread */
    double update;          /* seconds of the optimizer, which every rank has */
    size_t shards, threads; /* threads: of each rank */
    size_t bytes;           /* that are added up */
} cr_rank_work;

/* Seconds of adding up the step's bytes over so many ranks. */
double cr_rank_estimate_sum(const cr_rank_work *work, const cr_rank_link *link,
                            size_t ranks);

/* Seconds of a step over so many ranks; of one without a link. */
double cr_rank_estimate_step(const cr_rank_work *work, const cr_rank_link *link,
                             size_t ranks);

#endif
