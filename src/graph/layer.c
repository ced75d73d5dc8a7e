#include "graph/layer.h"

void cr_layer_plan_parameter(cr_layer_plan *plan, const char *name, cr_shape shape,
                             bool regularized)
{
    plan->parameters[plan->parameter_count++] =
        (cr_segment){.name = name, .shape = shape, .regularized = regularized};
}

void cr_layer_plan_buffer(cr_layer_plan *plan, const char *name, cr_shape shape)
{
    plan->buffers[plan->buffer_count++] = (cr_segment){.name = name, .shape = shape};
}
