#include "graph/layers/broadcast.h"

#include <stdio.h>
#include <string.h>

bool cr_broadcast_plan(cr_layer_plan *plan, cr_error *err)
{
    plan->output = plan->inputs[0];
    for (size_t k = 1; k < plan->input_count; k++) {
        const cr_shape *shape = &plan->inputs[k];
        if (cr_shape_size(shape) == 1)
            continue;
        if (cr_shape_size(&plan->output) == 1)
            plan->output = *shape;
        bool same = cr_shape_is_same(shape, &plan->output);
        char first[CR_SHAPE_TEXT], other[CR_SHAPE_TEXT];
        if (!same)
            return cr_fail(err, CR_E_CONFIG,
                           "its inputs have the shapes %s and %s; they must be equal, or "
                           "one of them "
                           "a single number",
                           cr_shape_format(&plan->output, first),
                           cr_shape_format(shape, other));
    }
    plan->flops = (double)cr_shape_size(&plan->output) * (double)plan->input_count;
    return true;
}

void cr_broadcast_clear(const cr_pass *pass, const cr_layer_io *io)
{
    for (size_t k = 0; k < io->input_count; k++)
        if (io->dx[k])
            memset(io->dx[k] + pass->first_row * io->input_size[k], 0,
                   pass->rows * io->input_size[k] * sizeof(cr_real));
}

/* Input k; a single number with as many dimensions as the output has. */
static const char *operand(const cr_layer_onnx *layer, size_t k)
{
    const cr_layer_plan *plan = layer->plan;
    cr_shape one = {.rank = plan->output.rank, .dim = {1, 1, 1, 1}};
    char part[32];
    snprintf(part, sizeof part, "input%zu", k);
    return plan->inputs[k].rank == one.rank
               ? layer->inputs[k]
               : cr_layer_onnx_shaped(layer, part, layer->inputs[k], &one);
}

const char *cr_broadcast_onnx(const cr_layer_onnx *layer, const char *op)
{
    const char *y = operand(layer, 0);
    for (size_t k = 1, count = layer->plan->input_count; k < count; k++) {
        const cr_onnx_node node = {.op = op, .in = {y, operand(layer, k)}};
        char part[32];
        snprintf(part, sizeof part, "%zu", k);
        y = k + 1 < count ? cr_layer_onnx_part(layer, part, &node)
                          : cr_layer_onnx_output(layer, &node);
    }
    return y;
}
