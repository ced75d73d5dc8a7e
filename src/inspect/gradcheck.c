#include "inspect/gradcheck.h"

#include "base/memory.h"
#include "base/random.h"
#include "graph/workspace.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { HALVINGS = 4 }; /* of the step, before a value beside a kink is left out */

typedef struct check {
    cr_evaluator *evaluator;
    const cr_loss_type *loss;
    cr_network *network;
    cr_pass pass;
    cr_penalty penalty;
    cr_real *gradients; /* of the parameters, laid out as they are */
    size_t sample;
    uint64_t seed;
    uint32_t *chosen; /* [largest tensor] scratch for the sample */
    size_t from; /* nodes before this one are not run: an output is varied behind them */
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
                   (double)c->pass.batch_rows +
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

static void analytic(check *c)
{
    cr_workspace *workspace = c->evaluator->workspace;
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

/* (f(x + h) − f(x − h)) / 2h with *x varied; false when a kink lies between, whatever the
 * step. *noise is what rounding may make of it: f itself is no better than a few units in
 * its last place, which a large f (a loss on large targets) divides by a small 2h. */
static bool quotient(check *c, cr_real *x, double step, double *result, double *noise)
{
    enum { UNITS = 8 };
    cr_real kept = *x;
    bool smooth = false;
    for (int i = 0; i < HALVINGS && !smooth; i++, step /= 4) {
        cr_real high = (cr_real)((double)kept + step),
                low = (cr_real)((double)kept - step);
        *x = high;
        double above = evaluate(c);
        uint64_t side = branches(c);
        *x = low;
        double below = evaluate(c);
        smooth = branches(c) == side;
        double width = (double)high - (double)low;
        *result = (above - below) / width;
        *noise = UNITS * DBL_EPSILON * (fabs(above) + fabs(below)) / width;
    }
    *x = kept;
    return smooth;
}

/* The difference quotient. Its error grows with the square of the step and with the third
 * derivative, which is large where a batch's variance is tiny: where the first one is
 * apart from the analytic derivative, a step of a quarter takes the square out
 * (Richardson, 1911). */
static bool derivative(check *c, cr_real *x, double analytic, double *result,
                       double *noise)
{
    double step = 1e-5 * fmax(1, fabs((double)*x)), finer = 0;
    if (!quotient(c, x, step, result, noise))
        return false;
    if (fabs(analytic - *result) > 0.1 * CR_GRADCHECK_TOLERANCE * fabs(analytic) &&
        quotient(c, x, step / 4, &finer, noise))
        *result = finer + (finer - *result) / 15;
    return true;
}

/* Positions to check: all, or a sample drawn without replacement. */
static size_t choose(check *c, size_t size, uint32_t stream)
{
    for (size_t i = 0; i < size; i++)
        c->chosen[i] = (uint32_t)i;
    if (c->sample == 0 || size <= c->sample)
        return size;
    cr_random_shuffle(c->seed, CR_FOR_CHECK, stream, size, c->chosen);
    return c->sample;
}

static void compare(check *c, cr_real *x, const cr_real *gradient, cr_penalty penalty,
                    cr_gradcheck *found)
{
    size_t count = choose(c, found->size, cr_random_stream(found->tensor));
    double difference = 0, norm_a = 0, norm_n = 0, worst = -1;
    for (size_t i = 0; i < count; i++) {
        size_t at = c->chosen[i];
        double n = 0, noise = 0, w = (double)x[at];
        double a =
            (double)gradient[at] + 2 * penalty.l2 * w + penalty.l1 * ((w > 0) - (w < 0));
        if (!derivative(c, &x[at], a, &n, &noise)) {
            found->kinks++;
            continue;
        }
        found->checked++;
        double apart = fabs(a - n) < noise ? 0 : fabs(a - n) - noise; /* NaN stays */
        difference += apart * apart;
        norm_a += a * a;
        norm_n += n * n;
        if (!(fabs(a - n) <= worst)) {
            worst = fabs(a - n);
            found->worst = at;
            found->worst_analytic = a;
            found->worst_numerical = n;
        }
    }
    double norms = sqrt(norm_a) + sqrt(norm_n);
    found->norm = sqrt(norm_a);
    found->error = norms > 0 || isnan(norms) ? sqrt(difference) / norms : 0;
    c->report(c->user, found);
}

static void check_parameters(check *c, const cr_node *node)
{
    for (size_t k = 0; k < node->plan.parameter_count; k++) {
        const cr_segment *segment = &node->plan.parameters[k];
        cr_gradcheck found = {.layer = node->name,
                              .tensor = segment->full_name,
                              .parameter = true,
                              .size = segment->size};
        bool decays = c->loss && segment->regularized;
        c->from = 0;
        if (segment->trainable)
            compare(c, c->network->parameters + segment->offset,
                    c->gradients + segment->offset, decays ? c->penalty : (cr_penalty){0},
                    &found);
    }
}

/* Varies what a node put out, and runs only what comes behind it. */
static void check_value(check *c, const char *name, size_t value, size_t next_node)
{
    cr_workspace *workspace = c->evaluator->workspace;
    cr_gradcheck found = {.layer = name,
                          .tensor = name,
                          .size = c->pass.rows * c->network->values[value].size};
    c->from = 0;
    evaluate(c); /* what was varied before is as it was */
    c->from = next_node;
    if (workspace->gradients[value] && found.size > 0)
        compare(c, workspace->values[value], workspace->gradients[value], (cr_penalty){0},
                &found);
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
               .sample = sample,
               .seed = seed,
               .report = report,
               .user = user};
    c.pass = (cr_pass){
        .training = true, .seed = seed, .rows = rows, .batch_rows = rows, .shares = 1};
    c.gradients = cr_alloc(c.network->parameter_size, sizeof(cr_real), err);
    c.chosen = cr_alloc(largest_tensor(&c), sizeof *c.chosen, err);
    bool good = c.gradients && c.chosen;
    if (good) {
        analytic(&c);
        check_value(&c, "data", 0, 0);
        for (size_t i = 0; i < c.network->node_count; i++) {
            const cr_node *node = &c.network->nodes[i];
            check_parameters(&c, node);
            if (node->spec != CR_NO_SPEC)
                check_value(&c, node->name, node->output, i + 1);
        }
    }
    cr_free(c.gradients);
    cr_free(c.chosen);
    return good;
}
