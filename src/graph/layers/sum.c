/* y = Σ x over all values of an example. */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/reduce.h"

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    cr_reduce_forward(pass, io, 1);
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    cr_reduce_backward(pass, io, 1);
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    cr_reduce_c(io, c, 1, out);
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    return cr_onnx_writer_sum(layer->writer, layer->name, cr_layer_onnx_flat(layer, 0));
}

const cr_layer_type cr_layer_sum = {
    .name = "sum",
    .summary = "y = the sum of all values of an example: one number",
    .symbol = "&#931;",
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = cr_reduce_plan,
    .forward = forward,
    .backward = backward,
    .c_source = c_source,
    .onnx = onnx,
};
