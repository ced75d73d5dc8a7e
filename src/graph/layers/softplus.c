/* y = log(1 + exp(x)); dy/dx = 1 / (1 + exp(−x)). Written so that nothing overflows. */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/elementwise.h"
#include "graph/layers/layers.h"
#include "math/kernel.h"

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    const cr_real *restrict x = io->x[0] + first;
    cr_real *restrict y = io->y + first;
    cr_kernel_softplus(n, x, y);
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    if (!io->dx[0])
        return;
    const cr_real *restrict x = io->x[0] + first, *restrict dy = io->dy[0] + first;
    cr_real *restrict dx = io->dx[0] + first;
    cr_kernel_sigmoid(n, x, dx);
    for (size_t i = 0; i < n; i++)
        dx[i] *= dy[i];
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    (void)cr_csource_math_add(out, CR_CSOURCE_SOFTPLUS);
    cr_layer_c_elementwise(io, c, "softplus", "soft_plus(x[i])", NULL, out);
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    return cr_layer_onnx_apply(layer, "Softplus");
}

const cr_layer_type cr_layer_softplus = {
    .name = "softplus",
    .summary = "y = log(1 + exp(x)), element by element",
    .min_inputs = 1,
    .max_inputs = 1,
    .activation = true,
    .plan = cr_elementwise_plan,
    .forward = forward,
    .backward = backward,
    .c_source = c_source,
    .in_place = true,
    .onnx = onnx,
};
