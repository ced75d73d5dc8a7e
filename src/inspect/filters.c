#include "inspect/filters.h"

#include <stdio.h>
#include <string.h>

/* Weights [filters, channels, height, width] over an image, or [values, units]. */
static bool take(cr_filters *f, const cr_network *network, const cr_node *node,
                 const cr_encoding *encoding)
{
    const cr_shape *example = &encoding->shape;
    const cr_segment *weight = NULL;
    for (size_t k = 0; k < node->plan.parameter_count && !weight; k++)
        if (strcmp(node->plan.parameters[k].name, "weight") == 0)
            weight = &node->plan.parameters[k];
    if (!weight)
        return false;
    const size_t *dim = weight->shape.dim;
    *f = (cr_filters){.node = node, .weights = network->parameters + weight->offset};
    if (weight->shape.rank == 4 && example->rank == 3 && example->dim[0] % dim[1] == 0) {
        f->count = dim[0];
        f->filter = dim[1] * dim[2] * dim[3];
        f->value = 1;
        f->channels = dim[1];
        f->height = dim[2];
        f->width = dim[3];
        return true;
    }
    f->count = dim[1];
    f->filter = 1;
    f->value = dim[1];
    f->channels = example->rank == 3 ? example->dim[0] : 1;
    f->height = example->rank == 3 ? example->dim[1] : 1;
    f->width = example->rank == 3 ? example->dim[2] : encoding->features;
    return weight->shape.rank == 2 && dim[0] == encoding->features;
}

bool cr_filters_find(cr_filters *filters, const cr_model *model)
{
    const cr_network *network = model->network;
    for (size_t i = 0; i < network->node_count; i++)
        if (take(filters, network, &network->nodes[i], model->encoding))
            return true;
    return false;
}

const char *cr_filters_name(const cr_filters *filters, const cr_model *model, size_t i,
                            char out[CR_FILTERS_NUMBER])
{
    const cr_names *classes = &model->encoding->classes;
    snprintf(out, CR_FILTERS_NUMBER, "%zu", i);
    return filters->node->output == model->network->output &&
                   classes->count == filters->count
               ? classes->items[i]
               : out;
}
