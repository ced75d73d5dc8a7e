#include "measure/evaluator.h"

#include "base/memory.h"
#include "graph/workspace.h"

#include <math.h>

size_t cr_evaluator_rows(const cr_network *network, size_t least, size_t most)
{
    const size_t enough = (size_t)1 << 24;
    size_t values = 0, rows = most;
    for (size_t i = 0; i < network->value_count; i++)
        values += network->values[i].values_of == i ? network->values[i].size : 0;
    while (rows / 2 >= least && values > enough / rows)
        rows /= 2;
    return rows;
}

cr_evaluator *cr_evaluator_create(const cr_model *model, size_t rows, size_t shares,
                                  bool with_gradients, cr_error *err)
{
    cr_evaluator *e = cr_alloc(1, sizeof *e, err);
    if (!e)
        return NULL;
    const cr_network *network = model->network;
    size_t outputs = network->values[network->output].size;
    const cr_loss_type *loss = model->loss.type; /* NULL for a graph alone */
    e->model = model;
    e->rows = rows;
    e->workspace = cr_workspace_create(network, rows, shares, with_gradients, err);
    e->order = cr_alloc(rows, sizeof *e->order, err);
    e->shares = cr_alloc(shares, sizeof *e->shares, err);
    e->loss = (cr_loss_io){.options = model->loss.options,
                           .weights = model->loss.weights,
                           .outputs = outputs};
    e->loss.kept = cr_alloc(rows * outputs, sizeof(cr_real), err);
    e->loss.targets.width = outputs;
    if (loss && model->encoding->classify)
        e->loss.targets.labels = cr_alloc(rows, sizeof(int32_t), err);
    else if (loss)
        e->loss.targets.values = cr_alloc(rows * outputs, sizeof(cr_real), err);
    bool have_targets = !loss || e->loss.targets.labels || e->loss.targets.values;
    if (loss && model->encoding->weighted)
        have_targets = have_targets && (e->loss.targets.weights =
                                            cr_alloc(rows, sizeof(double), err)) != NULL;
    if (!e->workspace || !e->order || !e->shares || !e->loss.kept || !have_targets) {
        cr_evaluator_destroy(e);
        return NULL;
    }
    e->loss.scores = e->workspace->values[network->output];
    e->loss.dscores = e->workspace->gradients[network->output];
    return e;
}

cr_evaluator *cr_evaluator_for_figures(const cr_model *model, size_t shares,
                                       cr_error *err)
{
    size_t rows = cr_evaluator_rows(model->network, 32, 256);
    return cr_evaluator_create(model, rows, shares, false, err);
}

void cr_evaluator_destroy(cr_evaluator *evaluator)
{
    if (!evaluator)
        return;
    cr_workspace_destroy(evaluator->workspace);
    cr_augmented_finish(&evaluator->augmented);
    cr_free(evaluator->order);
    cr_free(evaluator->shares);
    cr_free(evaluator->loss.kept);
    cr_free(evaluator->loss.targets.labels);
    cr_free(evaluator->loss.targets.values);
    cr_free(evaluator->loss.targets.weights);
    cr_free(evaluator);
}

/* Rows whose highest score is the right class's; of several highest the first counts, and
 * of a row with NaN none does. */
static inline size_t count_rows(size_t rows, size_t n, const cr_real *scores,
                                const int32_t *labels)
{
    size_t hits = 0;
    for (size_t row = 0; row < rows; row++, scores += n) {
        const size_t label = (size_t)labels[row];
        const cr_real right = scores[label];
        bool hit = true; /* without branches, and none waits for another */
        for (size_t j = 0; j < n; j++)
            hit &= (right > scores[j]) | ((right >= scores[j]) & (j >= label));
        hits += hit;
    }
    return hits;
}

static void add_hits(const cr_pass *pass, const cr_loss_io *io, cr_sums *sums)
{
    size_t n = io->outputs;
    const cr_real *scores = io->scores + pass->first_row * n;
    const int32_t *labels = io->targets.labels + pass->first_row;
    size_t hits = n == 10  ? count_rows(pass->rows, 10, scores, labels) /* unrolled */
                  : n == 3 ? count_rows(pass->rows, 3, scores, labels)
                           : count_rows(pass->rows, n, scores, labels);
    sums->correct += (double)hits;
}

/* Labels of 0 and 1 that the sign of their score says. */
static void add_signs(const cr_pass *pass, const cr_loss_io *io, cr_sums *sums)
{
    size_t n = io->outputs, first = pass->first_row * n, last = first + pass->rows * n;
    size_t right = 0;
    for (size_t i = first; i < last; i++) {
        bool yes = io->targets.labels ? io->targets.labels[i] == 1
                                      : io->targets.values[i] > (cr_real)0.5;
        right += yes == (io->scores[i] > 0);
    }
    sums->correct += (double)right;
}

/* In the units of the table, also where targets are normalised. */
static void add_squares(const cr_pass *pass, const cr_loss_io *io, const cr_model *model,
                        cr_sums *sums)
{
    const double *scale = model->encoding->target_scale;
    const cr_real *values = cr_loss_values(model->loss.type, io);
    size_t n = io->outputs, first = pass->first_row * n, last = first + pass->rows * n;
    for (size_t i = first; i < last; i++) {
        double d = (double)values[i] - (double)io->targets.values[i];
        d = scale ? d / scale[i % n] : d;
        sums->squared_error += d * d;
    }
}

/* Row by row, each times its weight. */
static void add_weighted(const cr_pass *pass, const cr_evaluator *evaluator,
                         cr_sums *sums)
{
    const cr_loss_io *io = &evaluator->loss;
    const cr_model *model = evaluator->model;
    cr_pass row = *pass;
    row.rows = 1;
    for (size_t i = 0; i < pass->rows; i++) {
        cr_sums one = {0};
        row.first_row = pass->first_row + i;
        double weight = io->targets.weights[row.first_row];
        if (weight == 0)
            continue;
        if (model->loss.type->binary)
            add_signs(&row, io, &one);
        else if (model->loss.type->classify)
            add_hits(&row, io, &one);
        else
            add_squares(&row, io, model, &one);
        sums->correct += weight * one.correct;
        sums->squared_error += weight * one.squared_error;
    }
}

bool cr_evaluator_augment(cr_evaluator *evaluator, const cr_augment *augment,
                          cr_error *err)
{
    return augment->count == 0 ||
           cr_augmented_init(&evaluator->augmented, augment, evaluator->model->encoding,
                             evaluator->workspace->shares, err);
}

void cr_evaluator_gather(cr_evaluator *evaluator, const cr_dataset *dataset,
                         const uint32_t *rows, const cr_pass *pass)
{
    const cr_targets *all = &evaluator->loss.targets;
    size_t first = pass->first_row;
    cr_targets targets = {all->labels ? all->labels + first : NULL,
                          all->values ? all->values + first * all->width : NULL,
                          all->width, all->weights ? all->weights + first : NULL};
    cr_real *x = evaluator->workspace->values[0] + first * dataset->features;
    if (!pass->training || !evaluator->augmented.augment) {
        cr_batch_gather(dataset, rows + first, pass->rows, x, &targets);
        return;
    }
    const cr_augmented_step step = {pass->seed, pass->step, pass->share};
    cr_batch_targets(dataset, rows + first, pass->rows, &targets);
    cr_augmented_gather(&evaluator->augmented, &step, dataset, rows + first, pass->rows,
                        x);
}

void cr_evaluator_forward(cr_evaluator *evaluator, const cr_dataset *dataset,
                          const uint32_t *rows, const cr_pass *pass, cr_sums *sums)
{
    const cr_model *model = evaluator->model;
    cr_evaluator_gather(evaluator, dataset, rows, pass);
    cr_workspace_forward(pass, evaluator->workspace);
    sums->loss += cr_loss_forward(model->loss.type, pass, &evaluator->loss);
    sums->weight += cr_loss_weight(pass, &evaluator->loss);
    sums->examples += pass->rows;
    if (evaluator->loss.targets.weights)
        add_weighted(pass, evaluator, sums);
    else if (model->loss.type->binary)
        add_signs(pass, &evaluator->loss, sums);
    else if (model->loss.type->classify)
        add_hits(pass, &evaluator->loss, sums);
    else
        add_squares(pass, &evaluator->loss, model, sums);
}

typedef struct evaluation {
    cr_evaluator *evaluator;
    const cr_part *part;
    size_t first, count; /* rows of the part */
} evaluation;

/* A share's rows of every batch: those of a whole one also where the last is smaller, so
 * that nobody ever touches a row of the workspace that is another's, and nobody has to
 * wait before the end. */
static void evaluate_share(void *context, size_t share, size_t shares)
{
    const evaluation *e = context;
    cr_evaluator *evaluator = e->evaluator;
    const cr_pass whole = {.rows = evaluator->rows};
    const cr_pass own = cr_pass_share(&whole, share, shares);
    cr_sums sums = {0};
    for (size_t first = 0; first < e->count; first += evaluator->rows) {
        size_t left = e->count - first;
        size_t count = left < evaluator->rows ? left : evaluator->rows;
        size_t end = own.first_row + own.rows < count ? own.first_row + own.rows : count;
        if (end <= own.first_row)
            continue;
        cr_pass pass = {.first_row = own.first_row,
                        .rows = end - own.first_row,
                        .batch_rows = count,
                        .share = share,
                        .shares = shares};
        for (size_t i = pass.first_row; i < end; i++)
            evaluator->order[i] = (uint32_t)cr_part_row(e->part, e->first + first + i);
        cr_evaluator_forward(evaluator, e->part->dataset, evaluator->order, &pass, &sums);
    }
    evaluator->shares[share].sums = sums;
}

cr_sums cr_evaluator_sums(cr_evaluator *evaluator, const cr_part *part, size_t first,
                          size_t count)
{
    evaluation e = {evaluator, part, first, count};
    evaluate_share(&e, 0, 1);
    return evaluator->shares->sums;
}

cr_figures cr_evaluator_figures(cr_evaluator *evaluator, const cr_part *part,
                                cr_team *team)
{
    cr_sums sums = {0};
    evaluation e = {evaluator, part, 0, part->count};
    if (!part->dataset)
        return cr_sums_figures(&sums, evaluator->model);
    cr_team_run(team, evaluate_share, &e);
    for (size_t i = 0; i < cr_team_members(team); i++)
        cr_sums_add(&sums, &evaluator->shares[i].sums);
    return cr_sums_figures(&sums, evaluator->model);
}
