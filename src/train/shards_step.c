#include "train/shards_step.h"

#include "base/clock.h"
#include "base/size.h"
#include "math/blas.h"
#include "train/trainer_step.h"

#include <math.h>
#include <string.h>

/* What the threads of a step have in common. */
typedef struct step_work {
    cr_trainer *trainer;
    size_t rows;         /* of the step */
    double scale;        /* of gradients */
    const cr_part *part; /* to take figures of */
} step_work;

static const cr_part *training_part(const cr_trainer *t)
{
    return &t->experiment->data->parts[CR_PART_TRAIN];
}

/* Rows of the part before own shard k; k = own: before the end of the last. */
static size_t begin_of(const cr_shards *s, const cr_part *part, size_t k)
{
    return cr_shards_begin(part->count, s->count, s->first + k);
}

/* The gradients of own shard k, and behind them its buffers. */
static cr_real *block_of(const cr_trainer *t, size_t k)
{
    return t->gradients + k * t->shards->block;
}

static size_t buffers_at(const cr_trainer *t)
{
    return cr_size_of_lines(t->experiment->model.network->parameter_size);
}

void cr_shards_step_order(cr_trainer *t)
{
    const cr_shards *s = t->shards;
    const cr_part *train = training_part(t);
    for (size_t k = 0; k < s->own; k++) {
        size_t first = begin_of(s, train, k);
        const cr_batch_range range = {first, begin_of(s, train, k + 1) - first,
                                      (uint32_t)(t->at.epochs * s->count + s->first + k)};
        cr_batch_order_range(train, &range, t->experiment->training.shuffle,
                             (uint64_t)t->experiment->seed,
                             t->order + first - begin_of(s, train, 0));
    }
}

/* The pass of own shard k, and where its rows are: *rows. */
static cr_pass pass_of(const cr_trainer *t, size_t k, const uint32_t **rows)
{
    const cr_shards *s = t->shards;
    const cr_part *train = training_part(t);
    size_t count =
        cr_shards_step_rows(train->count, s->count, s->first + k, t->at.step, s->batch);
    *rows =
        t->order + begin_of(s, train, k) - begin_of(s, train, 0) + t->at.step * s->batch;
    return (cr_pass){.training = true,
                     .seed = (uint64_t)t->experiment->seed,
                     .step = t->at.steps,
                     .rows = count,
                     .batch_rows = count,
                     .shares = 1,
                     .before = (s->first + k) * s->batch};
}

/* The pass forward; weights of rows are divided by their mean when it is known. */
static cr_sums pass_forward(cr_trainer *t, cr_evaluator *batches, const cr_pass *pass,
                            const uint32_t *rows)
{
    cr_sums sums = {0};
    const cr_dataset *dataset = training_part(t)->dataset;
    batches->loss.mean_weight = dataset->weights ? 1 : 0;
    if (pass->rows > 0)
        cr_evaluator_forward(batches, dataset, rows, pass, &sums);
    return sums;
}

/* The buffers as this shard alone would leave them. */
static void commit(const cr_trainer *t, const cr_pass *pass, const cr_evaluator *batches,
                   cr_real *buffers)
{
    const cr_network *network = t->experiment->model.network;
    memcpy(buffers, network->buffers, network->buffer_size * sizeof *buffers);
    for (size_t i = 0; pass->rows > 0 && i < network->node_count; i++)
        if (network->nodes[i].type->commit)
            network->nodes[i].type->commit(pass, &batches->workspace->io[i], buffers);
}

static void on_node(void *user, size_t node)
{
    cr_shards_ranks_pass(user, node);
}

/* Backward and gradient, into the block. */
static void pass_backward(cr_trainer *t, cr_evaluator *batches, const cr_pass *pass,
                          const cr_gradient_sink *sink)
{
    const cr_experiment *e = t->experiment;
    const cr_workspace_watch watch = {on_node, t->shards->ranks};
    cr_loss_backward(e->model.loss.type, pass, &batches->loss);
    cr_workspace_backward_whole(pass, batches->workspace, sink,
                                t->shards->ranks ? &watch : NULL);
}

/* Without rows, or a loss. */
static void pass_nothing(cr_trainer *t, cr_real *block)
{
    const cr_network *network = t->experiment->model.network;
    memset(block, 0, network->parameter_size * sizeof *block);
    for (size_t i = network->node_count; t->shards->ranks && i-- > 0;)
        cr_shards_ranks_pass(t->shards->ranks, i);
}

/* Forward, backward and gradient of own shard k, by one thread. */
static void pass_shard(const step_work *w, size_t thread, size_t k)
{
    cr_trainer *t = w->trainer;
    cr_evaluator *batches = t->shards->batches[thread];
    cr_real *block = block_of(t, k);
    const uint32_t *rows = NULL;
    const cr_pass pass = pass_of(t, k, &rows);
    const cr_gradient_sink sink = {block, (double)pass.rows / (double)w->rows, 0, 0};
    cr_sums sums = pass_forward(t, batches, &pass, rows);
    if (pass.rows > 0 && isfinite(sums.loss))
        pass_backward(t, batches, &pass, &sink);
    else
        pass_nothing(t, block);
    commit(t, &pass, batches, block + buffers_at(t));
    t->shards->sums[k].sums = sums;
}

static void pass_share(void *context, size_t share, size_t shares)
{
    const step_work *w = context;
    size_t own = w->trainer->shards->own;
    for (size_t k = own * share / shares; k < own * (share + 1) / shares; k++)
        pass_shard(w, share, k);
}

/* Adds the blocks of the shards up in the first, in the order of a tree. */
static void add_share(void *context, size_t share, size_t shares)
{
    const step_work *w = context;
    const cr_shards *s = w->trainer->shards;
    size_t lines = s->block / 16;
    size_t first = lines * share / shares * 16, last = lines * (share + 1) / shares * 16;
    for (size_t across = 1; across < s->own; across *= 2)
        for (size_t k = 0; k < s->own; k += 2 * across) {
            cr_real *restrict sum = block_of(w->trainer, k);
            const cr_real *restrict other = block_of(w->trainer, k + across);
            for (size_t i = first; i < last; i++)
                sum[i] += other[i];
        }
}

/* Those of the shards, added up in the same order. */
static cr_sums add_sums(cr_shards *s)
{
    for (size_t across = 1; across < s->own; across *= 2)
        for (size_t k = 0; k < s->own; k += 2 * across)
            cr_sums_add(&s->sums[k].sums, &s->sums[k + across].sums);
    return s->sums[0].sums;
}

static void scale_share(void *context, size_t share, size_t shares)
{
    const step_work *w = context;
    size_t lines = buffers_at(w->trainer) / 16;
    size_t last = lines * (share + 1) / shares * 16;
    const cr_real scale = (cr_real)w->scale;
    for (size_t i = lines * share / shares * 16; i < last; i++)
        w->trainer->gradients[i] *= scale;
}

/* The step, when the sums of all shards are in the first block. */
static void apply(step_work *w, const cr_sums *sums)
{
    cr_trainer *t = w->trainer;
    cr_network *network = t->experiment->model.network;
    const cr_real *buffers = t->gradients + buffers_at(t);
    const cr_real share = 1 / (cr_real)t->shards->count; /* a power of two: exact */
    if (training_part(t)->dataset->weights && sums->weight > 0) {
        w->scale = (double)w->rows / sums->weight;
        cr_team_run(t->team, scale_share, w);
    }
    cr_step step = cr_trainer_step_make(t, sums->weight);
    cr_trainer_step_apply(t, &step);
    for (size_t i = 0; i < network->buffer_size; i++)
        network->buffers[i] = buffers[i] * share;
}

/* Passes the own shards, and adds up what all leave. */
static bool pass_all(step_work *w, cr_sums *sums, cr_error *err)
{
    cr_trainer *t = w->trainer;
    cr_shards *s = t->shards;
    if (s->ranks)
        cr_shards_ranks_begin(s->ranks, t->gradients);
    cr_team_run(t->team, pass_share, w);
    if (!s->ranks)
        cr_team_run(t->team, add_share, w);
    *sums = add_sums(s);
    return !s->ranks || cr_shards_ranks_end(s->ranks, s->out_of_time, sums, err);
}

bool cr_shards_step_take(cr_trainer *t, cr_error *err)
{
    cr_shards *s = t->shards;
    step_work work = {.trainer = t};
    for (size_t i = 0; i < s->count; i++)
        work.rows += cr_shards_step_rows(training_part(t)->count, s->count, i, t->at.step,
                                         s->batch);
    cr_sums sums;
    if (!pass_all(&work, &sums, err) || !isfinite(sums.loss))
        return false;
    apply(&work, &sums);
    cr_sums_add(&t->at.sums, &sums);
    t->at.step++;
    t->at.steps++;
    t->at.samples += work.rows;
    return true;
}

cr_rank_work cr_shards_step_measure(cr_trainer *t)
{
    enum { TIMES = 5 };
    const double enough = 0.5; /* seconds */
    cr_shards *s = t->shards;
    struct cr_shards_ranks *ranks = s->ranks;
    step_work work = {.trainer = t, .rows = s->batch * s->count, .scale = 1};
    cr_rank_work of = {.shard = INFINITY,
                       .update = INFINITY,
                       .shards = s->count,
                       .threads = cr_team_members(t->team),
                       .bytes = s->block * sizeof(cr_real)};
    s->ranks = NULL; /* nobody else is here */
    cr_blas_set_threads(1);
    cr_shards_step_order(t);
    double began = cr_clock(),
           states = (double)cr_optimizer_states(&t->experiment->optimizer);
    for (size_t i = 0; i < TIMES && (i < 2 || cr_clock() - began < enough); i++) {
        double at = cr_clock();
        pass_shard(&work, 0, 0);
        double passed = cr_clock();
        scale_share(&work, 0, 1);
        of.shard = fmin(of.shard, passed - at);
        of.update = fmin(of.update, (1.5 + states) * (cr_clock() - passed));
    }
    s->ranks = ranks;
    return of;
}

const cr_evaluator *cr_shards_step_find_bad(cr_trainer *t, const uint32_t **rows,
                                            size_t *count)
{
    cr_evaluator *batches = t->shards->batches[0];
    for (size_t k = 0; k < t->shards->own; k++) {
        const cr_pass pass = pass_of(t, k, rows);
        const cr_sums sums = pass_forward(t, batches, &pass, *rows);
        *count = pass.rows;
        if (!isfinite(sums.loss))
            return batches;
    }
    return NULL;
}

static void figures_share(void *context, size_t share, size_t shares)
{
    const step_work *w = context;
    cr_shards *s = w->trainer->shards;
    for (size_t k = s->own * share / shares; k < s->own * (share + 1) / shares; k++) {
        size_t first = begin_of(s, w->part, k);
        s->sums[k].sums = cr_evaluator_sums(s->evaluators[share], w->part, first,
                                            begin_of(s, w->part, k + 1) - first);
    }
}

bool cr_shards_step_figures(cr_trainer *t, const cr_part *part, cr_figures *figures,
                            cr_error *err)
{
    step_work work = {.trainer = t, .part = part};
    cr_sums sums = {0};
    if (part->dataset) {
        cr_team_run(t->team, figures_share, &work);
        sums = add_sums(t->shards);
        if (t->shards->ranks && !cr_shards_ranks_add_sums(t->shards->ranks, &sums, err))
            return false;
    }
    *figures = cr_sums_figures(&sums, &t->experiment->model);
    return true;
}
