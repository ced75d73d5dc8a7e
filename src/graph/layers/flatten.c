/* An example of any shape as a flat one: channel by channel, row by row. */
#include "graph/layer_onnx.h"
#include "graph/layers/layers.h"
#include "graph/layers/reshape.h"

static bool plan(cr_layer_plan *plan, cr_error *err)
{
    (void)err;
    plan->output = cr_shape_flat(cr_shape_size(&plan->inputs[0]));
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    return cr_layer_onnx_apply(layer, "Flatten");
}

const cr_layer_type cr_layer_flatten = {
    .name = "flatten",
    .summary = "the values of an example as a flat one, channel by channel, row by row "
               "(linear does so by itself)",
    .min_inputs = 1,
    .max_inputs = 1,
    .reshapes = true,
    .plan = plan,
    .forward = cr_reshape_forward,
    .backward = cr_reshape_backward,
    .onnx = onnx,
};
