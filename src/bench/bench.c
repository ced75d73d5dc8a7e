#include "bench/bench.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "bench/bench_floor.h"
#include "bench/bench_memory.h"
#include "bench/bench_peak.h"
#include "math/blas.h"
#include "runs/checkpoint.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* OpenBLAS lets its threads spin for a while after a product before they sleep (0.09 s
 * were measured); they are not to take a processor from the step that is measured next.
 */
static const double settling_seconds = 0.12;

/* One measurement. */
typedef struct entry {
    char *name;
    cr_experiment *experiment;
    cr_trainer *trainer;
    cr_position start; /* of the trainer */
    cr_bench_floor floor;
    /* samples/s, ratio, GFLOP/s and threads of the floor, GFLOP/s of a core */
    double speed[CR_BENCH_ROUNDS], efficiency[CR_BENCH_ROUNDS], limit[CR_BENCH_ROUNDS],
        threads[CR_BENCH_ROUNDS], peak[CR_BENCH_ROUNDS];
    double of_peak[CR_BENCH_ROUNDS]; /* share of what all its threads could do */
} entry;

struct cr_bench {
    entry *entries;           /* [capacity] */
    cr_bench_result *results; /* [capacity] */
    size_t count, capacity;
    double seconds;
    /* bytes of this process: at first; and what the last config that was loaded for
     * itself took on the way and in the end */
    double bare, loading, loaded;
};

static void finish_entry(entry *e)
{
    cr_bench_floor_finish(&e->floor);
    cr_trainer_destroy(e->trainer);
    cr_experiment_destroy(e->experiment);
    cr_free(e->name);
}

cr_bench *cr_bench_create(size_t capacity, double seconds, cr_error *err)
{
    cr_bench *bench = cr_alloc(1, sizeof *bench, err);
    if (!bench)
        return NULL;
    *bench = (cr_bench){.capacity = capacity, .seconds = seconds};
    bench->bare = cr_bench_memory_resident();
    bench->entries = cr_alloc(capacity, sizeof *bench->entries, err);
    bench->results = cr_alloc(capacity, sizeof *bench->results, err);
    if (bench->entries && bench->results)
        return bench;
    cr_bench_destroy(bench);
    return NULL;
}

void cr_bench_destroy(cr_bench *bench)
{
    if (!bench)
        return;
    for (size_t i = bench->count; i-- > 0;) { /* who loaded the data goes last */
        cr_bench_profile_finish(&bench->results[i].profile);
        finish_entry(&bench->entries[i]);
    }
    cr_free(bench->entries);
    cr_free(bench->results);
    cr_free(bench);
}

const cr_bench_result *cr_bench_results(const cr_bench *bench, size_t *count)
{
    *count = bench->count;
    return bench->results;
}

static bool on_step(void *user, const cr_progress *progress)
{
    return progress->seconds < *(const double *)user;
}

/* Seconds of a step: training for a turn. */
static bool measure_step(entry *e, double seconds, double *step, cr_error *err)
{
    cr_callbacks callbacks = {.user = &seconds, .on_step = on_step};
    cr_result result;
    e->trainer->at = e->start;
    if (!cr_trainer_run(e->trainer, &callbacks, &result, err))
        return false;
    *step = (double)e->trainer->batch / result.samples_per_second;
    return true;
}

/* The experiment, with the data of `from` or its own. */
static bool load(cr_bench *bench, entry *e, const cr_recipe *recipe, const entry *from,
                 cr_error *err)
{
    cr_recipe own = *recipe;
    double before = cr_bench_memory_resident();
    own.data = from ? from->experiment->data : NULL;
    cr_bench_memory_reset();
    e->experiment = cr_experiment_create(&own, err);
    if (!e->experiment)
        return false;
    e->experiment->training.epochs = 1000000000; /* a turn ends by time */
    if (!from) {
        bench->loading = cr_bench_memory_peak() - before;
        bench->loaded = cr_bench_memory_resident() - before;
    }
    return true;
}

/* A trainer that has trained a little, and what that took of memory. */
static bool warm_up(const cr_bench *bench, entry *e, cr_bench_result *result,
                    cr_error *err)
{
    double step = 0, before = cr_bench_memory_resident();
    cr_bench_memory_reset();
    e->trainer = cr_trainer_create(e->experiment, true, err);
    if (!e->trainer)
        return false;
    e->start = e->trainer->at;
    if (!measure_step(e, bench->seconds / 2, &step, err))
        return false;
    double training = bench->loaded + cr_bench_memory_peak() - before;
    result->peak_bytes =
        bench->bare + (training > bench->loading ? training : bench->loading);
    return true;
}

bool cr_bench_add(cr_bench *bench, const char *name, const cr_recipe *recipe, bool like,
                  cr_error *err)
{
    entry *e = &bench->entries[bench->count];
    cr_bench_result *result = &bench->results[bench->count];
    e->name = cr_text_copy(name, strlen(name), err);
    bool good = e->name && load(bench, e, recipe, like ? e - 1 : NULL, err) &&
                warm_up(bench, e, result, err);
    if (good) {
        const cr_network *network = e->experiment->model.network;
        result->name = e->name;
        result->batch = e->trainer->batch;
        result->threads = (size_t)e->experiment->training.threads;
        result->columns = network->values[0].size;
        result->epoch_steps = (double)cr_trainer_epoch_steps(e->trainer);
        good = cr_bench_floor_create(&e->floor, network, result->batch, err);
    }
    if (good) {
        result->flops = e->floor.flops;
        bench->count++;
    } else {
        finish_entry(e);
    }
    return good;
}

/* Seconds of the products with the best number of threads. */
static double fastest_floor(const cr_bench_floor *floor, double seconds, double *threads)
{
    int most = cr_blas_processors();
    double best = cr_bench_floor_measure(floor, 1, seconds / most);
    *threads = 1;
    for (int n = 2; n <= most; n++) {
        double found = cr_bench_floor_measure(floor, n, seconds / most);
        if (found < best) {
            best = found;
            *threads = n;
        }
    }
    return best;
}

static bool measure_turn(entry *e, size_t round, double seconds, cr_error *err)
{
    double step = 0, best = 0;
    if (!measure_step(e, seconds, &step, err))
        return false;
    if (e->floor.count > 0)
        best = fastest_floor(&e->floor, seconds, &e->threads[round]);
    cr_clock_sleep(settling_seconds);
    e->peak[round] = cr_bench_peak_measure(seconds / 4) / 1e9;
    e->of_peak[round] = e->floor.flops / step / 1e9 / e->peak[round] /
                        (double)e->experiment->training.threads;
    e->speed[round] = (double)e->trainer->batch / step;
    e->limit[round] = best > 0 ? e->floor.flops / best / 1e9 : 0;
    e->efficiency[round] = best / step;
    return true;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Sorts the values. */
static double median(double values[CR_BENCH_ROUNDS])
{
    qsort(values, CR_BENCH_ROUNDS, sizeof *values, compare);
    return values[CR_BENCH_ROUNDS / 2];
}

static void remove_checkpoints(const char *directory)
{
    char name[CR_CHECKPOINT_NAME];
    while (*cr_checkpoint_last(directory, name)) {
        char *path = cr_path_join(directory, name, NULL);
        bool removed = path && unlink(path) == 0;
        cr_free(path);
        if (!removed)
            break;
    }
    rmdir(directory);
}

static bool measure_checkpoint(const cr_trainer *trainer, double *seconds, cr_error *err)
{
    char directory[] = "/tmp/chainrule-bench-XXXXXX";
    double times[CR_BENCH_ROUNDS];
    if (!mkdtemp(directory))
        return cr_fail(err, CR_E_IO, "cannot make a temporary directory in /tmp");
    const cr_checkpoint_run run = {.bit_exact = true};
    bool good = true;
    for (size_t i = 0; good && i < CR_BENCH_ROUNDS; i++) {
        double began = cr_clock();
        good = cr_checkpoint_save(directory, trainer, &run, err);
        times[i] = cr_clock() - began;
    }
    remove_checkpoints(directory);
    if (good)
        *seconds = median(times);
    return good;
}

/* What the rounds come to, and what is measured once. */
static bool complete(entry *e, double seconds, cr_bench_result *result, cr_error *err)
{
    result->efficiency = median(e->efficiency);
    result->floor_gflops = median(e->limit);
    result->floor_threads = (size_t)median(e->threads);
    result->peak_gflops = median(e->peak);
    result->of_peak = median(e->of_peak);
    result->samples_per_second = median(e->speed);
    result->spread =
        (e->speed[CR_BENCH_ROUNDS - 2] - e->speed[1]) / result->samples_per_second;
    result->gflops =
        result->flops * result->samples_per_second / (double)result->batch / 1e9;
    cr_blas_set_threads(1);
    return cr_bench_profile_measure(&result->profile, e->trainer, seconds, err) &&
           measure_checkpoint(e->trainer, &result->checkpoint_s, err);
}

/* One more turn is done. */
static bool tell(bool (*on_turn)(void *user, double done), void *user, double done,
                 cr_error *err)
{
    return on_turn(user, done) || cr_fail(err, CR_E_USAGE, "interrupted");
}

bool cr_bench_run(cr_bench *bench, bool (*on_turn)(void *user, double done), void *user,
                  cr_error *err)
{
    size_t turns = (CR_BENCH_ROUNDS + 1) * bench->count, done = 0;
    bool good = true;
    for (size_t round = 0; good && round < CR_BENCH_ROUNDS; round++)
        for (size_t i = 0; good && i < bench->count; i++) {
            size_t at = round % 2 ? bench->count - 1 - i : i;
            good = measure_turn(&bench->entries[at], round, bench->seconds, err) &&
                   tell(on_turn, user, (double)++done / (double)turns, err);
        }
    for (size_t i = 0; good && i < bench->count; i++) {
        good = complete(&bench->entries[i], bench->seconds, &bench->results[i], err) &&
               tell(on_turn, user, (double)++done / (double)turns, err);
    }
    return good;
}
