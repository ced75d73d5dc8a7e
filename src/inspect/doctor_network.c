/* Checks of the untrained network. */
#include "inspect/doctor.h"
#include "inspect/gradcheck.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SAMPLE = 1024, SAMPLE_OF_IMAGES = 128, SAMPLE_OF_LARGE = 16 };

/* Of one example. */
static double count_values(const cr_network *network)
{
    double values = 0;
    for (size_t i = 0; i < network->value_count; i++)
        values += (double)network->values[i].size;
    return values;
}

/* A forward pass over rows spread over the training part (tables are often sorted). */
static cr_evaluator *look(const cr_experiment *e, double *loss, cr_error *err)
{
    const double most_values = 1 << 27; /* 1 GiB */
    const cr_part *train = &e->data->parts[CR_PART_TRAIN];
    size_t rows = cr_evaluator_rows(e->model.network, SAMPLE_OF_IMAGES, SAMPLE);
    if ((double)rows * count_values(e->model.network) > most_values)
        rows = cr_evaluator_rows(e->model.network, SAMPLE_OF_LARGE, rows);
    rows = train->count < rows ? train->count : rows;
    cr_evaluator *evaluator = cr_evaluator_create(&e->model, rows, 1, false, err);
    if (!evaluator)
        return NULL;
    for (size_t i = 0; i < rows; i++)
        evaluator->order[i] = (uint32_t)cr_part_row(train, i * train->count / rows);
    cr_pass pass = {.rows = rows, .batch_rows = rows, .shares = 1};
    cr_sums sums = {0};
    cr_evaluator_forward(evaluator, train->dataset, evaluator->order, &pass, &sums);
    *loss = cr_sums_figures(&sums, &e->model).loss;
    return evaluator;
}

/* Over the rows that the evaluator saw last, where all outputs are 0. */
static double zero_loss(const cr_experiment *e, cr_evaluator *evaluator)
{
    size_t rows = evaluator->rows;
    cr_pass pass = {.rows = rows, .batch_rows = rows, .shares = 1};
    memset(evaluator->workspace->values[e->model.network->output], 0,
           rows * evaluator->loss.outputs * sizeof(cr_real));
    return cr_loss_forward(e->model.loss.type, &pass, &evaluator->loss) /
           cr_loss_weight(&pass, &evaluator->loss);
}

bool cr_doctor_network_loss(const cr_doctor *doctor, cr_finding *finding, cr_error *err)
{
    const cr_experiment *e = doctor->experiment;
    double loss = 0;
    cr_evaluator *evaluator = look(e, &loss, err);
    if (!evaluator)
        return false;
    const cr_loss_type *type = e->model.loss.type;
    double known = cr_doctor_chance(e, evaluator), of_zeros = zero_loss(e, evaluator);
    cr_evaluator_destroy(evaluator);
    cr_doctor_say(finding, CR_VERDICT_OK, "%.4g, where %s give %.4g%s%s%s%s", loss,
                  type->classify ? "equal scores" : "the targets' means", known,
                  type->chance ? " (" : "", type->chance ? type->chance : "",
                  type->chance && e->model.loss.weights ? ", by class_weights" : "",
                  type->chance ? ")" : "");
    if (e->model.section.weights)
        cr_doctor_say(finding, CR_VERDICT_OK, "the weights come from a file");
    else if (!isfinite(loss))
        cr_doctor_say(finding, CR_VERDICT_FAILURE,
                      "it is not finite: \"normalize\" the data");
    else if (!type->classify && of_zeros > 4 * known)
        cr_doctor_say(finding, CR_VERDICT_WARNING,
                      "the targets are far from 0 against their spread: "
                      "\"normalize_target\": \"standardize\" in \"data\"");
    else if (!type->classify && loss > 10 * known)
        cr_doctor_say(finding, CR_VERDICT_WARNING,
                      "the first outputs are far too large: \"normalize\" the data, or "
                      "take an \"init\" with smaller weights");
    else if (type->classify && loss > 3 * known)
        cr_doctor_say(
            finding, CR_VERDICT_WARNING,
            "the first scores are far too large: \"normalize\" the data, or take "
            "an \"init\" with smaller weights");
    return true;
}

/* Weight decay apart from the gradient is in no loss: it takes a share of every weight
 * with every step. */
static void say_decay(const cr_experiment *e, double decay, cr_finding *finding)
{
    const double most = 0.01;
    double share = decay * cr_experiment_learning_rate(e);
    cr_doctor_say(finding, CR_VERDICT_OK, "a step takes %.2g of every weight", share);
    if (share > most)
        cr_doctor_say(finding, CR_VERDICT_WARNING,
                      "what was learned is forgotten within %.0f steps: take less "
                      "\"weight_decay\"",
                      ceil(1 / share));
}

bool cr_doctor_network_regularization(const cr_doctor *doctor, cr_finding *finding,
                                      cr_error *err)
{
    const cr_experiment *e = doctor->experiment;
    const double *decay = cr_optimizer_number(&e->optimizer, "weight_decay");
    cr_penalty all = e->penalty;
    const cr_penalty *p = &all;
    if (decay && e->optimizer.type->decoupled)
        say_decay(e, *decay, finding);
    else if (decay)
        all.l2 += *decay / 2; /* its term of the gradient is that of this penalty */
    if (p->l1 == 0 && p->l2 == 0) {
        if (!finding->text.length)
            cr_doctor_say(finding, CR_VERDICT_OK, "there is none");
        return true;
    }
    double loss = 0;
    cr_evaluator *evaluator = look(e, &loss, err);
    if (!evaluator)
        return false;
    cr_evaluator_destroy(evaluator);
    const cr_penalty tenfold = {.l1 = 10 * p->l1, .l2 = 10 * p->l2};
    double penalty = cr_penalty_value(p, e->model.network);
    double more = cr_penalty_value(&tenfold, e->model.network);
    cr_doctor_say(finding, CR_VERDICT_OK,
                  "loss %.4g without, %.4g with it, %.4g with ten times as much", loss,
                  loss + penalty, loss + more);
    if (!(loss + penalty > loss && more > penalty))
        cr_doctor_say(finding, CR_VERDICT_FAILURE,
                      "more of it does not raise the loss: no layer has weights, or all "
                      "are 0");
    else if (penalty > loss)
        cr_doctor_say(finding, CR_VERDICT_WARNING,
                      "it outweighs the data: take less of it (%s)",
                      decay && *decay / 2 > e->penalty.l2 && !e->optimizer.type->decoupled
                          ? "\"weight_decay\""
                          : "\"regularization\"");
    return true;
}

/* Whether the node has weights, and all of them are 0. */
static bool is_zero(const cr_network *network, const cr_node *node)
{
    bool has_weights = false;
    for (size_t k = 0; k < node->plan.parameter_count; k++) {
        const cr_segment *s = &node->plan.parameters[k];
        for (size_t i = s->offset; s->regularized && i < s->offset + s->size; i++)
            if (network->parameters[i] != 0)
                return false;
        has_weights |= s->regularized;
    }
    return has_weights;
}

/* The node that puts out the first input of another; NULL: the batch does. */
static const cr_node *node_before(const cr_network *network, const cr_node *node)
{
    size_t value = node->plan.input_count > 0 ? node->inputs[0] : 0;
    for (size_t i = 0; i < network->node_count; i++)
        if (network->values[value].alias_of == network->nodes[i].output)
            return &network->nodes[i];
    return NULL;
}

/* Two linear functions one behind the other are one. */
static void say_linear(const cr_network *network, cr_finding *finding)
{
    for (size_t i = 0; i < network->node_count; i++) {
        const cr_node *node = &network->nodes[i], *before = node_before(network, node);
        if (before && before->type->affine && node->type->affine)
            cr_doctor_say(
                finding, CR_VERDICT_WARNING,
                "%s stands right behind %s, and the two can do no more than one "
                "of them: put an activation such as relu between",
                node->name, before->name);
    }
}

/* Layers whose own figure says that half of them does nothing. */
bool cr_doctor_network_activations(const cr_doctor *doctor, cr_finding *finding,
                                   cr_error *err)
{
    const cr_experiment *e = doctor->experiment;
    const cr_network *network = e->model.network;
    double loss = 0;
    cr_evaluator *evaluator = look(e, &loss, err);
    if (!evaluator)
        return false;
    size_t looked = 0, bad = 0, zero = 0;
    for (size_t i = 0; i < network->node_count; i++) {
        const cr_node *node = &network->nodes[i];
        if (!node->type->health)
            continue;
        looked++;
        double share =
            node->type->health(evaluator->rows, network->values[node->output].size,
                               evaluator->workspace->values[node->output]);
        if (share < 0.5)
            continue;
        bad++;
        cr_doctor_say(finding, share > 0.9 ? CR_VERDICT_FAILURE : CR_VERDICT_WARNING,
                      "%s: %.0f %% %s", node->name, 100 * share, node->type->health_name);
        const cr_node *before = node_before(network, node);
        if (before && is_zero(network, before) && zero++ == 0)
            cr_doctor_say(finding, CR_VERDICT_FAILURE,
                          "the weights of %s are all 0: take another \"init\", such as "
                          "\"he\"",
                          before->name);
    }
    cr_evaluator_destroy(evaluator);
    say_linear(network, finding);
    if (bad > zero)
        cr_doctor_say(finding, CR_VERDICT_WARNING,
                      "\"normalize\" the data, or take smaller first weights (\"init\")");
    else if (bad == 0)
        cr_doctor_say(finding, CR_VERDICT_OK,
                      looked ? "nowhere is half of the outputs dead or saturated"
                             : "no layer can be dead or saturated");
    return true;
}

typedef struct worst {
    size_t layers, wrong_layers, tensors, wrong, not_checked, zero;
    char layer[64], tensor[64]; /* the first that are wrong */
} worst;

static void add_found(void *user, const cr_gradcheck *found)
{
    worst *w = user;
    bool wrong = found->verdict == CR_GRADCHECK_WRONG;
    size_t length = strlen(found->tensor);
    bool weight = length > 7 && strcmp(found->tensor + length - 7, ".weight") == 0;
    if (found->kind == CR_GRADCHECK_LAYER || found->kind == CR_GRADCHECK_LOSS) {
        w->layers++;
        if (wrong && w->wrong_layers++ == 0)
            snprintf(w->layer, sizeof w->layer, "%.60s", found->layer);
        return;
    }
    w->tensors++;
    w->not_checked += found->verdict == CR_GRADCHECK_NOT_CHECKED;
    w->zero += weight && found->norm == 0 && found->checked > 0;
    if (wrong && w->wrong++ == 0)
        snprintf(w->tensor, sizeof w->tensor, "%.60s", found->tensor);
}

static void say_found(const worst *w, cr_finding *finding)
{
    if (w->wrong_layers > 0)
        cr_doctor_say(finding, CR_VERDICT_FAILURE,
                      "the derivative of %s is wrong (of %zu of %zu layers), and %zu of "
                      "%zu tensors by it: \"chainrule gradcheck\" shows them; please "
                      "report it",
                      w->layer, w->wrong_layers, w->layers, w->wrong, w->tensors);
    else if (w->wrong > 0)
        cr_doctor_say(finding, CR_VERDICT_FAILURE,
                      "%zu of %zu tensors are wrong, first %s, though every layer is "
                      "right by itself: \"chainrule gradcheck\" shows them; please "
                      "report it",
                      w->wrong, w->tensors, w->tensor);
    else
        cr_doctor_say(finding, CR_VERDICT_OK,
                      "%zu layers by themselves and %zu tensors agree with difference "
                      "quotients to %g",
                      w->layers, w->tensors - w->not_checked, CR_GRADCHECK_TOLERANCE);
    if (w->not_checked > 0)
        cr_doctor_say(finding, CR_VERDICT_OK,
                      "%zu others could not be checked, every value beside a kink",
                      w->not_checked);
}

/* The last node with weights, if all of them are 0: a usual start. */
static const cr_node *zero_at_the_end(const cr_network *network)
{
    const cr_node *last = NULL;
    for (size_t i = 0; i < network->node_count; i++)
        for (size_t k = 0; k < network->nodes[i].plan.parameter_count; k++)
            if (network->nodes[i].plan.parameters[k].regularized)
                last = &network->nodes[i];
    return last && is_zero(network, last) ? last : NULL;
}

/* What the gradient check looks at: so many values of each tensor, over so many examples.
 */
typedef struct extent {
    size_t rows, values;
    bool is_less; /* than of a network that is not large */
} extent;

/* As much as two seconds or so allow, counted by the work and not by the clock, so that a
 * config has the same figures on any machine; false where even the least takes far more. */
static bool choose_extent(const cr_experiment *e, extent *chosen)
{
    enum { ROWS = 8, LEAST_ROWS = 2, VALUES = 40, LEAST_VALUES = 3 };
    const double most_time = 2e9; /* nanoseconds, roughly, as all that follows */
    const cr_network *network = e->model.network;
    double tensors = (double)network->node_count;
    for (size_t i = 0; i < network->node_count; i++)
        tensors += (double)network->nodes[i].plan.parameter_count;
    double pass = 0.06 * cr_network_flops(network, false) + 2 * count_values(network);
    double each = 2 * tensors * pass; /* two passes for a value of each tensor */
    size_t rows = ROWS, count = e->data->parts[CR_PART_TRAIN].count;
    while (rows > LEAST_ROWS && (double)(rows * VALUES) * each > most_time)
        rows /= 2;
    double values = floor(most_time / ((double)rows * each));
    chosen->is_less = rows < ROWS;
    chosen->rows = count < rows ? count : rows;
    chosen->values = values < LEAST_VALUES ? LEAST_VALUES
                     : values < VALUES     ? (size_t)values
                                           : VALUES;
    return values >= 1;
}

bool cr_doctor_network_gradients(const cr_doctor *doctor, cr_finding *finding,
                                 cr_error *err)
{
    const cr_experiment *e = doctor->experiment;
    const cr_part *train = &e->data->parts[CR_PART_TRAIN];
    extent chosen;
    if (!choose_extent(e, &chosen)) {
        cr_doctor_say(finding, CR_VERDICT_OK,
                      "not looked at, since it would take minutes in a network as large "
                      "as this: \"chainrule gradcheck\" does it");
        return true;
    }
    const size_t rows = chosen.rows;
    cr_evaluator *evaluator = cr_evaluator_create(&e->model, rows, 1, true, err);
    if (!evaluator)
        return false;
    for (size_t i = 0; i < rows; i++)
        evaluator->order[i] = (uint32_t)cr_part_row(train, i * train->count / rows);
    cr_batch_gather(train->dataset, evaluator->order, rows,
                    evaluator->workspace->values[0], &evaluator->loss.targets);
    worst w = {0};
    bool good = cr_gradcheck_run(evaluator, e->model.loss.type, rows, chosen.values,
                                 (uint64_t)e->seed, &e->penalty, add_found, &w, err);
    cr_evaluator_destroy(evaluator);
    if (!good)
        return false;
    say_found(&w, finding);
    if (chosen.is_less)
        cr_doctor_say(finding, CR_VERDICT_OK,
                      "of so large a network, %zu values of each over %zu examples were "
                      "looked at; \"chainrule gradcheck\" looks at more",
                      chosen.values, rows);
    const cr_node *silent = zero_at_the_end(e->model.network);
    if (w.zero > 0 && silent)
        cr_doctor_say(finding, CR_VERDICT_OK,
                      "the weights of %s are all 0, so nothing before it gets a gradient "
                      "from the first step",
                      silent->name);
    else if (w.zero > 0)
        cr_doctor_say(finding, CR_VERDICT_WARNING,
                      "%zu weights get no gradient from these %zu examples: they "
                      "would not learn; see \"activations\"",
                      w.zero, rows);
    return true;
}
