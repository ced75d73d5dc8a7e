#include "commands/ranks_table.h"

#include "base/number.h"
#include "commands/print.h"
#include "train/shards_step.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Of Ethernet with 10 Gbit/s. */
static const cr_rank_link usual = {.latency = 30e-6, .bandwidth = 1.1e9};

static bool read_number(const char *flag, const char *text, double *number, cr_error *err)
{
    if (!text ||
        (cr_number_parse(text, strlen(text), number) && *number > 0 && isfinite(*number)))
        return true;
    return cr_fail(err, CR_E_USAGE, "--%s %s: expected a number above 0", flag, text);
}

static bool read_ranks(const char *text, size_t *ranks, cr_error *err)
{
    double number = 0;
    bool good = cr_number_parse(text, strlen(text), &number) && number >= 2 &&
                number <= CR_MOST_SHARDS && number == floor(number);
    *ranks = good ? (size_t)number : 0;
    if (good && (*ranks & (*ranks - 1)) == 0)
        return true;
    return cr_fail(err, CR_E_USAGE,
                   "--ranks %s: expected a power of two from 2 to %d, as gradients are "
                   "added up in pairs",
                   text, CR_MOST_SHARDS);
}

/* A shard a rank, where the config has fewer. */
static bool plan(cr_experiment *e, size_t ranks, cr_error *err)
{
    if (!e->model.loss.type)
        return cr_fail(err, CR_E_USAGE,
                       "--ranks: this config is a graph, which is not trained");
    if ((size_t)e->training.shards < ranks)
        e->training.shards = (int64_t)ranks;
    if (e->training.batch_size % e->training.shards != 0 ||
        e->data->parts[CR_PART_TRAIN].count < (size_t)e->training.shards)
        return cr_fail(err, CR_E_USAGE,
                       "--ranks: %" PRId64 " shards have to divide the batch_size, which "
                       "is %" PRId64 ", and to have a row each; take fewer ranks or "
                       "another batch_size",
                       e->training.shards, e->training.batch_size);
    e->training.threads = 1;
    return true;
}

static void print(const cr_rank_work *work, const cr_rank_link *link, size_t most)
{
    double alone = cr_rank_estimate_step(work, NULL, 1);
    char bytes[CR_NUMBER_TEXT];
    cr_print("  over ranks of one thread, by a step that was measured here; latency %g "
             "us, %g MB/s, %s of gradients\n",
             link->latency * 1e6, link->bandwidth / 1e6,
             cr_number_format_bytes((double)work->bytes, bytes));
    cr_print("    %5s %12s %14s %10s\n", "ranks", "ms a step", "of it in sums",
             "speed-up");
    for (size_t n = 1; n <= most; n *= 2) {
        double step = cr_rank_estimate_step(work, link, n);
        double sum = n > 1 ? cr_rank_estimate_sum(work, link, n) : 0;
        cr_print("    %5zu %12.4g %14.4g %10.2f\n", n, step * 1e3, sum * 1e3,
                 alone / step);
    }
}

bool cr_ranks_table_print(const cr_ranks_table *table, cr_experiment *experiment,
                          cr_error *err)
{
    cr_rank_link link = usual;
    size_t ranks = 0;
    if (!read_ranks(table->ranks, &ranks, err) ||
        !read_number("latency", table->latency, &link.latency, err) ||
        !read_number("bandwidth", table->bandwidth, &link.bandwidth, err) ||
        !plan(experiment, ranks, err))
        return false;
    cr_trainer *trainer = cr_trainer_create(experiment, true, err);
    if (!trainer)
        return false;
    const cr_rank_work work = cr_shards_step_measure(trainer);
    print(&work, &link, ranks);
    cr_trainer_destroy(trainer);
    return true;
}
