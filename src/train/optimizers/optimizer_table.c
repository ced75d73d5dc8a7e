/* The table of optimizers: a new one is one file and one row here. */
#include "math/kernel.h"
#include "train/optimizer.h"

#include <math.h>

const cr_optimizer_type *const cr_optimizer_types[] = {
    &cr_optimizer_sgd,  &cr_optimizer_rmsprop, &cr_optimizer_adagrad,
    &cr_optimizer_adam, &cr_optimizer_adamw,
};

const size_t cr_optimizer_type_count = CR_COUNT(cr_optimizer_types);

double *cr_optimizer_number(const cr_optimizer *optimizer, const char *key)
{
    return cr_options_number(optimizer->type->options, optimizer->type->option_count,
                             optimizer->options, key);
}

size_t cr_optimizer_states(const cr_optimizer *optimizer)
{
    return optimizer->type->states ? optimizer->type->states(optimizer->options) : 0;
}

/* A bound between shares: whole cache lines, so that no two threads write to one. */
static size_t bound(size_t size, size_t share, size_t shares)
{
    enum { UNIT = 16 };
    return share == shares ? size : size / UNIT * share / shares * UNIT;
}

void cr_optimizer_update(const cr_optimizer *optimizer, const cr_step *step,
                         cr_network *network, const cr_real *gradients, cr_real *state,
                         size_t share, size_t shares)
{
    size_t states = cr_optimizer_states(optimizer);
    for (size_t i = 0; i < network->node_count; i++)
        for (size_t k = 0; k < network->nodes[i].plan.parameter_count; k++) {
            const cr_segment *segment = &network->nodes[i].plan.parameters[k];
            size_t at = segment->offset;
            const cr_update_range range = {
                .segment = segment,
                .from = bound(segment->size, share, shares),
                .to = bound(segment->size, share + 1, shares),
                .w = network->parameters + at,
                .g = gradients + at,
                .state = states ? state + at * states : NULL,
            };
            if (segment->trainable && range.from < range.to)
                optimizer->type->update(step, &range);
        }
}

double cr_optimizer_gradient_norm(const cr_penalty *penalty, const cr_network *network,
                                  const cr_real *gradients)
{
    const cr_step step = {.penalty = *penalty, .scale = 1, .limit = INFINITY};
    double sum = 0;
    for (size_t i = 0; i < network->node_count; i++)
        for (size_t k = 0; k < network->nodes[i].plan.parameter_count; k++) {
            const cr_segment *segment = &network->nodes[i].plan.parameters[k];
            const cr_real *w = network->parameters + segment->offset,
                          *g = gradients + segment->offset;
            const cr_gradient_terms terms = cr_step_terms(&step, segment, 0);
            if (!segment->trainable)
                continue;
            if (terms.l2 == 0 && terms.l1 == 0) {
                sum += cr_kernel_sum_squares(segment->size, g);
                continue;
            }
            for (size_t j = 0; j < segment->size; j++) {
                double x = (double)cr_step_gradient(&terms, g[j], w[j]);
                sum += x * x;
            }
        }
    return sqrt(sum);
}
