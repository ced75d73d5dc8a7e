#include "train/divergence.h"

#include "graph/workspace.h"
#include "train/shards_step.h"
#include "train/trainer_step.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

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

static bool fail(const cr_trainer *trainer, const cr_divergence *d, cr_error *err)
{
    const cr_experiment *e = trainer->experiment;
    char where[160] = "", batch[160] = "";
    char of[40] = "";
    double base = cr_experiment_learning_rate(e),
           rate = cr_trainer_step_rate(trainer, trainer->at.steps);
    bool found = cr_workspace_first_bad(d->evaluator->workspace, d->count, where);
    if (rate != base)
        snprintf(of, sizeof of, ", of %g", base);
    if (d->rows)
        list_rows(d->rows, d->count, batch);
    return cr_fail(
        err, CR_E_DIVERGED,
        "%s became NaN or infinite in epoch %zu, step %zu of the run%s%s%s; try a "
        "smaller learning_rate (now %g%s), and %s",
        d->what, trainer->at.epochs + 1, d->step,
        found ? ": the first value that is not finite is in " : "", where, batch, rate,
        of,
        e->model.loss.type->classify ? "\"normalize\" for the data"
                                     : "\"normalize\" and \"normalize_target\" for the "
                                       "data");
}

/* Of several ranks all come here; some know where it began. */
static bool fail_with_others(const cr_trainer *trainer, const cr_divergence *d,
                             cr_error *err)
{
    cr_error own = CR_ERROR_INIT;
    char text[CR_ERROR_TEXT] = "";
    if (d->evaluator && !fail(trainer, d, &own))
        snprintf(text, sizeof text, "%s", own.text);
    if (!cr_shards_ranks_gather(trainer->shards->ranks, text, sizeof text, err))
        return false;
    return cr_fail(err, CR_E_DIVERGED, "%s", *text ? text : "the loss is not finite");
}

bool cr_divergence_fail(const cr_trainer *trainer, const cr_divergence *d, cr_error *err)
{
    bool ranked = trainer->shards && trainer->shards->ranks;
    return ranked ? fail_with_others(trainer, d, err) : fail(trainer, d, err);
}

cr_divergence cr_divergence_find(cr_trainer *t, const uint32_t *rows, size_t count)
{
    cr_divergence d = {"the loss", t->at.steps + 1, t->batches, rows, count};
    size_t i = 0;
    if (t->shards) {
        d.evaluator = cr_shards_step_find_bad(t, &d.rows, &d.count);
    } else if (t->piece) {
        while (isfinite(t->pieces[i].evaluator->shares->sums.loss))
            i++;
        d.evaluator = t->pieces[i].evaluator;
        d.rows += t->pieces[i].first;
        d.count = t->pieces[i].rows;
    }
    return d;
}
