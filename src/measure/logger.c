#include "measure/logger.h"

#include "base/memory.h"
#include "graph/workspace.h"

#include <math.h>
#include <string.h>

enum { LEAST_ROWS = 32 }; /* of the training part, for health */

struct cr_logger {
    const cr_log *log;
    const cr_model *model;
    const cr_data *data;
    uint64_t seed;
    double *values;               /* [log->count] */
    cr_report *reports[CR_PARTS]; /* of the parts that metrics are taken of; else NULL */
    /* of a log with health; else NULL: */
    cr_evaluator *sample;
    cr_real *gradients; /* [parameter_size] of the sample's data loss */
    cr_real *before;    /* [parameter_size] the parameters before a step */
};

void cr_logger_destroy(cr_logger *logger)
{
    if (!logger)
        return;
    for (size_t i = 0; i < CR_PARTS; i++)
        cr_report_destroy(logger->reports[i]);
    cr_evaluator_destroy(logger->sample);
    cr_free(logger->gradients);
    cr_free(logger->before);
    cr_free(logger->values);
    cr_free(logger);
}

/* The report of each part that a column is a metric of. */
static bool create_reports(cr_logger *l, cr_error *err)
{
    bool good = true;
    for (size_t i = 0; good && i < l->log->count; i++) {
        const cr_log_column *column = &l->log->columns[i];
        cr_part_name part = column->metric.part;
        if (column->kind != CR_LOG_METRIC || l->reports[part])
            continue;
        l->reports[part] = cr_report_for(l->model, l->data->parts[part].count, err);
        good = l->reports[part] != NULL;
    }
    return good;
}

static bool create_sample(cr_logger *l, cr_error *err)
{
    size_t count = l->data->parts[CR_PART_TRAIN].count;
    size_t rows = cr_evaluator_rows(l->model->network, LEAST_ROWS, CR_LOGGER_SAMPLE);
    size_t size = l->model->network->parameter_size;
    l->sample = cr_evaluator_create(l->model, count < rows ? count : rows, 1, true, err);
    l->gradients = cr_alloc(size, sizeof *l->gradients, err);
    l->before = cr_alloc(size, sizeof *l->before, err);
    return l->sample && l->gradients && l->before;
}

cr_logger *cr_logger_create(const cr_log *log, const cr_model *model, const cr_data *data,
                            uint64_t seed, cr_error *err)
{
    cr_logger *l = cr_alloc(1, sizeof *l, err);
    if (!l)
        return NULL;
    *l = (cr_logger){.log = log, .model = model, .data = data, .seed = seed};
    l->values = cr_alloc(log->count, sizeof *l->values, err);
    if (l->values && create_reports(l, err) && (!log->health || create_sample(l, err)))
        return l;
    cr_logger_destroy(l);
    return NULL;
}

bool cr_logger_augment(cr_logger *logger, const cr_augment *augment, cr_error *err)
{
    return !logger->sample || cr_evaluator_augment(logger->sample, augment, err);
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

static void take_metrics(cr_logger *l, cr_evaluator *evaluator)
{
    for (size_t i = 0; i < CR_PARTS; i++) {
        if (!l->reports[i])
            continue;
        cr_report_clear(l->reports[i]);
        cr_report_add_part(l->reports[i], evaluator, &l->data->parts[i]);
    }
    for (size_t i = 0; i < l->log->count; i++) {
        const cr_log_column *column = &l->log->columns[i];
        const cr_metric *metric = &column->metric;
        if (column->kind == CR_LOG_METRIC)
            l->values[i] =
                metric->type->of_report(l->reports[metric->part], metric->index);
    }
}

const double *cr_logger_take(cr_logger *logger, cr_evaluator *evaluator, size_t steps)
{
    take_metrics(logger, evaluator);
    if (!logger->log->health)
        return logger->values;
    const cr_pass pass = pass_sample(logger, steps);
    for (size_t i = 0; i < logger->log->count; i++) {
        const cr_log_column *column = &logger->log->columns[i];
        if (column->kind != CR_LOG_METRIC && column->kind != CR_LOG_UPDATE_RATIO)
            logger->values[i] = take_health(logger, column, &pass);
    }
    return logger->values;
}
