/* y = Σ x², one number per example: the lecture's L2 node. dy/dx = 2 x. */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/layers.h"
#include "math/kernel.h"

static bool plan(cr_layer_plan *plan, cr_error *err)
{
    (void)err;
    plan->output = cr_shape_flat(1);
    plan->flops = 2.0 * (double)cr_shape_size(&plan->inputs[0]);
    return true;
}

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t n = io->input_size[0];
    for (size_t row = pass->first_row; row < pass->first_row + pass->rows; row++)
        io->y[row] = (cr_real)cr_kernel_sum_squares(n, io->x[0] + row * n);
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t n = io->input_size[0];
    for (size_t row = pass->first_row; io->dx[0] && row < pass->first_row + pass->rows;
         row++) {
        const cr_real *restrict x = io->x[0] + row * n;
        cr_real *restrict dx = io->dx[0] + row * n;
        cr_real factor = 2 * io->dy[0][row];
        for (size_t i = 0; i < n; i++)
            dx[i] = factor * x[i];
    }
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    if (cr_csource_needs(out, "apply_squared_norm"))
        cr_text_add(&out->functions,
                    "static void apply_squared_norm(int n, const float *x, float *y)\n"
                    "{\n"
                    "    float sum = 0;\n"
                    "    int i;\n"
                    "    for (i = 0; i < n; i++)\n"
                    "        sum += x[i] * x[i];\n"
                    "    *y = sum;\n"
                    "}\n\n");
    cr_text_add(&out->statements, "    apply_squared_norm(%zu, %s, %s);\n",
                io->input_size[0], c->x[0], c->y);
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    return cr_layer_onnx_output(layer,
                                &(cr_onnx_node){.op = "ReduceSumSquare",
                                                .in = {cr_layer_onnx_flat(layer, 0)},
                                                .attributes = {CR_ONNX_SET_AXES(1)}});
}

const cr_layer_type cr_layer_squared_norm = {
    .name = "squared_norm",
    .summary = "y = the sum of x squared over an example: one number",
    .symbol = "&#8214;x&#8214;&#178;",
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .c_source = c_source,
    .onnx = onnx,
};
