#include "train/trainer.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/size.h"
#include "graph/safetensors.h"
#include "graph/workspace.h"
#include "math/blas.h"
#include "math/kernel.h"
#include "train/divergence.h"
#include "train/pieces.h"
#include "train/schedule_plateau.h"
#include "train/shards_memory.h"
#include "train/shards_step.h"
#include "train/trainer_best.h"
#include "train/trainer_memory.h"
#include "train/trainer_step.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What a call of cr_trainer_run goes through. */
typedef struct run {
    cr_trainer *trainer;
    const cr_callbacks *callbacks;
    cr_result *result;
    cr_error *err;
    /* seconds on the clock: */
    double began;       /* less what the run had spent before this call */
    double steps_began; /* less what the run had spent in steps before it */
    double checkpointed;
    bool ends; /* with the epoch */
} run;

void cr_trainer_destroy(cr_trainer *trainer)
{
    if (!trainer)
        return;
    cr_trainer_memory_free(trainer);
    cr_free(trainer);
}

size_t cr_trainer_state_size(const cr_trainer *trainer)
{
    const cr_experiment *e = trainer->experiment;
    return e->model.network->parameter_size * cr_optimizer_states(&e->optimizer);
}

size_t cr_trainer_epoch_steps(const cr_trainer *trainer)
{
    size_t batch = trainer->batch;
    return (trainer->experiment->data->parts[CR_PART_TRAIN].count + batch - 1) / batch;
}

double cr_trainer_learning_rate(const cr_trainer *trainer)
{
    return cr_trainer_step_rate(trainer, trainer->at.steps);
}

bool cr_trainer_can_fuse(const cr_experiment *e)
{
    const cr_trainer first = {.experiment = (cr_experiment *)e,
                              .at = {.plateau = {.factor = 1}}};
    cr_step step = cr_trainer_step_make(&first, 0);
    cr_gradient_sink sink;
    return e->clipping.norm == 0 && e->optimizer.type->fuse &&
           e->optimizer.type->fuse(&step, NULL, &sink);
}

/* place: NULL for a process that has all of them. */
static bool plan_shards(cr_trainer *t, const cr_shards_place *place, cr_error *err)
{
    const cr_experiment *e = t->experiment;
    size_t shards = (size_t)e->training.shards;
    size_t batch = (size_t)e->training.batch_size / shards;
    size_t rows = (e->data->parts[CR_PART_TRAIN].count + shards - 1) / shards;
    t->shards = cr_alloc(1, sizeof *t->shards, err);
    if (!t->shards)
        return false;
    size_t ranks = place ? (size_t)place->ranks->size : 1;
    *t->shards =
        (cr_shards){.count = shards,
                    .first = place ? shards / ranks * (size_t)place->ranks->rank : 0,
                    .own = shards / ranks,
                    .batch = cr_size_smaller(batch, rows),
                    .block = cr_shards_memory_block(e->model.network)};
    t->batch = t->shards->batch * shards;
    return true;
}

static void plan_batch(cr_trainer *t, bool fast)
{
    const cr_experiment *e = t->experiment;
    t->batch = cr_size_smaller((size_t)e->training.batch_size,
                               e->data->parts[CR_PART_TRAIN].count);
    if (fast)
        t->piece =
            cr_pieces_rows(e->model.network, t->batch, (size_t)e->training.threads);
    t->fused = fast && t->piece == 0 && cr_trainer_can_fuse(e);
}

static cr_trainer *create(cr_experiment *experiment, bool fast,
                          const cr_shards_place *place, cr_error *err)
{
    cr_trainer *trainer = cr_alloc(1, sizeof *trainer, err);
    if (!trainer)
        return NULL;
    trainer->experiment = experiment;
    trainer->at.plateau.factor = 1;
    bool good = true;
    if (experiment->training.shards > 1)
        good = plan_shards(trainer, place, err);
    else
        plan_batch(trainer, fast);
    if (good && cr_trainer_memory_allocate(trainer, fast, place, err))
        return trainer;
    cr_trainer_destroy(trainer);
    return NULL;
}

cr_trainer *cr_trainer_create(cr_experiment *experiment, bool fast, cr_error *err)
{
    return create(experiment, fast, NULL, err);
}

cr_trainer *cr_trainer_create_ranked(cr_experiment *experiment,
                                     const cr_shards_place *place, cr_error *err)
{
    return create(experiment, true, place, err);
}

/* Ends the run in divergence. */
static bool diverged(run *r, const cr_divergence *of)
{
    r->result->status = CR_STATUS_DIVERGED;
    return cr_divergence_fail(r->trainer, of, r->err);
}

/* Parameters that are no longer finite are not worth a checkpoint: the next step will
 * say so. */
static bool checkpoint(run *r, double now)
{
    cr_trainer *t = r->trainer;
    const cr_network *network = t->experiment->model.network;
    r->checkpointed = now;
    if (!cr_kernel_all_finite(network->parameter_size, network->parameters))
        return true;
    t->at.seconds = now - r->began;
    t->at.step_seconds = now - r->steps_began;
    bool good = t->on_checkpoint(t->checkpoint_user, t, r->err);
    r->steps_began += cr_clock() - now;
    return good;
}

/* The number, from 1, of the epoch's last step over a whole batch. */
static size_t logged_step(const cr_trainer *t)
{
    size_t whole = t->experiment->data->parts[CR_PART_TRAIN].count / t->batch;
    return whole > 0 ? whole : 1;
}

static bool is_out_of_time(const run *r, double now)
{
    double most = r->trainer->experiment->training.max_seconds;
    return most > 0 && now - r->began >= most;
}

/* Whether something ends the run here; of several ranks, all know it from the step. */
static bool must_stop(run *r, double now)
{
    const cr_shards *s = r->trainer->shards;
    bool late =
        s && s->ranks ? cr_shards_ranks_out_of_time(s->ranks) : is_out_of_time(r, now);
    if (late)
        r->result->status = CR_STATUS_STOPPED_EARLY;
    if (s && s->ranks && cr_shards_ranks_signal(s->ranks))
        r->result->status = CR_STATUS_INTERRUPTED;
    return r->result->status != CR_STATUS_COMPLETED;
}

/* False when the run is to end after this step. */
static bool report_step(run *r, size_t epoch_steps)
{
    cr_trainer *t = r->trainer;
    const cr_training_section *training = &t->experiment->training;
    double now = cr_clock();
    /* what the log keeps of the last whole batch is in no checkpoint: none comes between
     * that and the epoch's end */
    r->ends = t->experiment->log.count > 0 && t->at.step >= logged_step(t);
    if (t->on_checkpoint && training->checkpoint_seconds > 0 && !r->ends &&
        now - r->checkpointed >= training->checkpoint_seconds && !checkpoint(r, now))
        return false;
    if (must_stop(r, now))
        return r->ends;
    if (!r->callbacks || !r->callbacks->on_step)
        return true;
    const cr_sums *sums = &t->at.sums;
    cr_progress progress = {
        .epoch = t->at.epochs + 1,
        .epochs = (size_t)training->epochs,
        .step = t->at.step,
        .epoch_steps = epoch_steps,
        .total_steps = t->at.steps,
        .samples = sums->examples,
        .loss = cr_sums_figures(sums, &t->experiment->model).loss,
        .accuracy = cr_sums_figures(sums, &t->experiment->model).accuracy,
        .seconds = now - r->steps_began,
    };
    bool goes_on = r->callbacks->on_step(r->callbacks->user, &progress);
    if (goes_on || (t->shards && t->shards->ranks)) /* the next step tells all */
        return true;
    r->result->status = CR_STATUS_INTERRUPTED;
    return r->ends;
}

static void order_rows(cr_trainer *t)
{
    const cr_experiment *e = t->experiment;
    if (t->shards)
        cr_shards_step_order(t);
    else
        cr_batch_order(&e->data->parts[CR_PART_TRAIN], e->training.shuffle,
                       (uint64_t)e->seed, t->at.epochs, t->order);
}

/* The epoch's next step; false when it diverged. */
static bool take_step(run *r)
{
    cr_trainer *t = r->trainer;
    size_t first = t->at.step * t->batch;
    size_t left = t->experiment->data->parts[CR_PART_TRAIN].count - first;
    size_t count = cr_size_smaller(t->batch, left);
    if (t->shards)
        t->shards->out_of_time = is_out_of_time(r, cr_clock());
    if (t->shards ? cr_shards_step_take(t, r->err)
                  : cr_trainer_step_take(t, t->order + first, count))
        return true;
    if (r->err->count > 0)
        return false;
    const cr_divergence where = cr_divergence_find(t, t->order + first, count);
    return diverged(r, &where);
}

/* What is left of the epoch's steps; false when the run ends in it, with an error or not.
 */
static bool run_steps(run *r)
{
    cr_trainer *t = r->trainer;
    size_t steps = cr_trainer_epoch_steps(t);
    r->steps_began = cr_clock() - t->at.step_seconds;
    t->known.are_known = false;
    order_rows(t);
    bool going = true;
    while (going && t->at.step < steps) {
        bool logs = t->logger && t->at.step + 1 == logged_step(t);
        if (logs)
            cr_logger_before_step(t->logger);
        going = take_step(r);
        if (logs && going)
            cr_logger_after_step(t->logger);
        going = going && report_step(r, steps);
    }
    t->at.step_seconds = cr_clock() - r->steps_began;
    return going;
}

bool cr_trainer_is_out_of_patience(const cr_trainer *trainer)
{
    const cr_experiment *e = trainer->experiment;
    const cr_stopping *stopping = &e->stopping;
    return (stopping->enabled && trainer->at.bad_epochs > stopping->patience) ||
           cr_schedule_is_over(&e->schedule, cr_experiment_learning_rate(e),
                               &trainer->at.plateau);
}

/* Figures of a part with the parameters as they are. */
static bool take_figures(run *r, int part, cr_figures *figures)
{
    cr_trainer *t = r->trainer;
    const cr_part *of = &t->experiment->data->parts[part];
    if (t->shards)
        return cr_shards_step_figures(t, of, figures, r->err);
    *figures = cr_evaluator_figures(t->figures, of, t->team);
    return true;
}

/* The values of the log; of several ranks, the first one takes them for all. */
static bool take_log(run *r, cr_epoch *epoch)
{
    cr_trainer *t = r->trainer;
    size_t count = t->experiment->log.count;
    epoch->logged_count = count;
    if (t->logger)
        epoch->logged = cr_logger_take(t->logger, t->figures, t->at.steps);
    if (!t->shards || !t->shards->ranks || count == 0)
        return true;
    double *values = t->shards->logged;
    memset(values, 0, count * sizeof *values);
    if (epoch->logged)
        memcpy(values, epoch->logged, count * sizeof *values);
    epoch->logged = values;
    return cr_shards_ranks_add(t->shards->ranks, values, count, r->err);
}

static bool finish_epoch(run *r)
{
    cr_trainer *t = r->trainer;
    const cr_experiment *e = t->experiment;
    cr_epoch epoch = {.epoch = t->at.epochs + 1, .steps = t->at.steps};
    epoch.train = cr_sums_figures(&t->at.sums, &e->model);
    if (!take_figures(r, CR_PART_VALIDATION, &epoch.validation))
        return false;
    t->known = (cr_known_figures){true, epoch.validation};
    char where[160];
    if (cr_workspace_first_bad(t->figures->workspace, 0, where))
        return diverged(
            r, &(cr_divergence){"a parameter", epoch.steps, t->figures, NULL, 0});
    if (!isfinite(epoch.validation.loss))
        return diverged(
            r, &(cr_divergence){
                   .what = "the validation loss",
                   .step = epoch.steps,
                   .evaluator = t->figures,
                   .count = (epoch.validation.examples - 1) % t->figures->rows + 1});
    epoch.learning_rate = cr_trainer_step_rate(t, t->at.steps - 1);
    if (!take_log(r, &epoch))
        return false;
    cr_trainer_best_judge(t, &epoch);
    epoch.regularization_loss = cr_experiment_penalty(e);
    epoch.parameters_crc32 = cr_safetensors_crc32(e->model.network);
    if (t->shards && t->shards->ranks &&
        !cr_shards_ranks_compare(t->shards->ranks, epoch.parameters_crc32, r->err))
        return false;
    epoch.seconds = cr_clock() - r->began;
    t->at.epochs++;
    t->at.step = 0;
    t->at.sums = (cr_sums){0};
    return !r->callbacks || !r->callbacks->on_epoch ||
           r->callbacks->on_epoch(r->callbacks->user, &epoch, r->err);
}

/* The same, which may be known. */
static bool figures_of(run *r, int part, cr_figures *figures)
{
    const cr_known_figures *known = &r->trainer->known;
    if (part != CR_PART_VALIDATION || !known->are_known)
        return take_figures(r, part, figures);
    *figures = known->figures;
    return true;
}

static void finish(run *r)
{
    cr_trainer *t = r->trainer;
    const cr_experiment *e = t->experiment;
    cr_result *result = r->result;
    t->at.seconds = cr_clock() - r->began;
    result->epochs = t->at.epochs;
    result->steps = t->at.steps;
    result->seconds = t->at.seconds;
    if (t->at.step_seconds > 0)
        result->samples_per_second = (double)t->at.samples / t->at.step_seconds;
    if (r->err->count > 0)
        return;
    bool wanted = !t->without_figures && result->status != CR_STATUS_INTERRUPTED;
    for (int i = 0; i < CR_PARTS && wanted; i++)
        if (!figures_of(r, i, &result->parts[i]))
            return;
    result->regularization_loss = cr_experiment_penalty(e);
    result->best_metric = e->stopping.monitor.metric.name;
    result->best_epoch = t->best_epoch;
    result->best_value = t->best_value;
}

bool cr_trainer_run(cr_trainer *trainer, const cr_callbacks *callbacks, cr_result *result,
                    cr_error *err)
{
    const cr_experiment *e = trainer->experiment;
    cr_error own = CR_ERROR_INIT;
    double now = cr_clock();
    *result = (cr_result){.status = CR_STATUS_COMPLETED};
    run r = {trainer,
             callbacks,
             result,
             err ? err : &own,
             .began = now - trainer->at.seconds,
             .checkpointed = now};
    cr_blas_set_threads(1); /* the team splits the step; BLAS splitting products as well
                               would be in its way */
    bool going = true;
    /* parameters may come from elsewhere since the last call */
    trainer->known.are_known = trainer->best_known.are_known = false;
    if (trainer->restored)
        cr_trainer_best_exchange(trainer);
    while (going && trainer->at.epochs < (size_t)e->training.epochs &&
           !cr_trainer_is_out_of_patience(trainer))
        going =
            run_steps(&r) && finish_epoch(&r) && result->status == CR_STATUS_COMPLETED;
    if (going && trainer->at.epochs < (size_t)e->training.epochs)
        result->status = CR_STATUS_STOPPED_EARLY;
    if (e->stopping.restore_best && trainer->best_epoch > 0 && r.err->count == 0 &&
        result->status != CR_STATUS_INTERRUPTED)
        cr_trainer_best_exchange(trainer);
    finish(&r);
    return r.err->count == 0;
}

bool cr_train(cr_experiment *experiment, const cr_callbacks *callbacks, cr_result *result,
              cr_error *err)
{
    *result = (cr_result){0};
    cr_trainer *trainer = cr_trainer_create(experiment, true, err);
    bool good = trainer && cr_trainer_run(trainer, callbacks, result, err);
    cr_trainer_destroy(trainer);
    return good;
}
