#include "graph/layer.h"

void cr_layer_plan_parameter(cr_layer_plan *plan, const char *name, size_t rank,
                             size_t rows, size_t columns, bool regularized)
{
    plan->parameters[plan->parameter_count++] = (cr_segment){
        .name = name, .rank = rank, .dim = {rows, columns}, .regularized = regularized};
}

void cr_layer_plan_buffer(cr_layer_plan *plan, const char *name, size_t n)
{
    plan->buffers[plan->buffer_count++] =
        (cr_segment){.name = name, .rank = 1, .dim = {n, 1}};
}
