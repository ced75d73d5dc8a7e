/*
 * A convolution of images, as torch.nn.Conv2d: y[f, p] = b[f] + Σ over channels c and the
 * window's pixels u of W[f, c, u] x[c, p · stride + u · dilation − padding].
 * ∂L/∂W = Σ over positions of ∂L/∂y x, ∂L/∂b = Σ over positions of ∂L/∂y, and ∂L/∂x[c, q]
 * = Σ over the filters and positions that see pixel q of W ∂L/∂y.
 */
#include "graph/layers/conv.h"
#include "graph/layers/layers.h"

typedef cr_conv_options options;

static const cr_option table[] = {
    CR_CONV_FILTERS,
    CR_WINDOW_PAIR("kernel", size, CR_REQUIRED,
                   "height and width of the filters, in pixels"),
    CR_WINDOW_PAIR("stride", stride, "1", "from one position of the kernel to the next"),
    CR_WINDOW_PAIR("dilation", dilation, "1",
                   "from one pixel under the kernel to the next"),
    CR_WINDOW_PADDING,
    CR_CONV_OTHERS,
};

static void read(cr_reader *reader, const char *path, void *fields)
{
    cr_conv_read(reader, path, 2, fields);
}

static bool plan(cr_layer_plan *plan, cr_error *err)
{
    return cr_conv_forward_plan(plan, 2, err);
}

const cr_layer_type cr_layer_conv2d = {
    .name = "conv2d",
    .summary = "filters over an image [channels, height, width]; weights are [filters, "
               "channels / groups, height, width]",
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
