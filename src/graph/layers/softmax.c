/* y = exp(x) / Σ exp(x) over an example; dx = y (dy − Σ dy y). */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/elementwise.h"
#include "graph/layers/layers.h"
#include "math/kernel.h"

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t n = io->output_size;
    for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++) {
        const cr_real *restrict x = io->x[0] + row * n;
        cr_real *restrict y = io->y + row * n, highest = x[0], sum = 0;
        for (size_t i = 1; i < n; i++)
            highest = x[i] > highest ? x[i] : highest;
        for (size_t i = 0; i < n; i++)
            y[i] = x[i] - highest;
        cr_kernel_exp(n, y);
        for (size_t i = 0; i < n; i++)
            sum += y[i];
        for (size_t i = 0; i < n; i++)
            y[i] /= sum;
    }
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t n = io->output_size;
    for (size_t row = pass->first_row; io->dx[0] && row < pass->first_row + pass->rows;
         row++) {
        const cr_real *restrict y = io->y + row * n, *restrict dy = io->dy[0] + row * n;
        cr_real *restrict dx = io->dx[0] + row * n, sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += dy[i] * y[i];
        for (size_t i = 0; i < n; i++)
            dx[i] = y[i] * (dy[i] - sum);
    }
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    cr_layer_c_softmax(io->output_size, c->x[0], c->y, out);
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    const cr_onnx_node node = {.op = "Softmax",
                               .in = {cr_layer_onnx_flat(layer, 0)},
                               .attributes = {CR_ONNX_SET_INT("axis", 1)}};
    return cr_layer_onnx_unflat(layer, &node);
}

const cr_layer_type cr_layer_softmax = {
    .name = "softmax",
    .summary = "y = exp(x) / sum of exp(x) over an example; the softmax loss has its own",
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
