#include "inspect/trace.h"

#include "base/memory.h"
#include "graph/workspace.h"
#include "math/kernel.h"

#include <stdio.h>
#include <string.h>

cr_trace *cr_trace_create(const cr_experiment *experiment, cr_error *err)
{
    cr_trace *trace = cr_alloc(1, sizeof *trace, err);
    if (!trace)
        return NULL;
    const cr_part *train = &experiment->data->parts[CR_PART_TRAIN];
    size_t batch = (size_t)experiment->training.batch_size;
    trace->experiment = experiment;
    trace->rows = !train->dataset ? 1 : batch < train->count ? batch : train->count;
    trace->evaluator = cr_evaluator_create(&experiment->model, trace->rows, 1, true, err);
    size_t size = experiment->model.network->parameter_size;
    trace->gradients = cr_alloc(size, sizeof(cr_real), err);
    if (trace->evaluator && trace->gradients)
        return trace;
    cr_trace_destroy(trace);
    return NULL;
}

void cr_trace_destroy(cr_trace *trace)
{
    if (!trace)
        return;
    cr_evaluator_destroy(trace->evaluator);
    cr_free(trace->gradients);
    cr_free(trace);
}

static bool gather(cr_trace *trace, cr_error *err)
{
    const cr_experiment *e = trace->experiment;
    const cr_part *train = &e->data->parts[CR_PART_TRAIN];
    if (!train->dataset)
        return true;
    uint32_t *order = cr_alloc(train->count, sizeof *order, err);
    if (!order)
        return false;
    cr_batch_order(train, e->training.shuffle, (uint64_t)e->seed, 0, order);
    cr_batch_gather(train->dataset, order, trace->rows,
                    trace->evaluator->workspace->values[0],
                    &trace->evaluator->loss.targets);
    cr_free(order);
    return true;
}

static bool check_finite(const cr_trace *trace, cr_error *err)
{
    char what[160];
    const cr_node *node =
        cr_workspace_first_bad(trace->evaluator->workspace, trace->rows, what);
    if (!node)
        return true;
    char inputs[160] = "";
    size_t used = 0;
    for (size_t k = 0; k < node->plan.input_count && used < 100; k++)
        used += (size_t)snprintf(
            inputs + used, sizeof inputs - used, "%s%.9g", k ? ", " : "",
            (double)trace->evaluator->workspace->values[node->inputs[k]][0]);
    return cr_fail(err, CR_E_DIVERGED,
                   "a value that is NaN or infinite appears first in \"%s\" (%s): %s is "
                   "not finite; its "
                   "inputs begin with %s",
                   node->name, node->type->name, what, used ? inputs : "nothing");
}

static cr_pass make_pass(const cr_trace *trace)
{
    return (cr_pass){.training = true,
                     .seed = (uint64_t)trace->experiment->seed,
                     .rows = trace->rows,
                     .batch_rows = trace->rows,
                     .shares = 1};
}

/* Computes all gradients from the output's. */
static void backward(cr_trace *trace)
{
    cr_pass pass = make_pass(trace);
    cr_workspace_backward(&pass, trace->evaluator->workspace);
    memset(trace->gradients, 0,
           trace->experiment->model.network->parameter_size * sizeof(cr_real));
    cr_gradient_sink sink = {trace->gradients, 1, 0, 0};
    cr_workspace_gradient(&pass, trace->evaluator->workspace, &sink);
}

static bool forward(cr_trace *trace, cr_error *err)
{
    if (!gather(trace, err))
        return false;
    cr_pass pass = make_pass(trace);
    cr_workspace_forward(&pass, trace->evaluator->workspace);
    return check_finite(trace, err);
}

bool cr_trace_run(cr_trace *trace, const double *upstream, size_t count, cr_error *err)
{
    const cr_model *model = &trace->experiment->model;
    const cr_loss_io *io = &trace->evaluator->loss;
    cr_pass pass = make_pass(trace);
    if (!forward(trace, err))
        return false;
    if (model->loss.type) {
        trace->loss =
            cr_loss_forward(model->loss.type, &pass, io) / cr_loss_weight(&pass, io);
        cr_loss_backward(model->loss.type, &pass, io);
    } else {
        for (size_t i = 0; i < trace->rows * io->outputs; i++)
            io->dscores[i] = count ? (cr_real)upstream[i] : 1;
    }
    backward(trace);
    return true;
}

cr_traced cr_trace_node(cr_trace *trace, size_t node)
{
    const cr_network *network = trace->experiment->model.network;
    const cr_workspace *workspace = trace->evaluator->workspace;
    size_t value = node == CR_NO_SPEC ? 0 : network->nodes[node].output;
    cr_traced traced = {workspace->values[value], workspace->gradients[value],
                        trace->rows * network->values[value].size,
                        &network->values[value].shape};
    if (node == CR_NO_SPEC || !network->nodes[node].type->constant)
        return traced;
    /* its parameter is the value, and what the gradient pass would give it is the sum
     * over the batch */
    const cr_segment *segment = &network->nodes[node].plan.parameters[0];
    cr_real *sum = trace->gradients + segment->offset;
    cr_kernel_sum_rows(trace->rows, segment->size, 1, traced.gradients, 0, sum);
    traced.gradients = sum;
    traced.size = segment->size;
    return traced;
}

cr_traced cr_trace_wire(cr_trace *trace, size_t node, size_t k)
{
    const cr_network *network = trace->experiment->model.network;
    size_t value = network->nodes[node].inputs[k];
    return (cr_traced){trace->evaluator->workspace->values[value],
                       trace->evaluator->workspace->gradients[value],
                       trace->rows * network->values[value].size,
                       &network->values[value].shape};
}

size_t cr_trace_producer(const cr_network *network, size_t node, size_t k)
{
    size_t value = network->values[network->nodes[node].inputs[k]].alias_of;
    for (size_t i = 0; i < network->node_count; i++)
        if (network->nodes[i].spec != CR_NO_SPEC && network->nodes[i].output == value)
            return i;
    return CR_NO_SPEC;
}

bool cr_trace_jacobian(cr_trace *trace, cr_trace_row row, void *user, cr_error *err)
{
    const cr_loss_io *io = &trace->evaluator->loss;
    if (trace->experiment->model.loss.type)
        return cr_fail(err, CR_E_USAGE,
                       "a Jacobian is of a graph's output; this config ends in a loss");
    if (!forward(trace, err))
        return false;
    for (size_t i = 0; i < io->outputs; i++) {
        for (size_t k = 0; k < io->outputs; k++)
            io->dscores[k] = k == i;
        backward(trace);
        row(user, i, trace);
    }
    return true;
}
