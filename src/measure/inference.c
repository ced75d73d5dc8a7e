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
    size_t first = 0, rows = rows_of(run, share, &first);
    cr_evaluator_sums(run->evaluators[share], run->part, first, rows);
}

static size_t count_shares(const cr_evaluator *one, size_t rows)
{
    double flops = cr_network_flops(one->model->network, false) * (double)rows;
    size_t batches = (rows + one->rows - 1) / one->rows;
    size_t most = cr_size_smaller(batches, (size_t)cr_blas_processors());
    most = cr_size_smaller(most, most_bytes / one->workspace->bytes);
    return flops >= worthwhile_flops && most > 1 ? most : 1;
}

static bool allocate(inference *run, const cr_model *model, cr_error *err)
{
    cr_evaluator *one = cr_evaluator_for_figures(model, 1, err);
    run->shares = one ? count_shares(one, run->part->count) : 0;
    if (one)
        run->evaluators = cr_alloc(run->shares, sizeof(cr_evaluator *), err);
    if (!run->evaluators) {
        cr_evaluator_destroy(one);
        return false;
    }
    run->evaluators[0] = one;
    for (size_t i = 1; i < run->shares; i++) {
        run->evaluators[i] = cr_evaluator_for_figures(model, 1, err);
        if (!run->evaluators[i])
            return false;
    }
    return true;
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
    bool good = allocate(&run, model, err) &&
                (run.shares == 1 || (team = cr_team_create(run.shares, err)) != NULL);
    if (good)
        pass_all(&run, team, visit, user, sums);
    cr_team_destroy(team);
    for (size_t i = 0; run.evaluators && i < run.shares; i++)
        cr_evaluator_destroy(run.evaluators[i]);
    cr_free(run.evaluators);
    return good;
}
