/* y = (1/n) Σ x over all n values of an example. */
#include "graph/layer_c.h"
#include "graph/layer_onnx.h"
#include "graph/layers/reduce.h"

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    cr_reduce_forward(pass, io, 1 / (cr_real)io->input_size[0]);
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    cr_reduce_backward(pass, io, 1 / (cr_real)io->input_size[0]);
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    cr_reduce_c(io, c, 1 / (double)io->input_size[0], out);
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    return cr_layer_onnx_output(layer,
                                &(cr_onnx_node){.op = "ReduceMean",
                                                .in = {cr_layer_onnx_flat(layer, 0)},
                                                .attributes = {CR_ONNX_SET_AXES(1)}});
}

const cr_layer_type cr_layer_mean = {
    .name = "mean",
    .summary = "y = the mean of all values of an example: one number",
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = cr_reduce_plan,
    .forward = forward,
    .backward = backward,
    .c_source = c_source,
    .onnx = onnx,
};
