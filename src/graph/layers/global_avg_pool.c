/* The mean of each channel, as torch.nn.AdaptiveAvgPool2d(1): [channels, …] to [channels].
 * The gradient is shared by all of its places. */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/layers.h"
#include "graph/window.h"
#include "math/kernel.h"

static bool plan(cr_layer_plan *plan, cr_error *err)
{
    const cr_shape *input = &plan->inputs[0];
    if (input->rank == 1)
        return cr_window_takes(2, input, err);
    plan->output = cr_shape_flat(input->dim[0]);
    plan->flops = (double)cr_shape_size(input);
    return true;
}

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    size_t plane = cr_shape_plane(&io->input_shapes[0]);
    for (size_t i = first; i < first + n; i++)
        io->y[i] =
            (cr_real)(cr_kernel_sum_from(plane, io->x[0] + i * plane, 0) / (double)plane);
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    size_t first = 0, n = cr_pass_values(pass, io, &first);
    size_t plane = cr_shape_plane(&io->input_shapes[0]);
    const cr_real share = 1 / (cr_real)plane;
    for (size_t i = first; io->dx[0] && i < first + n; i++) {
        const cr_real d = share * io->dy[0][i];
        cr_real *restrict dx = io->dx[0] + i * plane;
        for (size_t k = 0; k < plane; k++)
            dx[k] = d;
    }
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    size_t plane = cr_shape_plane(&io->input_shapes[0]);
    if (cr_csource_needs(out, "apply_global_avg_pool"))
        cr_text_add(&out->functions,
                    "static void apply_global_avg_pool(int channels, int plane, const "
                    "float *x,\n"
                    "    float *y)\n"
                    "{\n"
                    "    int c, i;\n"
                    "    for (c = 0; c < channels; c++) {\n"
                    "        float sum = 0;\n"
                    "        for (i = 0; i < plane; i++)\n"
                    "            sum += *x++;\n"
                    "        y[c] = sum / (float)plane;\n"
                    "    }\n"
                    "}\n\n");
    cr_text_add(&out->statements, "    apply_global_avg_pool(%zu, %zu, %s, %s);\n",
                io->output_size, plane, c->x[0], c->y);
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    const char *mean = cr_layer_onnx_part(
        layer, "mean",
        &(cr_onnx_node){.op = "GlobalAveragePool", .in = {layer->inputs[0]}});
    return cr_layer_onnx_output(layer, &(cr_onnx_node){.op = "Flatten", .in = {mean}});
}

const cr_layer_type cr_layer_global_avg_pool = {
    .name = "global_avg_pool",
    .summary = "the mean of each channel of an image or a line: [channels]",
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .c_source = c_source,
    .onnx = onnx,
};
