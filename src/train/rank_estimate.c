#include "train/rank_estimate.h"

#include <math.h>

double cr_rank_estimate_sum(const cr_rank_work *work, const cr_rank_link *link,
                            size_t ranks)
{
    double n = (double)ranks;
    /* and the step's losses, which are exchanged whole */
    return 3 * log2(n) * link->latency +
           2 * (n - 1) / n * (double)work->bytes / link->bandwidth;
}

double cr_rank_estimate_step(const cr_rank_work *work, const cr_rank_link *link,
                             size_t ranks)
{
    size_t own = work->shards / ranks;
    size_t threads = work->threads < own ? work->threads : own;
    double rounds = (double)((own + threads - 1) / threads);
    double passes = rounds * work->shard + work->update;
    return ranks > 1 ? passes + cr_rank_estimate_sum(work, link, ranks) : passes;
}
