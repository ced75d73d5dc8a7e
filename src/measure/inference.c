#include "measure/inference.h"

#include "base/memory.h"
#include "base/size.h"
#include "math/blas.h"

/* Below this many FLOPs of all rows, starting threads costs more than it saves; and so much
 * memory of all threads is enough. */
static const double worthwhile_flops = 50e6;
static const size_t most_bytes = (size_t)1 << 30;

typedef struct inference {
    const cr_part *part;
    size_t shares, first;      /* first row of the batches that are passed at once */
    cr_evaluator **evaluators; /* [shares], each with a batch */
} inference;

static size_t rows_of(const inference *run, size_t share, size_t *first)
{
    size_t rows = run->evaluators[share]->rows;
    *first = run->first + share * rows;
    return *first < run->part->count ? cr_size_smaller(rows, run->part->count - *first)
                                     : 0;
}

static void pass_batch(void *context, size_t share, size_t shares)
{
    (void)shares;
    const inference *run = context;
    cr_evaluator *e = run->evaluators[share];
    size_t first = 0, rows = rows_of(run, share, &first);
    e->shares->sums = (cr_sums){0};
    if (rows == 0)
        return;
    const cr_pass pass = {.rows = rows, .batch_rows = rows, .shares = 1};
    for (size_t i = 0; i < rows; i++)
        e->order[i] = (uint32_t)cr_part_row(run->part, first + i);
    cr_evaluator_forward(e, run->part->dataset, e->order, &pass, &e->shares->sums);
}

static bool count_shares(inference *run, const cr_model *model, cr_error *err)
{
    size_t count = run->part->count, rows = cr_evaluator_rows(model->network, 32, 256);
    double flops = cr_network_flops(model->network, false) * (double)count;
    cr_workspace_bytes of;
    run->shares = 1;
    if (flops < worthwhile_flops)
        return true;
    if (!cr_workspace_count(model->network, rows, 1, false, &of, err))
        return false;
    size_t bytes = of.values + of.kept + of.scratch + 1;
    size_t most = cr_size_smaller(most_bytes / bytes, (size_t)cr_blas_processors());
    most = cr_size_smaller(most, (count + rows - 1) / rows);
    run->shares = most > 1 ? most : 1;
    return true;
}

static bool allocate(inference *run, const cr_model *model, cr_error *err)
{
    run->evaluators = cr_alloc(run->shares, sizeof(cr_evaluator *), err);
    for (size_t i = 0; run->evaluators && i < run->shares; i++) {
        run->evaluators[i] = cr_evaluator_for_figures(model, 1, err);
        if (!run->evaluators[i])
            return false;
    }
    return run->evaluators != NULL;
}

static void pass_all(inference *run, cr_team *team, cr_inference_visit visit, void *user,
                     cr_sums *sums)
{
    size_t rows = run->shares * run->evaluators[0]->rows;
    for (run->first = 0; run->first < run->part->count; run->first += rows) {
        cr_team_run(team, pass_batch, run);
        for (size_t i = 0; i < run->shares; i++) {
            size_t first = 0, count = rows_of(run, i, &first);
            cr_sums_add(sums, &run->evaluators[i]->shares->sums);
            if (count > 0 && visit)
                visit(user, run->evaluators[i], first, count);
        }
    }
}

bool cr_inference_run(const cr_model *model, const cr_part *part,
                      cr_inference_visit visit, void *user, cr_sums *sums, cr_error *err)
{
    inference run = {.part = part};
    cr_team *team = NULL;
    cr_blas_set_threads(1); /* threads have batches of their own */
    bool good = count_shares(&run, model, err) && allocate(&run, model, err) &&
                (run.shares == 1 || (team = cr_team_create(run.shares, err)) != NULL);
    if (good)
        pass_all(&run, team, visit, user, sums);
    cr_team_destroy(team);
    for (size_t i = 0; run.evaluators && i < run.shares; i++)
        cr_evaluator_destroy(run.evaluators[i]);
    cr_free(run.evaluators);
    return good;
}
