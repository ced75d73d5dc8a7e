#include "train/trainer_step.h"

#include "base/size.h"
#include "graph/workspace.h"

#include <math.h>
#include <string.h>

double cr_trainer_step_rate(const cr_trainer *t, size_t steps)
{
    const cr_experiment *e = t->experiment;
    return cr_schedule_rate(&e->schedule, cr_experiment_learning_rate(e), t->at.epochs,
                            steps, &t->at.plateau);
}

/* That of a batch whose examples have so much weight in all. */
static cr_penalty penalty_of(const cr_experiment *e, double weight)
{
    if (!e->penalty_per_example || weight <= 0)
        return e->penalty;
    return (cr_penalty){.l2 = e->penalty_sum.l2 / weight,
                        .l1 = e->penalty_sum.l1 / weight};
}

cr_step cr_trainer_step_make(const cr_trainer *t, double weight)
{
    const cr_experiment *e = t->experiment;
    return (cr_step){.options = e->optimizer.options,
                     .learning_rate = cr_trainer_step_rate(t, t->at.steps),
                     .penalty = penalty_of(e, weight),
                     .scale = 1,
                     .limit = e->clipping.value > 0 ? e->clipping.value : INFINITY,
                     .number = t->at.steps + 1};
}

/* What the shares of a step have in common. */
typedef struct step_work {
    cr_trainer *trainer;
    const uint32_t *rows; /* of the batch, in the dataset */
    cr_pass batch;
    cr_step step;
    cr_gradient_sink sink;
} step_work;

/* Whether the loss of a share's rows is finite; or, of shares that meet in their backward
 * passes, that of all rows: they go there together or not at all. */
static bool goes_back(const cr_pass *pass, const cr_share *shares)
{
    bool finite = isfinite(shares[pass->share].sums.loss);
    if (!pass->team)
        return finite;
    cr_pass_meet(pass);
    for (size_t i = 0; i < pass->shares; i++)
        if (cr_pass_rows_of(pass, i) > 0)
            finite = finite && isfinite(shares[i].sums.loss);
    return finite;
}

/* Forward and backward by the rows of the batch. */
static void pass_share(void *context, size_t share, size_t shares)
{
    step_work *w = context;
    cr_trainer *t = w->trainer;
    const cr_experiment *e = t->experiment;
    cr_evaluator *batches = t->batches;
    cr_pass pass = cr_pass_share(&w->batch, share, shares);
    cr_sums sums = {0};
    if (pass.rows > 0)
        cr_evaluator_forward(batches, e->data->parts[CR_PART_TRAIN].dataset, w->rows,
                             &pass, &sums);
    batches->shares[share].sums = sums;
    if (pass.rows > 0 && goes_back(&pass, batches->shares)) {
        cr_loss_backward(e->model.loss.type, &pass, &batches->loss);
        cr_workspace_backward(&pass, batches->workspace);
    }
}

/* What a share that does its rows in pieces adds its gradients up in. */
static cr_real *gradients_of(const cr_trainer *t, size_t share)
{
    return t->gradients + share * t->experiment->model.network->parameter_size;
}

/* The next piece of the share's rows, which are `own`. False: its loss is not finite. */
static bool pass_piece(const step_work *w, size_t share, const cr_pass *own)
{
    const cr_trainer *t = w->trainer;
    const cr_experiment *e = t->experiment;
    const cr_piece *piece = &t->pieces[share];
    cr_evaluator *evaluator = piece->evaluator;
    cr_sums *sums = &evaluator->shares->sums;
    cr_pass pass = w->batch;
    pass.rows = pass.batch_rows = piece->rows;
    pass.before = piece->first;
    cr_evaluator_forward(evaluator, e->data->parts[CR_PART_TRAIN].dataset,
                         w->rows + piece->first, &pass, sums);
    if (!isfinite(sums->loss))
        return false;
    cr_loss_backward(e->model.loss.type, &pass, &evaluator->loss);
    cr_workspace_backward(&pass, evaluator->workspace);
    double part = (double)pass.rows / (double)w->batch.rows;
    double beta = piece->first > own->first_row ? 1 : 0;
    const cr_gradient_sink sink = {gradients_of(t, share), part, beta, beta};
    cr_workspace_gradient(&pass, evaluator->workspace, &sink);
    return true;
}

/* Forward, backward and gradient of a share's rows, piece by piece. */
static void pieces_share(void *context, size_t share, size_t shares)
{
    step_work *w = context;
    cr_trainer *t = w->trainer;
    const cr_pass own = cr_pass_share(&w->batch, share, shares);
    cr_piece *piece = &t->pieces[share];
    size_t end = own.first_row + own.rows;
    bool finite = true;
    piece->evaluator->shares->sums = (cr_sums){0};
    if (own.rows == 0)
        memset(gradients_of(t, share), 0,
               t->experiment->model.network->parameter_size * sizeof(cr_real));
    for (size_t at = own.first_row; finite && at < end; at += piece->rows) {
        piece->first = at;
        piece->rows = cr_size_smaller(t->piece, end - at);
        finite = pass_piece(w, share, &own);
    }
}

/* Adds the gradients of the shares, in their order, to those of the first. */
static void add_share(void *context, size_t share, size_t shares)
{
    const step_work *w = context;
    size_t lines = w->trainer->experiment->model.network->parameter_size / 16;
    size_t first = lines * share / shares * 16, last = lines * (share + 1) / shares * 16;
    cr_real *restrict sum = gradients_of(w->trainer, 0);
    for (size_t i = 1; i < shares; i++) {
        const cr_real *restrict part = gradients_of(w->trainer, i);
        for (size_t k = first; k < last; k++)
            sum[k] += part[k];
    }
}

/* The parameters by their rows, when all rows of the batch are done. */
static void gradient_share(void *context, size_t share, size_t shares)
{
    step_work *w = context;
    cr_pass pass = cr_pass_share(&w->batch, share, shares);
    cr_workspace_gradient(&pass, w->trainer->batches->workspace, &w->sink);
}

/* The optimizer's part, when all gradients are there. */
static void update_share(void *context, size_t share, size_t shares)
{
    step_work *w = context;
    cr_trainer *t = w->trainer;
    cr_optimizer_update(&t->experiment->optimizer, &w->step, t->experiment->model.network,
                        t->gradients, t->state, share, shares);
}

/* Scales the gradient so that its norm is at most what is allowed, as
 * torch.nn.utils.clip_grad_norm_ does. */
static void clip(cr_trainer *t, cr_step *step)
{
    const cr_experiment *e = t->experiment;
    if (e->clipping.norm == 0)
        return;
    double norm =
        cr_optimizer_gradient_norm(&step->penalty, e->model.network, t->gradients);
    double scale = e->clipping.norm / (norm + 1e-6);
    step->scale = scale < 1 || isnan(scale) ? scale : 1;
}

void cr_trainer_step_apply(cr_trainer *t, cr_step *step)
{
    clip(t, step);
    step_work work = {.trainer = t, .step = *step};
    cr_team_run(t->team, update_share, &work);
}

/* What is left of a step when the gradients are there (or, fused, in the parameters
 * already). */
static void finish_step(step_work *w)
{
    cr_trainer *t = w->trainer;
    cr_network *network = t->experiment->model.network;
    size_t members = cr_team_members(t->team);
    cr_pass last = cr_pass_share(&w->batch, members - 1, members);
    if (!t->fused)
        cr_trainer_step_apply(t, &w->step);
    for (size_t i = 0; i < network->node_count; i++)
        if (network->nodes[i].type->commit)
            network->nodes[i].type->commit(&last, &t->batches->workspace->io[i],
                                           network->buffers);
}

/* Tells the losses what the weights of the step's rows are to be divided by. Returns their
 * sum, or the number of rows. */
static double weigh(cr_trainer *t, const uint32_t *rows, size_t count)
{
    const double *weights = t->experiment->data->parts[CR_PART_TRAIN].dataset->weights;
    double sum = 0;
    for (size_t i = 0; weights && i < count; i++)
        sum += weights[rows[i]];
    if (!weights)
        return (double)count;
    for (size_t i = 0; t->piece && i < cr_team_members(t->team); i++)
        t->pieces[i].evaluator->loss.mean_weight = sum / (double)count;
    if (t->batches)
        t->batches->loss.mean_weight = sum / (double)count;
    return sum;
}

bool cr_trainer_step_take(cr_trainer *trainer, const uint32_t *rows, size_t count)
{
    cr_trainer *t = trainer;
    const cr_experiment *e = t->experiment;
    step_work work = {.trainer = t,
                      .rows = rows,
                      .step = cr_trainer_step_make(t, weigh(t, rows, count)),
                      .sink = {t->gradients, 1, 0, 0}};
    work.batch = (cr_pass){.training = true,
                           .seed = (uint64_t)e->seed,
                           .step = t->at.steps,
                           .rows = count,
                           .batch_rows = count,
                           .shares = 1,
                           .team = t->meets ? t->team : NULL};
    if (t->fused) /* it was possible for the first step, so it is for all */
        (void)e->optimizer.type->fuse(&work.step, e->model.network->parameters,
                                      &work.sink);
    cr_team_run(t->team, t->piece ? pieces_share : pass_share, &work);
    cr_sums sums = {0};
    for (size_t i = 0; i < cr_team_members(t->team); i++)
        cr_sums_add(&sums, t->piece ? &t->pieces[i].evaluator->shares->sums
                                    : &t->batches->shares[i].sums);
    if (!isfinite(sums.loss))
        return false;
    cr_sums_add(&t->at.sums, &sums);
    if (!t->piece || t->team)
        cr_team_run(t->team, t->piece ? add_share : gradient_share, &work);
    finish_step(&work);
    t->at.step++;
    t->at.steps++;
    t->at.samples += count;
    return true;
}
