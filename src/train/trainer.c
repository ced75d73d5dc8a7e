#include "train/trainer.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/size.h"
#include "graph/safetensors.h"
#include "graph/workspace.h"
#include "math/blas.h"
#include "math/kernel.h"
#include "train/pieces.h"
#include "train/schedule_plateau.h"
#include "train/trainer_memory.h"
#include "train/trainer_step.h"

#include <inttypes.h>
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

cr_trainer *cr_trainer_create(cr_experiment *experiment, bool fast, cr_error *err)
{
    cr_trainer *trainer = cr_alloc(1, sizeof *trainer, err);
    if (!trainer)
        return NULL;
    trainer->experiment = experiment;
    trainer->at.plateau.factor = 1;
    trainer->batch = cr_size_smaller((size_t)experiment->training.batch_size,
                                     experiment->data->parts[CR_PART_TRAIN].count);
    if (fast)
        trainer->piece = cr_pieces_rows(experiment->model.network, trainer->batch,
                                        (size_t)experiment->training.threads);
    trainer->fused = fast && trainer->piece == 0 && cr_trainer_can_fuse(experiment);
    if (cr_trainer_memory_allocate(trainer, fast, err))
        return trainer;
    cr_trainer_destroy(trainer);
    return NULL;
}

/* Some of the batch's rows, for a message: "rows 5, 17, 3, … of the training data". */
static void list_rows(const uint32_t *rows, size_t count, char out[160])
{
    enum { SHOWN = 5 };
    int used = snprintf(out, 160, "; its batch: row%s ", count == 1 ? "" : "s");
    for (size_t i = 0; i < count && i < SHOWN; i++)
        used += snprintf(out + used, 160 - (size_t)used, "%s%" PRIu32, i ? ", " : "",
                         rows[i]);
    snprintf(out + used, 160 - (size_t)used, "%s (%zu, counted from 0)",
             count > SHOWN ? ", …" : "", count);
}

/* Ends the run, because `what` became NaN or infinite in `step`, counted over the run.
 * Names the first tensor that is not finite, over the `count` examples that the evaluator
 * saw last (0: among the parameters alone), and their rows in the data (NULL: not known).
 */
static bool diverged(run *r, const char *what, size_t step, const cr_evaluator *evaluator,
                     const uint32_t *rows, size_t count)
{
    const cr_experiment *e = r->trainer->experiment;
    char where[160] = "", batch[160] = "";
    char of[40] = "";
    double base = cr_experiment_learning_rate(e),
           rate = cr_trainer_learning_rate(r->trainer);
    bool found = cr_workspace_first_bad(evaluator->workspace, count, where);
    if (rate != base)
        snprintf(of, sizeof of, ", of %g", base);
    if (rows)
        list_rows(rows, count, batch);
    r->result->status = CR_STATUS_DIVERGED;
    return cr_fail(
        r->err, CR_E_DIVERGED,
        "%s became NaN or infinite in epoch %zu, step %zu of the run%s%s%s; try a "
        "smaller learning_rate (now %g%s), and %s",
        what, r->trainer->at.epochs + 1, step,
        found ? ": the first value that is not finite is in " : "", where, batch, rate,
        of,
        e->model.loss.type->classify ? "\"normalize\" for the data"
                                     : "\"normalize\" and \"normalize_target\" for the "
                                       "data");
}

/* In a step over these rows. */
static bool loss_diverged(run *r, const uint32_t *rows, size_t count)
{
    const cr_trainer *t = r->trainer;
    const cr_evaluator *batches = t->batches;
    size_t i = 0;
    if (t->piece) {
        while (isfinite(t->pieces[i].evaluator->shares->sums.loss))
            i++;
        batches = t->pieces[i].evaluator;
        rows += t->pieces[i].first;
        count = t->pieces[i].rows;
    }
    return diverged(r, "the loss", t->at.steps + 1, batches, rows, count);
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
    return t->experiment->data->parts[CR_PART_TRAIN].count / t->batch;
}

/* False when the run is to end after this step. */
static bool report_step(run *r, size_t epoch_steps)
{
    cr_trainer *t = r->trainer;
    const cr_training_section *training = &t->experiment->training;
    double now = cr_clock();
    /* what the log keeps of the last whole batch is in no checkpoint: none comes between
     * that and the epoch's end */
    r->ends = t->logger && t->at.step >= logged_step(t);
    if (t->on_checkpoint && training->checkpoint_seconds > 0 && !r->ends &&
        now - r->checkpointed >= training->checkpoint_seconds && !checkpoint(r, now))
        return false;
    if (training->max_seconds > 0 && now - r->began >= training->max_seconds) {
        r->result->status = CR_STATUS_STOPPED_EARLY;
        return r->ends;
    }
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
    if (r->callbacks->on_step(r->callbacks->user, &progress))
        return true;
    r->result->status = CR_STATUS_INTERRUPTED;
    return r->ends;
}

/* What is left of the epoch's steps; false when the run ends in it, with an error or not.
 */
static bool run_steps(run *r)
{
    cr_trainer *t = r->trainer;
    const cr_part *train = &t->experiment->data->parts[CR_PART_TRAIN];
    size_t batch = t->batch, steps = cr_trainer_epoch_steps(t);
    r->steps_began = cr_clock() - t->at.step_seconds;
    t->known.are_known = false;
    cr_batch_order(train, t->experiment->training.shuffle, (uint64_t)t->experiment->seed,
                   t->at.epochs, t->order);
    bool going = true;
    while (going && t->at.step < steps) {
        size_t first = t->at.step * batch;
        bool logs = t->logger && t->at.step + 1 == logged_step(t);
        if (logs)
            cr_logger_before_step(t->logger);
        size_t count = cr_size_smaller(batch, train->count - first);
        going = cr_trainer_step_take(t, t->order + first, count) ||
                loss_diverged(r, t->order + first, count);
        if (logs && going)
            cr_logger_after_step(t->logger);
        going = going && report_step(r, steps);
    }
    t->at.step_seconds = cr_clock() - r->steps_began;
    return going;
}

static void keep_best(cr_trainer *t, size_t epoch, double value)
{
    bool maximize = t->experiment->stopping.monitor.metric.maximize;
    if (t->best_epoch > 0 && !cr_metric_is_better(maximize, value, t->best_value))
        return;
    const cr_network *network = t->experiment->model.network;
    memcpy(t->best_parameters, network->parameters,
           network->parameter_size * sizeof(cr_real));
    memcpy(t->best_buffers, network->buffers, network->buffer_size * sizeof(cr_real));
    t->best_known = t->known;
    t->best_value = value;
    t->best_epoch = epoch;
}

/* What the figures of an epoch mean for the best model, early stopping and the schedule.
 */
static void judge(cr_trainer *t, const cr_epoch *epoch)
{
    const cr_stopping *stopping = &t->experiment->stopping;
    cr_schedule_watch(&t->experiment->schedule,
                      cr_experiment_learning_rate(t->experiment), epoch, &t->at.plateau);
    if (!t->best_parameters)
        return;
    double value = cr_monitor_value(&stopping->monitor, epoch);
    t->judged++;
    t->has_moved |= t->best_epoch > 0 && value != t->best_value &&
                    !(isnan(value) && isnan(t->best_value));
    double gain = stopping->monitor.metric.maximize ? value - t->at.reference
                                                    : t->at.reference - value;
    bool improves =
        t->best_epoch == 0 ||
        cr_schedule_plateau_improves(gain, stopping->min_delta, stopping->from_best);
    if (improves || (stopping->from_best && gain > 0))
        t->at.reference = value;
    t->at.bad_epochs = improves ? 0 : t->at.bad_epochs + 1;
    keep_best(t, epoch->epoch, value);
}

bool cr_trainer_is_out_of_patience(const cr_trainer *trainer)
{
    const cr_experiment *e = trainer->experiment;
    const cr_stopping *stopping = &e->stopping;
    return (stopping->enabled && trainer->at.bad_epochs > stopping->patience) ||
           cr_schedule_is_over(&e->schedule, cr_experiment_learning_rate(e),
                               &trainer->at.plateau);
}

static bool finish_epoch(run *r)
{
    cr_trainer *t = r->trainer;
    const cr_experiment *e = t->experiment;
    cr_epoch epoch = {.epoch = t->at.epochs + 1, .steps = t->at.steps};
    epoch.train = cr_sums_figures(&t->at.sums, &e->model);
    epoch.validation =
        cr_evaluator_figures(t->figures, &e->data->parts[CR_PART_VALIDATION], t->team);
    t->known = (cr_known_figures){true, epoch.validation};
    char where[160];
    if (cr_workspace_first_bad(t->figures->workspace, 0, where))
        return diverged(r, "a parameter", epoch.steps, t->figures, NULL, 0);
    if (!isfinite(epoch.validation.loss))
        return diverged(r, "the validation loss", epoch.steps, t->figures, NULL,
                        (epoch.validation.examples - 1) % t->figures->rows + 1);
    epoch.learning_rate = cr_trainer_step_rate(t, t->at.steps - 1);
    if (t->logger) {
        epoch.logged = cr_logger_take(t->logger, t->figures, t->at.steps);
        epoch.logged_count = e->log.count;
    }
    judge(t, &epoch);
    epoch.regularization_loss = cr_experiment_penalty(e);
    epoch.parameters_crc32 = cr_safetensors_crc32(e->model.network);
    epoch.seconds = cr_clock() - r->began;
    t->at.epochs++;
    t->at.step = 0;
    t->at.sums = (cr_sums){0};
    return !r->callbacks || !r->callbacks->on_epoch ||
           r->callbacks->on_epoch(r->callbacks->user, &epoch, r->err);
}

/* Figures of a part with the parameters as they are. */
static cr_figures figures_of(cr_trainer *t, int part)
{
    if (part == CR_PART_VALIDATION && t->known.are_known)
        return t->known.figures;
    return cr_evaluator_figures(t->figures, &t->experiment->data->parts[part], t->team);
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
        result->parts[i] = figures_of(t, i);
    result->regularization_loss = cr_experiment_penalty(e);
    result->best_metric = e->stopping.monitor.metric.name;
    result->best_epoch = t->best_epoch;
    result->best_value = t->best_value;
}

static void swap(cr_real *a, cr_real *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cr_real x = a[i];
        a[i] = b[i];
        b[i] = x;
    }
}

/* Puts the best parameters in the place of the last, or takes that back. */
static void exchange_best(cr_trainer *t)
{
    cr_network *network = t->experiment->model.network;
    swap(network->parameters, t->best_parameters, network->parameter_size);
    swap(network->buffers, t->best_buffers, network->buffer_size);
    const cr_known_figures known = t->known;
    t->known = t->best_known;
    t->best_known = known;
    t->restored = !t->restored;
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
        exchange_best(trainer);
    while (going && trainer->at.epochs < (size_t)e->training.epochs &&
           !cr_trainer_is_out_of_patience(trainer))
        going =
            run_steps(&r) && finish_epoch(&r) && result->status == CR_STATUS_COMPLETED;
    if (going && trainer->at.epochs < (size_t)e->training.epochs)
        result->status = CR_STATUS_STOPPED_EARLY;
    if (e->stopping.restore_best && trainer->best_epoch > 0 && r.err->count == 0 &&
        result->status != CR_STATUS_INTERRUPTED)
        exchange_best(trainer);
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
