/* y = tanh(x); dy/dx = 1 − y². */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/elementwise.h"
#include "graph/layers/layers.h"
#include "math/kernel.h"

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    cr_kernel_tanh(n, io->x[0] + first, io->y + first);
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    if (!io->dx[0])
        return;
    const cr_real *restrict y = io->y + first, *restrict dy = io->dy[0] + first;
    cr_real *restrict dx = io->dx[0] + first;
    for (size_t i = 0; i < n; i++)
        dx[i] = dy[i] * (1 - y[i] * y[i]);
}

/* The share of the outputs within a hundredth of the range from -1 or 1, where next to no
 * gradient passes. */
static double saturated(size_t rows, size_t size, const cr_real *y)
{
    size_t count = 0;
    for (size_t i = 0; i < rows * size; i++)
        count += y[i] < (cr_real)-0.98 || y[i] > (cr_real)0.98;
    return (double)count / ((double)rows * (double)size);
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    (void)cr_csource_math_add(out, CR_CSOURCE_TANGENT);
    cr_layer_c_elementwise(io, c, "tanh", "hyperbolic_tangent(x[i])", NULL, out);
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    return cr_layer_onnx_apply(layer, "Tanh");
}

const cr_layer_type cr_layer_tanh = {
    .name = "tanh",
    .summary = "y = tanh(x), element by element",
    .min_inputs = 1,
    .max_inputs = 1,
    .activation = true,
    .plan = cr_elementwise_plan,
    .forward = forward,
    .backward = backward,
    .health_name = "saturated",
    .health = saturated,
    .c_source = c_source,
    .in_place = true,
    .onnx = onnx,
};
