/* y = log(x), the natural logarithm; dy/dx = 1/x. */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/elementwise.h"
#include "graph/layers/layers.h"

#include <tgmath.h>

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    const cr_real *restrict x = io->x[0] + first;
    cr_real *restrict y = io->y + first;
    for (size_t i = 0; i < n; i++)
        y[i] = log(x[i]);
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
        dx[i] = dy[i] / x[i];
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    (void)cr_csource_math_add(out, CR_CSOURCE_LOG);
    cr_layer_c_elementwise(io, c, "log", "logarithm(x[i])", NULL, out);
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    return cr_layer_onnx_apply(layer, "Log");
}

const cr_layer_type cr_layer_log = {
    .name = "log",
    .summary = "y = log(x), the natural logarithm, element by element",
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = cr_elementwise_plan,
    .forward = forward,
    .backward = backward,
    .c_source = c_source,
    .in_place = true,
    .onnx = onnx,
};
