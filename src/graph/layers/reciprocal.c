/* y = 1/x; dy/dx = −y². */
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
        y[i] = 1 / x[i];
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    if (!io->dx[0])
        return;
    const cr_real *restrict y = io->y + first;
    const cr_real *restrict dy = io->dy[0] + first;
    cr_real *restrict dx = io->dx[0] + first;
    for (size_t i = 0; i < n; i++)
        dx[i] = -dy[i] * y[i] * y[i];
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    cr_layer_c_elementwise(io, c, "reciprocal", "1 / x[i]", NULL, out);
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    return cr_layer_onnx_apply(layer, "Reciprocal");
}

const cr_layer_type cr_layer_reciprocal = {
    .name = "reciprocal",
    .summary = "y = 1/x, element by element",
    .symbol = "1/x",
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = cr_elementwise_plan,
    .forward = forward,
    .backward = backward,
    .c_source = c_source,
    .in_place = true,
    .onnx = onnx,
};
