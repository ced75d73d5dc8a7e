/* y = x Φ(x), with Φ the normal distribution; dy/dx = Φ(x) + x φ(x) (Hendrycks and
 * Gimpel, 2016). */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/elementwise.h"
#include "graph/layers/layers.h"
#include "math/kernel.h"

#include <math.h>

enum { BLOCK = 256 }; /* values whose density is kept on the stack */

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    const cr_real *restrict x = io->x[0] + first;
    cr_real *restrict y = io->y + first;
    cr_real density[BLOCK];
    for (size_t at = 0; at < n; at += BLOCK) {
        size_t count = n - at < BLOCK ? n - at : BLOCK;
        cr_kernel_normal(count, x + at, y + at, density);
        for (size_t i = at; i < at + count; i++)
            y[i] *= x[i];
    }
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    if (!io->dx[0])
        return;
    const cr_real *restrict x = io->x[0] + first, *restrict dy = io->dy[0] + first;
    cr_real *restrict dx = io->dx[0] + first;
    cr_real density[BLOCK];
    for (size_t at = 0; at < n; at += BLOCK) {
        size_t count = n - at < BLOCK ? n - at : BLOCK;
        cr_kernel_normal(count, x + at, dx + at, density);
        for (size_t i = 0; i < count; i++)
            dx[at + i] = dy[at + i] * (dx[at + i] + x[at + i] * density[i]);
    }
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    (void)cr_csource_math_add(out, CR_CSOURCE_NORMAL);
    cr_layer_c_elementwise(io, c, "gelu", "x[i] * normal_share(x[i])", NULL, out);
    return true;
}

/* The operator Gelu is of opset 20: x/2 (1 + erf(x/√2)). */
static const char *onnx(const cr_layer_onnx *layer)
{
    const char *x = layer->inputs[0];
    const char *root = cr_layer_onnx_number(layer, "root", sqrt(0.5));
    const char *one = cr_layer_onnx_number(layer, "one", 1);
    const char *half = cr_layer_onnx_number(layer, "half", 0.5);
    const char *z = cr_layer_onnx_part(layer, "scaled",
                                       &(cr_onnx_node){.op = "Mul", .in = {x, root}});
    const char *erf =
        cr_layer_onnx_part(layer, "erf", &(cr_onnx_node){.op = "Erf", .in = {z}});
    const char *twice = cr_layer_onnx_part(
        layer, "twice", &(cr_onnx_node){.op = "Add", .in = {erf, one}});
    const char *normal = cr_layer_onnx_part(
        layer, "normal", &(cr_onnx_node){.op = "Mul", .in = {twice, half}});
    return cr_layer_onnx_output(layer, &(cr_onnx_node){.op = "Mul", .in = {x, normal}});
}

const cr_layer_type cr_layer_gelu = {
    .name = "gelu",
    .summary = "y = x times the share of a normal distribution below x (the exact "
               "one, not the approximation by tanh)",
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
