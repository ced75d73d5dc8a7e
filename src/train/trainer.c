#include "train/trainer.h"

#include "base/clock.h"
#include "base/memory.h"
#include "graph/safetensors.h"
#include "math/blas.h"

#include <math.h>
#include <string.h>

enum { FIGURE_ROWS = 256 }; /* of a batch when only figures are wanted */

/* What changes while a run goes on. */
typedef struct run {
    cr_trainer *trainer;
    const cr_callbacks *callbacks;
    cr_result *result;
    cr_error *err;
    double began;        /* seconds on the clock */
    double step_seconds; /* spent in steps in epochs before this one */
    double epoch_began;
    cr_sums sums;   /* of the epoch */
    size_t samples; /* of the run */
} run;

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

void cr_trainer_destroy(cr_trainer *trainer)
{
    if (!trainer)
        return;
    cr_team_destroy(trainer->team);
    cr_evaluator_destroy(trainer->batches);
    cr_evaluator_destroy(trainer->figures);
    cr_free(trainer->order);
    cr_free(trainer->gradients);
    cr_free(trainer->state);
    cr_free(trainer->best_parameters);
    cr_free(trainer->best_buffers);
    cr_free(trainer);
}

/* Whether some layer needs the whole batch at once, so that a step cannot be split. */
static bool rows_depend(const cr_network *network)
{
    for (size_t i = 0; i < network->node_count; i++)
        if (network->nodes[i].type->rows_depend)
            return true;
    return false;
}

static bool allocate(cr_trainer *t, cr_error *err)
{
    const cr_experiment *e = t->experiment;
    const cr_network *network = e->model.network;
    const cr_part *train = &e->data.parts[CR_PART_TRAIN];
    size_t rows = smaller((size_t)e->training.batch_size, train->count);
    t->batches = cr_evaluator_create(&e->model, rows, true, err);
    t->figures = cr_evaluator_create(&e->model, FIGURE_ROWS, false, err);
    t->order = cr_alloc(train->count, sizeof *t->order, err);
    bool good = t->batches && t->figures && t->order;
    if (good && e->training.threads > 1 && !rows_depend(network)) {
        t->team = cr_team_create((size_t)e->training.threads, err);
        good = t->team != NULL;
    }
    if (good && t->fused)
        cr_workspace_pass_biases_on(t->batches->workspace);
    if (good && !t->fused) {
        t->gradients = cr_alloc(network->parameter_size, sizeof(cr_real), err);
        good = t->gradients != NULL;
    }
    if (good && e->optimizer.type->state_size > 0) {
        size_t size = 0;
        good = cr_multiply(network->parameter_size, e->optimizer.type->state_size, &size);
        t->state = good ? cr_alloc(size, sizeof(cr_real), err) : NULL;
        good = t->state != NULL;
    }
    if (good && e->data.parts[CR_PART_VALIDATION].dataset) {
        t->best_parameters = cr_alloc(network->parameter_size, sizeof(cr_real), err);
        t->best_buffers = cr_alloc(network->buffer_size, sizeof(cr_real), err);
        good = t->best_parameters && t->best_buffers;
    }
    return good;
}

cr_trainer *cr_trainer_create(cr_experiment *experiment, bool fused, cr_error *err)
{
    cr_trainer *trainer = cr_alloc(1, sizeof *trainer, err);
    if (!trainer)
        return NULL;
    trainer->experiment = experiment;
    trainer->fused = fused && experiment->optimizer.type->fuse;
    if (allocate(trainer, err))
        return trainer;
    cr_trainer_destroy(trainer);
    return NULL;
}

/* Ends the run, because `what` became NaN or infinite in `step`, counted over the run.
 * Names the first tensor that is not finite, over `rows` rows of what the evaluator saw
 * last (0: among the parameters alone). */
static bool diverged(run *r, const char *what, size_t epoch, size_t step,
                     const cr_evaluator *evaluator, size_t rows)
{
    char where[160] = "";
    bool found = cr_network_first_bad(evaluator->workspace, rows, where);
    r->result->status = CR_STATUS_DIVERGED;
    return cr_fail(
        r->err, CR_E_DIVERGED,
        "%s became NaN or infinite in epoch %zu, step %zu of the run%s%s; try a "
        "smaller learning_rate (now %g), and \"normalize\" for the data",
        what, epoch, step, found ? ": the first value that is not finite is in " : "",
        where, cr_experiment_learning_rate(r->trainer->experiment));
}

/* What the shares of a step have in common. */
typedef struct step_work {
    run *run;
    const uint32_t *rows; /* of the batch, in the dataset */
    cr_pass batch;
    cr_gradient_sink sink;
} step_work;

/* Forward and backward by the rows of the batch. */
static void pass_share(void *context, size_t share, size_t shares)
{
    step_work *w = context;
    cr_trainer *t = w->run->trainer;
    const cr_experiment *e = t->experiment;
    cr_evaluator *batches = t->batches;
    cr_pass pass = cr_pass_share(&w->batch, share, shares);
    cr_sums sums = {0};
    if (pass.rows > 0)
        cr_evaluator_forward(batches, e->data.parts[CR_PART_TRAIN].dataset, w->rows,
                             &pass, &sums);
    batches->shares[share].sums = sums;
    if (pass.rows > 0 && isfinite(sums.loss)) {
        e->model.loss.type->backward(&pass, &batches->loss);
        cr_network_backward(&pass, batches->workspace);
    }
}

/* The parameters by their rows, when all rows of the batch are done. */
static void gradient_share(void *context, size_t share, size_t shares)
{
    step_work *w = context;
    cr_pass pass = cr_pass_share(&w->batch, share, shares);
    cr_network_gradient(&pass, w->run->trainer->batches->workspace, &w->sink);
}

/* What is left of a step when the gradients are there (or, fused, in the parameters
 * already). */
static void finish_step(cr_trainer *t, const cr_pass *pass, const cr_step *step)
{
    const cr_experiment *e = t->experiment;
    cr_network *network = e->model.network;
    if (!t->fused)
        cr_optimizer_update(e->optimizer.type, step, network, t->gradients, t->state);
    for (size_t i = 0; i < network->node_count; i++)
        if (network->nodes[i].type->commit)
            network->nodes[i].type->commit(pass, &t->batches->workspace->io[i],
                                           network->buffers);
}

static bool take_step(run *r, size_t epoch, const uint32_t *rows, size_t count)
{
    cr_trainer *t = r->trainer;
    const cr_experiment *e = t->experiment;
    step_work work = {.run = r, .rows = rows, .sink = {t->gradients, 1, 0, 0}};
    work.batch = (cr_pass){.training = true,
                           .seed = (uint64_t)e->seed,
                           .step = r->result->steps,
                           .rows = count,
                           .batch_rows = count,
                           .shares = 1};
    cr_step step = {e->optimizer.options, cr_experiment_learning_rate(e), e->l2,
                    r->result->steps + 1};
    if (t->fused)
        e->optimizer.type->fuse(&step, e->model.network->parameters, &work.sink);
    cr_team_run(t->team, pass_share, &work);
    cr_sums sums = {0};
    for (size_t i = 0; i < cr_team_members(t->team); i++)
        cr_sums_add(&sums, &t->batches->shares[i].sums);
    if (!isfinite(sums.loss))
        return diverged(r, "the loss", epoch, r->result->steps + 1, t->batches, count);
    cr_sums_add(&r->sums, &sums);
    cr_team_run(t->team, gradient_share, &work);
    finish_step(t, &work.batch, &step);
    r->result->steps++;
    r->samples += count;
    return true;
}

/* False when the run is to end after this step. */
static bool report_step(run *r, size_t epoch, size_t step, size_t steps)
{
    const cr_training_section *training = &r->trainer->experiment->training;
    if (training->max_seconds > 0 && cr_clock() - r->began >= training->max_seconds) {
        r->result->status = CR_STATUS_STOPPED_EARLY;
        return false;
    }
    if (!r->callbacks || !r->callbacks->on_step)
        return true;
    cr_progress progress = {
        .epoch = epoch,
        .epochs = (size_t)training->epochs,
        .step = step,
        .epoch_steps = steps,
        .total_steps = r->result->steps,
        .samples = r->sums.examples,
        .loss = r->sums.loss / (double)r->sums.examples,
        .accuracy = (double)r->sums.correct / (double)r->sums.examples,
        .seconds = r->step_seconds + (cr_clock() - r->epoch_began),
    };
    if (r->callbacks->on_step(r->callbacks->user, &progress))
        return true;
    r->result->status = CR_STATUS_INTERRUPTED;
    return false;
}

/* The epoch's steps; false when the run ends in it, with an error or not. */
static bool run_steps(run *r, size_t epoch)
{
    cr_trainer *t = r->trainer;
    const cr_part *train = &t->experiment->data.parts[CR_PART_TRAIN];
    size_t batch = t->batches->rows, steps = (train->count + batch - 1) / batch;
    r->sums = (cr_sums){0};
    r->epoch_began = cr_clock();
    cr_batch_order(train, t->experiment->training.shuffle, (uint64_t)t->experiment->seed,
                   epoch - 1, t->order);
    bool going = true;
    for (size_t step = 0; going && step < steps; step++) {
        size_t count = smaller(batch, train->count - step * batch);
        going = take_step(r, epoch, t->order + step * batch, count) &&
                report_step(r, epoch, step + 1, steps);
    }
    r->step_seconds += cr_clock() - r->epoch_began;
    return going;
}

static void keep_best(cr_trainer *t, size_t epoch, double loss)
{
    if (t->best_epoch > 0 && !(loss < t->best_loss))
        return;
    const cr_network *network = t->experiment->model.network;
    memcpy(t->best_parameters, network->parameters,
           network->parameter_size * sizeof(cr_real));
    memcpy(t->best_buffers, network->buffers, network->buffer_size * sizeof(cr_real));
    t->best_loss = loss;
    t->best_epoch = epoch;
}

static bool finish_epoch(run *r, size_t number)
{
    cr_trainer *t = r->trainer;
    const cr_experiment *e = t->experiment;
    cr_epoch epoch = {.epoch = number, .steps = r->result->steps};
    epoch.train = cr_sums_figures(&r->sums, &e->model);
    epoch.validation =
        cr_evaluate(t->figures, &e->data.parts[CR_PART_VALIDATION], t->team);
    char where[160];
    if (cr_network_first_bad(t->batches->workspace, 0, where))
        return diverged(r, "a parameter", number, epoch.steps, t->batches, 0);
    if (!isfinite(epoch.validation.loss))
        return diverged(r, "the validation loss", number, epoch.steps, t->figures,
                        (epoch.validation.examples - 1) % FIGURE_ROWS + 1);
    if (epoch.validation.examples > 0)
        keep_best(t, number, epoch.validation.loss);
    epoch.learning_rate = cr_experiment_learning_rate(e);
    epoch.regularization_loss = e->l2 * cr_network_squared_weights(e->model.network);
    epoch.parameters_crc32 = cr_network_crc32(e->model.network);
    epoch.seconds = cr_clock() - r->began;
    r->result->epochs = number;
    return !r->callbacks || !r->callbacks->on_epoch ||
           r->callbacks->on_epoch(r->callbacks->user, &epoch, r->err);
}

bool cr_trainer_run(cr_trainer *trainer, const cr_callbacks *callbacks, cr_result *result,
                    cr_error *err)
{
    const cr_experiment *e = trainer->experiment;
    cr_error own = CR_ERROR_INIT;
    err = err ? err : &own;
    *result = (cr_result){.status = CR_STATUS_COMPLETED};
    run r = {trainer, callbacks, result, err, .began = cr_clock()};
    cr_blas_set_threads(1); /* the team splits the step; BLAS splitting products as well
                               would be in its way */
    bool going = true;
    for (size_t epoch = 1; going && epoch <= (size_t)e->training.epochs; epoch++)
        going = run_steps(&r, epoch) && finish_epoch(&r, epoch);
    result->seconds = cr_clock() - r.began;
    result->samples_per_second =
        r.step_seconds > 0 ? (double)r.samples / r.step_seconds : 0;
    if (err->count > 0)
        return false;
    for (size_t i = 0; i < CR_PARTS; i++)
        result->parts[i] =
            cr_evaluate(trainer->figures, &e->data.parts[i], trainer->team);
    result->regularization_loss = e->l2 * cr_network_squared_weights(e->model.network);
    return true;
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
