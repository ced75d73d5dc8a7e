#include "bench/bench_profile.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/size.h"
#include "graph/safetensors.h"

#include <math.h>

const char *const cr_bench_part_names[CR_BENCH_PARTS] = {
    "gather", "forward", "loss", "backward", "update", "optimizer"};

void cr_bench_profile_finish(cr_bench_profile *profile)
{
    cr_free(profile->layers);
    *profile = (cr_bench_profile){0};
}

/* A step whose parts and layers are timed one by one. */
typedef struct profiler {
    cr_trainer *trainer;
    cr_evaluator *evaluator;
    cr_bench_profile *result;
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
    cr_evaluator *v = p->evaluator;
    p->at = cr_clock();
    cr_evaluator_gather(v, e->data->parts[CR_PART_TRAIN].dataset,
                        p->trainer->order + p->pass.before, &p->pass);
    p->result->part_s[CR_BENCH_GATHER] += lap(p);
    for (size_t i = 0; i < network->node_count; i++) {
        network->nodes[i].type->forward(&p->pass, &v->workspace->io[i]);
        double passed = lap(p);
        p->result->part_s[CR_BENCH_FORWARD] += passed;
        p->result->layers[i].forward_s += passed;
    }
    cr_loss_forward(e->model.loss.type, &p->pass, &v->loss);
}

static void profile_backward(profiler *p)
{
    const cr_network *network = p->trainer->experiment->model.network;
    cr_evaluator *v = p->evaluator;
    cr_loss_backward(p->trainer->experiment->model.loss.type, &p->pass, &v->loss);
    p->result->part_s[CR_BENCH_LOSS] += lap(p);
    for (size_t i = network->node_count; i-- > 0;) {
        if (v->workspace->gradients[network->nodes[i].output])
            network->nodes[i].type->backward(&p->pass, &v->workspace->io[i]);
        double passed = lap(p);
        p->result->part_s[CR_BENCH_BACKWARD] += passed;
        p->result->layers[i].backward_s += passed;
    }
}

/* Parameter gradients: at the cost of a fused step, without its effect, where the trainer
 * fuses. */
static void profile_update(profiler *p)
{
    const cr_network *network = p->trainer->experiment->model.network;
    cr_evaluator *v = p->evaluator;
    cr_gradient_sink sink = {p->scratch, -1e-9, 1, 1};
    if (!p->trainer->fused)
        sink = (cr_gradient_sink){p->scratch, 1, 0, 0};
    for (size_t i = network->node_count; i-- > 0;) {
        if (network->nodes[i].trainable)
            network->nodes[i].type->gradient(&p->pass, &v->workspace->io[i], &sink);
        double passed = lap(p);
        p->result->part_s[CR_BENCH_UPDATE] += passed;
        p->result->layers[i].gradient_s += passed;
    }
}

static void profile_optimizer(profiler *p)
{
    const cr_experiment *e = p->trainer->experiment;
    if (p->trainer->fused)
        return;
    cr_step step = {.options = e->optimizer.options,
                    .learning_rate = 0, /* without effect */
                    .penalty = e->penalty,
                    .scale = 1,
                    .limit = INFINITY,
                    .number = 1};
    cr_optimizer_update(&e->optimizer, &step, e->model.network, p->scratch,
                        p->trainer->state, 0, 1);
    p->result->part_s[CR_BENCH_OPTIMIZER] += lap(p);
}

/* Sums over many steps. */
static size_t profile_steps(cr_trainer *trainer, double seconds, cr_real *scratch,
                            cr_bench_profile *result)
{
    const cr_shards *shards = trainer->shards;
    size_t steps = 0, piece = trainer->piece ? trainer->piece
                              : shards       ? shards->batch
                                             : trainer->batch;
    const size_t batch = cr_size_smaller(
        trainer->batch, trainer->experiment->data->parts[CR_PART_TRAIN].count);
    profiler p = {.trainer = trainer,
                  .evaluator = trainer->piece ? trainer->pieces->evaluator
                               : shards       ? shards->batches[0]
                                              : trainer->batches,
                  .result = result,
                  .pass = {.training = true, .shares = 1},
                  .scratch = scratch};
    for (double began = cr_clock(); cr_clock() - began < seconds; steps++) {
        for (size_t at = 0; at < batch; at += piece) {
            p.pass.rows = p.pass.batch_rows = cr_size_smaller(piece, batch - at);
            p.pass.before = at;
            profile_forward(&p);
            profile_backward(&p);
            profile_update(&p);
        }
        profile_optimizer(&p);
    }
    return steps;
}

/* What the trainer does after the steps of an epoch, as the mean of one time or more. */
static void profile_epoch(cr_trainer *t, double seconds, cr_bench_profile *result)
{
    const cr_experiment *e = t->experiment;
    double evaluation = 0, log = 0, began = cr_clock(), at = began;
    size_t times = 0;
    for (; times == 0 || at - began < seconds; times++) {
        double evaluated = 0;
        (void)cr_evaluator_figures(t->figures, &e->data->parts[CR_PART_VALIDATION],
                                   t->team);
        evaluated = cr_clock();
        if (t->logger) {
            cr_logger_before_step(t->logger);
            cr_logger_after_step(t->logger);
            (void)cr_logger_take(t->logger, t->figures, 1);
        }
        (void)cr_experiment_penalty(e);
        (void)cr_safetensors_crc32(e->model.network);
        evaluation += evaluated - at;
        at = cr_clock();
        log += at - evaluated;
    }
    result->evaluation_s = evaluation / (double)times;
    result->log_s = log / (double)times;
}

bool cr_bench_profile_measure(cr_bench_profile *profile, cr_trainer *trainer,
                              double seconds, cr_error *err)
{
    const cr_network *network = trainer->experiment->model.network;
    *profile = (cr_bench_profile){.layer_count = network->node_count};
    profile->layers = cr_alloc(network->node_count, sizeof *profile->layers, err);
    cr_real *scratch = cr_alloc(network->parameter_size, sizeof *scratch, err);
    bool good = profile->layers && scratch;
    if (good) {
        double steps = (double)profile_steps(trainer, seconds, scratch, profile);
        for (int i = 0; i < CR_BENCH_PARTS; i++)
            profile->part_s[i] /= steps;
        for (size_t i = 0; i < profile->layer_count; i++) {
            profile->layers[i].name = network->nodes[i].name;
            profile->layers[i].forward_s /= steps;
            profile->layers[i].backward_s /= steps;
            profile->layers[i].gradient_s /= steps;
        }
        profile_epoch(trainer, seconds, profile);
    }
    cr_free(scratch);
    if (!good)
        cr_bench_profile_finish(profile);
    return good;
}
