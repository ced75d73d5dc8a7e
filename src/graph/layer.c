#include "graph/layer.h"

#include <string.h>

const cr_layer_type *cr_layer_type_find(const char *name)
{
    for (size_t i = 0; i < cr_layer_type_count; i++)
        if (strcmp(cr_layer_types[i]->name, name) == 0)
            return cr_layer_types[i];
    return NULL;
}

void cr_plan_parameter(cr_layer_plan *plan, const char *name, size_t rank, size_t rows,
                       size_t columns, bool regularized)
{
    plan->parameters[plan->parameter_count++] = (cr_segment){
        .name = name, .rank = rank, .dim = {rows, columns}, .regularized = regularized};
}

void cr_plan_buffer(cr_layer_plan *plan, const char *name, size_t n)
{
    plan->buffers[plan->buffer_count++] =
        (cr_segment){.name = name, .rank = 1, .dim = {n, 1}};
}
