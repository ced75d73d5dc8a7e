/* y = x²; dy/dx = 2x. */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/elementwise.h"
#include "graph/layers/layers.h"

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    const cr_real *restrict x = io->x[0] + first;
    cr_real *restrict y = io->y + first;
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] * x[i];
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    if (!io->dx[0])
        return;
    const cr_real *restrict x = io->x[0] + first;
    const cr_real *restrict dy = io->dy[0] + first;
    cr_real *restrict dx = io->dx[0] + first;
    for (size_t i = 0; i < n; i++)
        dx[i] = 2 * dy[i] * x[i];
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    cr_layer_c_elementwise(io, c, "square", "x[i] * x[i]", NULL, out);
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    const char *x = layer->inputs[0];
    return cr_layer_onnx_output(layer, &(cr_onnx_node){.op = "Mul", .in = {x, x}});
}

const cr_layer_type cr_layer_square = {
    .name = "square",
    .summary = "y = x squared, element by element",
    .symbol = "x&#178;",
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = cr_elementwise_plan,
    .forward = forward,
    .backward = backward,
    .c_source = c_source,
    .in_place = true,
    .onnx = onnx,
};
