/* Taking the values of the log's columns. */
#include "base/memory.h"
#include "graph/workspace.h"
#include "measure/log_metric.h"

#include <math.h>
#include <string.h>

struct cr_logger {
    const cr_log *log;
    const cr_model *model;
    const cr_data *data;
    uint64_t seed;
    double *values; /* [log->count] */
    /* for health: */
    cr_evaluator *sample;
    cr_real *gradients, *before; /* [parameter_size] */
};

void cr_logger_destroy(cr_logger *logger)
{
    if (!logger)
        return;
    cr_evaluator_destroy(logger->sample);
    cr_free(logger->gradients);
    cr_free(logger->before);
    cr_free(logger->values);
    cr_free(logger);
}

cr_logger *cr_logger_create(const cr_log *log, const cr_model *model, const cr_data *data,
                            uint64_t seed, cr_error *err)
{
    cr_logger *l = cr_alloc(1, sizeof *l, err);
    if (!l)
        return NULL;
    *l = (cr_logger){.log = log, .model = model, .data = data, .seed = seed};
    l->values = cr_alloc(log->count, sizeof *l->values, err);
    bool good = l->values != NULL;
    if (good && log->health) {
        size_t rows = data->parts[CR_PART_TRAIN].count;
        size_t size = model->network->parameter_size;
        rows = rows < CR_LOG_SAMPLE ? rows : CR_LOG_SAMPLE;
        l->sample = cr_evaluator_create(model, rows, 1, true, err);
        l->gradients = cr_alloc(size, sizeof *l->gradients, err);
        l->before = cr_alloc(size, sizeof *l->before, err);
        good = l->sample && l->gradients && l->before;
    }
    if (good)
        return l;
    cr_logger_destroy(l);
    return NULL;
}

/* Norm of a − b over a node's trainable parameters; b NULL: of a. */
static double node_norm(const cr_node *node, const cr_real *a, const cr_real *b)
{
    double sum = 0;
    for (size_t k = 0; k < node->plan.parameter_count; k++) {
        const cr_segment *s = &node->plan.parameters[k];
        for (size_t i = s->offset; s->trainable && i < s->offset + s->size; i++) {
            double d = (double)a[i] - (b ? (double)b[i] : 0);
            sum += d * d;
        }
    }
    return sqrt(sum);
}

void cr_logger_before_step(cr_logger *logger)
{
    if (logger->before)
        memcpy(logger->before, logger->model->network->parameters,
               logger->model->network->parameter_size * sizeof *logger->before);
}

void cr_logger_after_step(cr_logger *logger)
{
    const cr_network *network = logger->model->network;
    for (size_t i = 0; logger->before && i < logger->log->count; i++) {
        const cr_log_column *column = &logger->log->columns[i];
        if (column->kind != CR_LOG_UPDATE_RATIO)
            continue;
        const cr_node *node = &network->nodes[column->node];
        double before = node_norm(node, logger->before, NULL);
        logger->values[i] =
            before > 0 ? node_norm(node, network->parameters, logger->before) / before
                       : NAN;
    }
}

/* A step's passes without its update. */
static cr_pass pass_sample(cr_logger *l, size_t steps)
{
    cr_evaluator *e = l->sample;
    const cr_part *train = &l->data->parts[CR_PART_TRAIN];
    cr_pass pass = {.training = true,
                    .seed = l->seed,
                    .step = steps,
                    .rows = e->rows,
                    .batch_rows = e->rows,
                    .shares = 1};
    cr_sums sums = {0};
    for (size_t i = 0; i < e->rows; i++)
        e->order[i] = (uint32_t)cr_part_row(train, i);
    cr_evaluator_forward(e, train->dataset, e->order, &pass, &sums);
    cr_loss_backward(l->model->loss.type, &pass, &e->loss);
    cr_workspace_backward(&pass, e->workspace);
    cr_gradient_sink sink = {l->gradients, 1, 0, 0};
    cr_workspace_gradient(&pass, e->workspace, &sink);
    return pass;
}

static double take_health(const cr_logger *l, const cr_log_column *column,
                          const cr_pass *pass)
{
    const cr_network *network = l->model->network;
    const cr_node *node = &network->nodes[column->node];
    const cr_workspace *workspace = l->sample->workspace;
    switch (column->kind) {
    case CR_LOG_GRADIENT_NORM:
        return node_norm(node, l->gradients, NULL);
    case CR_LOG_LAYER:
        return node->type->health(pass->rows, network->values[node->output].size,
                                  workspace->values[node->output]);
    case CR_LOG_LOSS:
        return l->model->loss.type->health(pass, &l->sample->loss);
    case CR_LOG_METRIC:
    case CR_LOG_UPDATE_RATIO: /* taken already */
        break;
    }
    return NAN;
}

/* All columns that are metrics of the part. */
static bool take_metrics(cr_logger *l, cr_evaluator *figures, cr_part_name part,
                         cr_error *err)
{
    cr_report *report = NULL;
    bool good = true;
    for (size_t i = 0; good && i < l->log->count; i++) {
        const cr_log_column *column = &l->log->columns[i];
        if (column->kind != CR_LOG_METRIC || column->part != part)
            continue;
        if (!report) {
            report = cr_report_for(l->model, err);
            good =
                report && cr_report_add_part(report, figures, &l->data->parts[part], err);
        }
        if (good)
            l->values[i] = column->metric->value(report, column->index);
    }
    cr_report_destroy(report);
    return good;
}

const double *cr_logger_take(cr_logger *logger, cr_evaluator *figures, size_t steps,
                             cr_error *err)
{
    if (!take_metrics(logger, figures, CR_PART_TRAIN, err) ||
        !take_metrics(logger, figures, CR_PART_VALIDATION, err))
        return NULL;
    if (logger->log->health) {
        const cr_pass pass = pass_sample(logger, steps);
        for (size_t i = 0; i < logger->log->count; i++)
            if (logger->log->columns[i].kind != CR_LOG_METRIC &&
                logger->log->columns[i].kind != CR_LOG_UPDATE_RATIO)
                logger->values[i] = take_health(logger, &logger->log->columns[i], &pass);
    }
    return logger->values;
}
