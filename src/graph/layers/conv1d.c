/* A convolution of lines [channels, length], as torch.nn.Conv1d: see conv2d, of images of
 * height 1. */
#include "graph/layers/conv.h"
#include "graph/layers/layers.h"

typedef cr_conv_options options;

static const cr_option table[] = {
    CR_CONV_FILTERS,
    CR_WINDOW_LENGTH("kernel", size, CR_REQUIRED, "length of the filters"),
    CR_WINDOW_LENGTH("stride", stride, "1",
                     "from one position of the kernel to the next"),
    CR_WINDOW_LENGTH("dilation", dilation, "1",
                     "from one value under the kernel to the next"),
    CR_WINDOW_LENGTH_PADDING,
    CR_CONV_OTHERS,
};

static void read(cr_reader *reader, const char *path, void *fields)
{
    cr_conv_read(reader, path, 1, fields);
}

static bool plan(cr_layer_plan *plan, cr_error *err)
{
    return cr_conv_forward_plan(plan, 1, err);
}

const cr_layer_type cr_layer_conv1d = {
    .name = "conv1d",
    .summary = "filters along lines [channels, length]; weights are [filters, channels / "
               "groups, length]",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .read = read,
    .init = cr_conv_init,
    .forward = cr_conv_forward,
    .backward = cr_conv_backward,
    .gradient = cr_conv_gradient,
    .products = cr_conv_forward_products,
    .c_source = cr_conv_c_forward,
    .channel_of = cr_conv_c_channel_of,
    .in_bytes = true,
    .onnx = cr_conv_onnx,
};
