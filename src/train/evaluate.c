#include "train/evaluate.h"

#include "base/memory.h"

#include <math.h>

cr_evaluator *cr_evaluator_create(const cr_model *model, size_t rows, bool with_gradients,
                                  cr_error *err)
{
    cr_evaluator *e = cr_alloc(1, sizeof *e, err);
    if (!e)
        return NULL;
    const cr_network *network = model->network;
    size_t outputs = network->values[network->output].size;
    const cr_loss_type *loss = model->loss.type; /* NULL for a graph alone */
    e->model = model;
    e->rows = rows;
    e->workspace = cr_workspace_create(network, rows, with_gradients, err);
    e->order = cr_alloc(rows, sizeof *e->order, err);
    e->loss = (cr_loss_io){.options = model->loss.options, .outputs = outputs};
    e->loss.kept = cr_alloc(rows * outputs, sizeof(cr_real), err);
    e->loss.targets.width = outputs;
    if (loss && loss->classify)
        e->loss.targets.labels = cr_alloc(rows, sizeof(int32_t), err);
    else if (loss)
        e->loss.targets.values = cr_alloc(rows * outputs, sizeof(cr_real), err);
    bool have_targets = !loss || e->loss.targets.labels || e->loss.targets.values;
    if (!e->workspace || !e->order || !e->loss.kept || !have_targets) {
        cr_evaluator_destroy(e);
        return NULL;
    }
    e->loss.scores = e->workspace->values[network->output];
    e->loss.dscores = e->workspace->gradients[network->output];
    return e;
}

void cr_evaluator_destroy(cr_evaluator *evaluator)
{
    if (!evaluator)
        return;
    cr_workspace_destroy(evaluator->workspace);
    cr_free(evaluator->order);
    cr_free(evaluator->loss.kept);
    cr_free(evaluator->loss.targets.labels);
    cr_free(evaluator->loss.targets.values);
    cr_free(evaluator);
}

static void add_hits(const cr_loss_io *io, size_t rows, cr_sums *sums)
{
    size_t n = io->outputs;
    for (size_t row = 0; row < rows; row++)
        sums->correct +=
            cr_highest(n, io->scores + row * n) == (size_t)io->targets.labels[row];
}

static void add_squares(const cr_loss_io *io, size_t rows, cr_sums *sums)
{
    for (size_t i = 0; i < rows * io->outputs; i++) {
        double d = (double)io->scores[i] - (double)io->targets.values[i];
        sums->squared_error += d * d;
    }
}

void cr_evaluator_forward(cr_evaluator *evaluator, const cr_dataset *dataset,
                          const uint32_t *rows, const cr_pass *pass, cr_sums *sums)
{
    const cr_model *model = evaluator->model;
    cr_batch_gather(dataset, model->encoding, rows, pass->rows,
                    evaluator->workspace->values[0], &evaluator->loss.targets);
    cr_network_forward(pass, evaluator->workspace);
    sums->loss += model->loss.type->forward(pass, &evaluator->loss);
    sums->examples += pass->rows;
    if (model->loss.type->classify)
        add_hits(&evaluator->loss, pass->rows, sums);
    else
        add_squares(&evaluator->loss, pass->rows, sums);
}

cr_figures cr_sums_figures(const cr_sums *sums, const cr_model *model)
{
    double n = (double)sums->examples;
    cr_figures figures = {.examples = sums->examples};
    if (sums->examples == 0)
        return figures;
    figures.loss = sums->loss / n;
    if (model->loss.type->classify)
        figures.accuracy = (double)sums->correct / n;
    else
        figures.rmse = sqrt(sums->squared_error / (n * (double)cr_model_outputs(model)));
    return figures;
}

cr_figures cr_evaluate(cr_evaluator *evaluator, const cr_part *part)
{
    cr_sums sums = {0};
    for (size_t first = 0; part->dataset && first < part->count;
         first += evaluator->rows) {
        size_t left = part->count - first;
        size_t count = left < evaluator->rows ? left : evaluator->rows;
        for (size_t i = 0; i < count; i++)
            evaluator->order[i] = (uint32_t)cr_part_row(part, first + i);
        cr_pass pass = {.rows = count, .batch_rows = count, .shares = 1};
        cr_evaluator_forward(evaluator, part->dataset, evaluator->order, &pass, &sums);
    }
    return cr_sums_figures(&sums, evaluator->model);
}
