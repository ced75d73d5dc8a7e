/* The table of optimizers: a new one is one file and one row here. */
#include "train/optimizer.h"

const cr_optimizer_type *const cr_optimizer_types[] = {&cr_optimizer_sgd};

const size_t cr_optimizer_type_count =
    sizeof cr_optimizer_types / sizeof cr_optimizer_types[0];

void cr_optimizer_update(const cr_optimizer_type *type, const cr_step *step,
                         cr_network *network, const cr_real *gradients, cr_real *state)
{
    for (size_t i = 0; i < network->node_count; i++)
        for (size_t k = 0; k < network->nodes[i].plan.parameter_count; k++) {
            const cr_segment *segment = &network->nodes[i].plan.parameters[k];
            size_t at = segment->offset;
            if (segment->trainable)
                type->update(step, segment, network->parameters + at, gradients + at,
                             type->state_size ? state + at * type->state_size : NULL);
        }
}
