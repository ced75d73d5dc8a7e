#include "inspect/gradcheck.h"

#include "base/memory.h"
#include "graph/workspace.h"
#include "inspect/gradcheck_layer.h"
#include "inspect/gradcheck_tensor.h"

#include <math.h>
#include <string.h>

typedef struct check {
    cr_evaluator *evaluator;
    const cr_loss_type *loss;
    cr_network *network;
    cr_pass pass;
    cr_penalty penalty;
    cr_real *gradients; /* of the parameters, laid out as they are */
    cr_gradcheck_sample sample;
    size_t from; /* nodes before this one are not run: an output is varied behind them */
    bool *wrong; /* [node_count] by themselves */
    bool loss_wrong;
    bool *behind; /* [value_count] scratch of find_cause */
    cr_gradcheck_report report;
    void *user;
} check;

/* Runs the nodes from c->from on; the full loss, or the sum of all outputs without one.
 */
static double evaluate(check *c)
{
    cr_workspace *workspace = c->evaluator->workspace;
    for (size_t i = c->from; i < c->network->node_count; i++)
        c->network->nodes[i].type->forward(&c->pass, &workspace->io[i]);
    if (c->loss)
        return cr_loss_forward(c->loss, &c->pass, &c->evaluator->loss) /
                   cr_loss_weight(&c->pass, &c->evaluator->loss) +
               cr_penalty_value(&c->penalty, c->network);
    double sum = 0;
    size_t size = c->pass.rows * c->network->values[c->network->output].size;
    for (size_t i = 0; i < size; i++)
        sum += (double)workspace->values[c->network->output][i];
    return sum;
}

static uint64_t branches(check *c)
{
    uint64_t hash = cr_workspace_branches(&c->pass, c->evaluator->workspace, 1);
    if (c->loss && c->loss->branches)
        hash = c->loss->branches(&c->pass, &c->evaluator->loss, hash);
    return hash;
}

static cr_gradcheck_change change(void *user, cr_real *x, cr_real high, cr_real low)
{
    check *c = user;
    *x = high;
    double above = evaluate(c);
    uint64_t side = branches(c);
    *x = low;
    double below = evaluate(c);
    return (cr_gradcheck_change){above - below, fabs(above) + fabs(below),
                                 branches(c) == side};
}

static void analytic(check *c)
{
    cr_workspace *workspace = c->evaluator->workspace;
    c->from = 0;
    evaluate(c);
    if (c->loss) {
        cr_loss_backward(c->loss, &c->pass, &c->evaluator->loss);
    } else {
        size_t size = c->pass.rows * c->network->values[c->network->output].size;
        for (size_t i = 0; i < size; i++)
            workspace->gradients[c->network->output][i] = 1;
    }
    cr_workspace_backward(&c->pass, workspace);
    cr_gradient_sink sink = {c->gradients, 1, 0, 0};
    cr_workspace_gradient(&c->pass, workspace, &sink);
}

/* The first layer between the value and the loss that is wrong by itself, or the loss. */
static const char *find_cause(const check *c, size_t value)
{
    memset(c->behind, 0, c->network->value_count * sizeof *c->behind);
    c->behind[value] = true;
    for (size_t i = 0; i < c->network->node_count; i++) {
        const cr_node *node = &c->network->nodes[i];
        bool takes = false;
        for (size_t k = 0; k < node->plan.input_count; k++)
            takes |= c->behind[node->inputs[k]];
        if (takes && c->wrong[i])
            return node->name;
        for (size_t k = 0; takes && k < node->output_count; k++)
            c->behind[node->output + k] = true;
    }
    return c->loss_wrong ? "loss" : NULL;
}

/* `own`: the layer that the tensor is a parameter of; `value`: where its gradient comes
 * from. */
static void compare(check *c, const cr_gradcheck_values *values, const char *own,
                    size_t value, cr_gradcheck *found)
{
    const cr_gradcheck_function function = {c, change};
    cr_gradcheck_tensor_compare(&function, &c->sample, values, found);
    if (found->verdict == CR_GRADCHECK_WRONG)
        found->cause = own ? own : find_cause(c, value);
    c->report(c->user, found);
}

/* Varies a node's parameters, and runs only that and what comes behind it. */
static void check_parameters(check *c, size_t i)
{
    const cr_node *node = &c->network->nodes[i];
    c->from = 0;
    if (node->plan.parameter_count > 0)
        evaluate(c); /* what was varied before is as it was */
    c->from = i;
    for (size_t k = 0; k < node->plan.parameter_count; k++) {
        const cr_segment *segment = &node->plan.parameters[k];
        cr_gradcheck found = {.kind = CR_GRADCHECK_PARAMETER,
                              .layer = node->name,
                              .tensor = segment->full_name,
                              .size = segment->size};
        bool decays = c->loss && segment->regularized;
        const cr_gradcheck_values values = {c->network->parameters + segment->offset,
                                            c->gradients + segment->offset,
                                            decays ? c->penalty : (cr_penalty){0}};
        if (segment->trainable)
            compare(c, &values, c->wrong[i] ? node->name : NULL, node->output, &found);
    }
}

/* Varies what a node put out, and runs only what comes behind it. */
static void check_value(check *c, const char *name, size_t value, size_t next_node)
{
    cr_workspace *workspace = c->evaluator->workspace;
    cr_gradcheck found = {.kind = CR_GRADCHECK_VALUE,
                          .layer = name,
                          .tensor = name,
                          .size = c->pass.rows * c->network->values[value].size};
    const cr_gradcheck_values values = {
        workspace->values[value], workspace->gradients[value], {.l2 = 0}};
    c->from = 0;
    evaluate(c); /* what was varied before is as it was */
    c->from = next_node;
    if (values.gradient && found.size > 0)
        compare(c, &values, NULL, value, &found);
}

/* The loss over its scores. */
static void check_loss(check *c)
{
    cr_gradcheck found = {.kind = CR_GRADCHECK_LOSS,
                          .layer = "loss",
                          .tensor = c->loss->name,
                          .size = c->pass.rows * c->evaluator->loss.outputs};
    size_t output = c->network->output;
    const cr_gradcheck_values values = {c->evaluator->workspace->values[output],
                                        c->evaluator->workspace->gradients[output],
                                        {.l2 = 0}};
    const cr_gradcheck_function function = {c, change};
    c->from = c->network->node_count;
    cr_gradcheck_tensor_compare(&function, &c->sample, &values, &found);
    c->loss_wrong = found.verdict == CR_GRADCHECK_WRONG;
    found.worst_input = "scores";
    c->report(c->user, &found);
}

static bool check_layers(check *c, cr_error *err)
{
    for (size_t i = 0; i < c->network->node_count; i++) {
        const cr_gradcheck_place place = {c->evaluator->workspace, i, c->pass};
        cr_gradcheck found;
        if (c->network->nodes[i].spec == CR_NO_SPEC)
            continue; /* a copy is wiring: its backward shows in the network */
        if (!cr_gradcheck_layer_compare(&place, c->gradients, &c->sample, &found, err))
            return false;
        c->wrong[i] = found.verdict == CR_GRADCHECK_WRONG;
        if (found.size > 0)
            c->report(c->user, &found);
    }
    return true;
}

static void check_network(check *c)
{
    analytic(c);
    check_value(c, "data", 0, 0);
    for (size_t i = 0; i < c->network->node_count; i++) {
        const cr_node *node = &c->network->nodes[i];
        check_parameters(c, i);
        /* a reshaped value is its input, which others may take as well: varied there */
        bool own = c->network->values[node->output].values_of == node->output;
        if (node->spec != CR_NO_SPEC && own)
            check_value(c, node->name, node->output, i + 1);
    }
}

static size_t largest_tensor(const check *c)
{
    size_t largest = 1;
    for (size_t i = 0; i < c->network->value_count; i++)
        if (c->pass.rows * c->network->values[i].size > largest)
            largest = c->pass.rows * c->network->values[i].size;
    for (size_t i = 0; i < c->network->node_count; i++)
        for (size_t k = 0; k < c->network->nodes[i].plan.parameter_count; k++)
            if (c->network->nodes[i].plan.parameters[k].size > largest)
                largest = c->network->nodes[i].plan.parameters[k].size;
    return largest;
}

bool cr_gradcheck_run(cr_evaluator *evaluator, const cr_loss_type *loss, size_t rows,
                      size_t sample, uint64_t seed, const cr_penalty *penalty,
                      cr_gradcheck_report report, void *user, cr_error *err)
{
    check c = {.evaluator = evaluator,
               .loss = loss,
               .network = evaluator->model->network,
               .penalty = *penalty,
               .sample = {.most = sample, .seed = seed},
               .report = report,
               .user = user};
    c.pass = (cr_pass){
        .training = true, .seed = seed, .rows = rows, .batch_rows = rows, .shares = 1};
    c.gradients = cr_alloc(c.network->parameter_size, sizeof(cr_real), err);
    c.sample.chosen = cr_alloc(largest_tensor(&c), sizeof *c.sample.chosen, err);
    c.wrong = cr_alloc(c.network->node_count, sizeof *c.wrong, err);
    c.behind = cr_alloc(c.network->value_count, sizeof *c.behind, err);
    bool good = c.gradients && c.sample.chosen && c.wrong && c.behind;
    if (good) {
        evaluate(&c);
        good = check_layers(&c, err);
    }
    if (good) {
        analytic(&c);
        if (loss)
            check_loss(&c);
        check_network(&c);
    }
    cr_free(c.gradients);
    cr_free(c.sample.chosen);
    cr_free(c.wrong);
    cr_free(c.behind);
    return good;
}
