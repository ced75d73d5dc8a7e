#include "bench/bench.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "bench/bench_floor.h"
#include "runs/checkpoint.h"
#include "train/trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const cr_bench_part_names[CR_BENCH_PARTS] = {
    "gather", "forward", "loss", "backward", "update", "optimizer"};
/* OpenBLAS lets its threads spin for a while after a product before they sleep (0.09 s
 * were measured); they are not to take a processor from the step that is measured next.
 */
static const double settling_seconds = 0.12;

enum { GATHER, FORWARD, LOSS, BACKWARD, UPDATE, OPTIMIZER };

void cr_bench_finish(cr_bench_result *result)
{
    cr_free(result->layers);
    result->layers = NULL;
}

static bool on_step(void *user, const cr_progress *progress)
{
    return progress->seconds < *(const double *)user;
}

/* Seconds of a step: training for a turn. */
static bool measure_step(cr_trainer *trainer, double seconds, double *step, cr_error *err)
{
    cr_callbacks callbacks = {.user = &seconds, .on_step = on_step};
    cr_result result;
    trainer->at = (cr_position){0};
    if (!cr_trainer_run(trainer, &callbacks, &result, err))
        return false;
    *step = (double)trainer->batches->rows / result.samples_per_second;
    return true;
}

static double fastest_floor(const cr_bench_floor *floor, double seconds, size_t *threads)
{
    int most = cr_blas_processors();
    double best = cr_bench_floor_measure(floor, 1, seconds / most);
    *threads = 1;
    for (int n = 2; n <= most; n++) {
        double found = cr_bench_floor_measure(floor, n, seconds / most);
        if (found < best) {
            best = found;
            *threads = (size_t)n;
        }
    }
    return best;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

/* A step whose parts and layers are timed one by one. */
typedef struct profiler {
    cr_trainer *trainer;
    cr_bench_result *result;
    cr_pass pass;
    cr_real *scratch; /* [parameter_size] where gradients go */
    double at;        /* on the clock: the end of what was timed last */
} profiler;

/* Seconds since the last call. */
static double lap(profiler *p)
{
    double before = p->at;
    p->at = cr_clock();
    return p->at - before;
}

static void profile_forward(profiler *p)
{
    const cr_experiment *e = p->trainer->experiment;
    const cr_network *network = e->model.network;
    cr_evaluator *v = p->trainer->batches;
    p->at = cr_clock();
    cr_batch_gather(e->data->parts[CR_PART_TRAIN].dataset, p->trainer->order, v->rows,
                    v->workspace->values[0], &v->loss.targets);
    p->result->part_s[GATHER] += lap(p);
    for (size_t i = 0; i < network->node_count; i++) {
        network->nodes[i].type->forward(&p->pass, &v->workspace->io[i]);
        double passed = lap(p);
        p->result->part_s[FORWARD] += passed;
        p->result->layers[i].forward_s += passed;
    }
    cr_loss_forward(e->model.loss.type, &p->pass, &v->loss);
}

static void profile_backward(profiler *p)
{
    const cr_network *network = p->trainer->experiment->model.network;
    cr_evaluator *v = p->trainer->batches;
    cr_loss_backward(p->trainer->experiment->model.loss.type, &p->pass, &v->loss);
    p->result->part_s[LOSS] += lap(p);
    for (size_t i = network->node_count; i-- > 0;) {
        if (v->workspace->gradients[network->nodes[i].output])
            network->nodes[i].type->backward(&p->pass, &v->workspace->io[i]);
        double passed = lap(p);
        p->result->part_s[BACKWARD] += passed;
        p->result->layers[i].backward_s += passed;
    }
}

/* Parameter gradients: at the cost of a fused step, without its effect, where the trainer
 * fuses; and the optimizer where it does not. */
static void profile_update(profiler *p)
{
    const cr_experiment *e = p->trainer->experiment;
    cr_network *network = e->model.network;
    cr_evaluator *v = p->trainer->batches;
    cr_gradient_sink sink = {p->scratch, -1e-9, 1, 1};
    if (!p->trainer->fused)
        sink = (cr_gradient_sink){p->scratch, 1, 0, 0};
    for (size_t i = network->node_count; i-- > 0;) {
        if (network->nodes[i].trainable)
            network->nodes[i].type->gradient(&p->pass, &v->workspace->io[i], &sink);
        double passed = lap(p);
        p->result->part_s[UPDATE] += passed;
        p->result->layers[i].gradient_s += passed;
    }
    if (p->trainer->fused)
        return;
    cr_step step = {.options = e->optimizer.options,
                    .learning_rate = 0, /* without effect */
                    .penalty = e->penalty,
                    .scale = 1,
                    .limit = INFINITY,
                    .number = 1};
    cr_optimizer_update(&e->optimizer, &step, network, p->scratch, p->trainer->state, 0,
                        1);
    p->result->part_s[OPTIMIZER] += lap(p);
}

static bool profile(cr_trainer *trainer, double seconds, cr_bench_result *result,
                    cr_error *err)
{
    const cr_network *network = trainer->experiment->model.network;
    result->layer_count = network->node_count;
    result->layers = cr_alloc(network->node_count, sizeof *result->layers, err);
    cr_real *scratch = cr_alloc(network->parameter_size, sizeof *scratch, err);
    bool good = result->layers && scratch;
    size_t steps = 0;
    size_t rows = trainer->batches->rows;
    profiler p = {trainer, result, {.training = true, .rows = rows}, scratch, 0};
    p.pass.batch_rows = rows;
    p.pass.shares = 1;
    for (double began = cr_clock(); good && cr_clock() - began < seconds; steps++) {
        profile_forward(&p);
        profile_backward(&p);
        profile_update(&p);
    }
    cr_free(scratch);
    for (int i = 0; good && i < CR_BENCH_PARTS; i++)
        result->part_s[i] /= (double)steps;
    for (size_t i = 0; good && i < result->layer_count; i++) {
        result->layers[i].name = network->nodes[i].name;
        result->layers[i].forward_s /= (double)steps;
        result->layers[i].backward_s /= (double)steps;
        result->layers[i].gradient_s /= (double)steps;
    }
    return good;
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
    double times[CR_BENCH_REPEATS];
    if (!mkdtemp(directory))
        return cr_fail(err, CR_E_IO, "cannot make a temporary directory in /tmp");
    const cr_checkpoint_run run = {.bit_exact = true};
    bool good = true;
    for (size_t i = 0; good && i < CR_BENCH_REPEATS; i++) {
        double began = cr_clock();
        good = cr_checkpoint_save(directory, trainer, &run, err);
        times[i] = cr_clock() - began;
    }
    remove_checkpoints(directory);
    if (good)
        *seconds = median(times, CR_BENCH_REPEATS);
    return good;
}

static bool measure(cr_trainer *trainer, const cr_bench_floor *floor, double seconds,
                    cr_bench_result *result, cr_error *err)
{
    double speed[CR_BENCH_REPEATS], efficiency[CR_BENCH_REPEATS], limit[CR_BENCH_REPEATS],
        step = 0;
    if (!measure_step(trainer, seconds / 2, &step, err)) /* warm-up */
        return false;
    for (size_t i = 0; i < CR_BENCH_REPEATS; i++) {
        if (!measure_step(trainer, seconds, &step, err))
            return false;
        double best =
            floor->count ? fastest_floor(floor, seconds, &result->floor_threads) : 0;
        cr_clock_sleep(settling_seconds);
        speed[i] = (double)result->batch / step;
        limit[i] = best > 0 ? floor->flops / best / 1e9 : 0;
        efficiency[i] = best / step;
    }
    result->efficiency = median(efficiency, CR_BENCH_REPEATS);
    result->floor_gflops = median(limit, CR_BENCH_REPEATS);
    result->samples_per_second = median(speed, CR_BENCH_REPEATS);
    result->spread =
        (speed[CR_BENCH_REPEATS - 2] - speed[1]) / result->samples_per_second;
    result->gflops =
        floor->flops * result->samples_per_second / (double)result->batch / 1e9;
    cr_blas_set_threads(1);
    return profile(trainer, seconds, result, err) &&
           measure_checkpoint(trainer, &result->checkpoint_s, err);
}

bool cr_bench_run(cr_experiment *experiment, double seconds, cr_bench_result *result,
                  cr_error *err)
{
    *result = (cr_bench_result){.threads = (size_t)experiment->training.threads};
    experiment->training.epochs = 1000000000; /* a turn ends by time */
    cr_trainer *trainer = cr_trainer_create(experiment, true, err);
    cr_bench_floor floor = {0};
    bool good = trainer != NULL;
    if (good) {
        result->batch = trainer->batches->rows;
        good = cr_bench_floor_create(&floor, experiment->model.network, result->batch,
                                     err) &&
               measure(trainer, &floor, seconds, result, err);
    }
    cr_bench_floor_finish(&floor);
    cr_trainer_destroy(trainer);
    if (!good)
        cr_bench_finish(result);
    return good;
}
