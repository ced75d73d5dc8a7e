#include "bench/bench_advice.h"

#include <stdio.h>
#include <string.h>

/* Shares from which on something is worth a word: of a step, and of an epoch. */
static const double large_part = 0.5, large_rest = 0.4;
/* More threads are to give so much more to be worth their processors. */
static const double worth = 1.05;
/* The products are so small a part of so short a step that calls are most of it. */
static const double few_products = 0.3, short_step = 20e-6;

/* The result with fewer threads that is about as fast as results[index], or faster, with
 * the fewest; NULL: there is none. */
static const cr_bench_result *find_as_fast(const cr_bench_result *results, size_t count,
                                           size_t index)
{
    const cr_bench_result *mine = &results[index], *found = NULL;
    for (size_t i = 0; i < count; i++) {
        const cr_bench_result *r = &results[i];
        if (strcmp(r->name, mine->name) == 0 && r->threads < mine->threads &&
            r->samples_per_second * worth > mine->samples_per_second &&
            (!found || r->threads < found->threads))
            found = r;
    }
    return found;
}

/* On the parts of a step; false: nothing to say. */
static bool advise_on_step(const cr_bench_result *r, char out[CR_BENCH_ADVICE])
{
    const double *part = r->profile.part_s;
    double total = 0;
    for (int i = 0; i < CR_BENCH_PARTS; i++)
        total += part[i];
    double weights = part[CR_BENCH_OPTIMIZER] + part[CR_BENCH_UPDATE];
    double step = (double)r->batch / r->samples_per_second;
    if (part[CR_BENCH_OPTIMIZER] >= large_part * total)
        snprintf(out, CR_BENCH_ADVICE,
                 "optimizer %.0f%% of a step at batch %zu: it costs the same at every "
                 "batch; a "
                 "larger training.batch_size makes an epoch faster",
                 100 * part[CR_BENCH_OPTIMIZER] / total, r->batch);
    else if (part[CR_BENCH_GATHER] >= large_part * total)
        snprintf(out, CR_BENCH_ADVICE,
                 "gather %.0f%% of a step: the network is small beside its rows of %zu "
                 "values; "
                 "fewer columns make it faster, more units cost little",
                 100 * part[CR_BENCH_GATHER] / total, r->columns);
    else if (r->efficiency < few_products && step < short_step)
        snprintf(out, CR_BENCH_ADVICE,
                 "a step takes %.1f µs, its products %.1f µs: calls are most of it; a "
                 "larger training.batch_size makes an epoch faster",
                 1e6 * step, 1e6 * step * r->efficiency);
    else if (r->efficiency < large_part && weights >= large_part * total && r->batch < 32)
        snprintf(out, CR_BENCH_ADVICE,
                 "update %.0f%% of a step at batch %zu: every step goes through all "
                 "weights; a "
                 "larger training.batch_size makes an epoch faster",
                 100 * weights / total, r->batch);
    else
        return false;
    return true;
}

const char *cr_bench_advice_give(const cr_bench_result *results, size_t count,
                                 size_t index, char out[CR_BENCH_ADVICE])
{
    const cr_bench_result *r = &results[index];
    const cr_bench_result *fewer = find_as_fast(results, count, index);
    double steps = r->epoch_steps * (double)r->batch / r->samples_per_second;
    double evaluation = r->profile.evaluation_s, log = r->profile.log_s;
    double epoch = steps + evaluation + log;
    if (fewer)
        snprintf(
            out, CR_BENCH_ADVICE,
            "%zu threads have %.2f times the speed of %zu: training.threads=%zu does "
            "as well",
            r->threads, r->samples_per_second / fewer->samples_per_second, fewer->threads,
            fewer->threads);
    else if (log >= large_rest * epoch)
        snprintf(out, CR_BENCH_ADVICE,
                 "log %.0f%% of an epoch: a shorter \"log\" makes it faster",
                 100 * log / epoch);
    else if (evaluation >= large_rest * epoch)
        snprintf(out, CR_BENCH_ADVICE,
                 "evaluation %.0f%% of an epoch: a smaller data.validation makes it "
                 "faster",
                 100 * evaluation / epoch);
    else if (!advise_on_step(r, out))
        return NULL;
    return out;
}
