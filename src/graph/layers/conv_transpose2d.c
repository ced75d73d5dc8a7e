/*
 * The transpose of a convolution of images, as torch.nn.ConvTranspose2d: what conv2d does
 * backward to its input, so that strides make images larger. Weights are [channels,
 * filters / groups, height, width]: those of the convolution from the output to the input.
 * ∂L/∂x is that convolution of ∂L/∂y; ∂L/∂W its gradient, where ∂L/∂y stands for its
 * image and x for its upstream gradient.
 */
#include "graph/layer_onnx.h"
#include "graph/layers/conv.h"
#include "graph/layers/layers.h"

typedef cr_conv_options options;

static const cr_option table[] = {
    CR_CONV_FILTERS,
    CR_WINDOW_PAIR("kernel", size, CR_REQUIRED,
                   "height and width of the filters, in pixels"),
    CR_WINDOW_PAIR("stride", stride, "1",
                   "pixels of the output from one pixel of the input to the next"),
    CR_WINDOW_PAIR("dilation", dilation, "1",
                   "from one pixel under the kernel to the next"),
    CR_WINDOW_PAIR("padding", padding, "0",
                   "rows and columns that are cut away on each side of the output"),
    CR_WINDOW_PAIR("output_padding", output_padding, "0",
                   "rows and columns more at the output's end, fewer than its stride"),
    CR_CONV_OTHERS,
};

static void read(cr_reader *reader, const char *path, void *fields)
{
    cr_conv_read(reader, path, 2, fields);
}

/* The convolution from the output to the input. */
static cr_convolution convolution(const options *o, const cr_shape *input)
{
    const cr_window window =
        cr_window_make_transposed(&o->window, input, (size_t)o->filters);
    return cr_convolution_make(&window, input->dim[0], (size_t)o->groups);
}

static bool plan(cr_layer_plan *plan, cr_error *err)
{
    const options *o = plan->options;
    const cr_shape *input = &plan->inputs[0];
    if (!cr_window_plan_transposed(&o->window, input, err) ||
        !cr_conv_check_groups(o, input->dim[0], err))
        return false;
    const cr_convolution c = convolution(o, input);
    const cr_window *w = &c.columns.window;
    plan->output =
        (cr_shape){3, {(size_t)o->filters, w->image[CR_HEIGHT], w->image[CR_WIDTH]}};
    const cr_shape weight = {
        4, {input->dim[0], w->channels, w->size[CR_HEIGHT], w->size[CR_WIDTH]}};
    return cr_conv_plan(plan, &c, weight, err);
}

static void init(const cr_layer_io *io, cr_real *weights, uint64_t seed)
{
    const options *o = io->options;
    const size_t *dim = io->parameters[CR_CONV_WEIGHT].shape.dim;
    size_t channels = dim[0] / (size_t)o->groups, window = dim[2] * dim[3];
    cr_conv_fill(io, weights, seed, channels * window, dim[1] * window);
}

static void add_bias(size_t filters, size_t pixels, const cr_real *b, cr_real *y)
{
    for (size_t f = 0; f < filters; f++, y += pixels)
        for (size_t i = 0; i < pixels; i++)
            y[i] += b[f];
}

static void forward(const cr_pass *pass, const cr_layer_io *io)
{
    const options *o = io->options;
    const cr_convolution c = convolution(o, &io->input_shapes[0]);
    const cr_real *w = cr_layer_parameter(io, CR_CONV_WEIGHT);
    cr_real *scratch = cr_layer_scratch(pass, io) +
                       cr_conv_scratch_of(io->parameters, o->bias).convolution;
    cr_real *y = io->y + pass->first_row * io->output_size;
    cr_convolution_spread(&c, pass->rows, w,
                          io->x[0] + pass->first_row * io->input_size[0], y, scratch);
    size_t filters = (size_t)o->filters, pixels = io->output_size / filters;
    for (size_t i = 0; o->bias && i < pass->rows; i++, y += io->output_size)
        add_bias(filters, pixels, cr_layer_parameter(io, CR_CONV_BIAS), y);
}

static void backward(const cr_pass *pass, const cr_layer_io *io)
{
    const options *o = io->options;
    const cr_convolution c = convolution(o, &io->input_shapes[0]);
    const cr_conv_scratch at = cr_conv_scratch_of(io->parameters, o->bias);
    const cr_real *w = cr_layer_parameter(io, CR_CONV_WEIGHT);
    cr_real *scratch = cr_layer_scratch(pass, io) + at.convolution;
    const cr_real *dy = io->dy[0] + pass->first_row * io->output_size;
    size_t in = pass->first_row * io->input_size[0];
    if (io->trained)
        cr_convolution_correlate(&c, pass->rows, dy, io->x[0] + in,
                                 cr_layer_scratch(pass, io) + at.weight, scratch);
    cr_conv_sum_bias(pass, io);
    if (io->dx[0])
        cr_convolution_apply(&c, pass->rows, w, NULL, dy, io->dx[0] + in, scratch);
}

static size_t products(const cr_layer_plan *plan, const cr_product_needs *needs,
                       cr_product products[CR_LAYER_PRODUCTS])
{
    const cr_convolution c = convolution(plan->options, &plan->inputs[0]);
    return cr_conv_products(&c, needs, true, products);
}

/* Weights are [channels, filters / groups, height, width]. */
static size_t channel_of(const cr_layer_io *io, size_t i)
{
    const options *o = io->options;
    const size_t *dim = io->parameters[CR_CONV_WEIGHT].shape.dim;
    size_t channels = dim[0] / (size_t)o->groups, taps = dim[2] * dim[3];
    return i / (dim[1] * taps) / channels * dim[1] + i / taps % dim[1];
}

/* Each value of the input is spread over the pixels under the window. */
static void write_function(const cr_layer_io *io, const cr_layer_c *c, const cr_window *w,
                           cr_csource *out)
{
    const options *o = io->options;
    size_t groups = (size_t)o->groups, channels = io->input_shapes[0].dim[0] / groups;
    size_t filters = (size_t)o->filters / groups, pixels = cr_window_pixels(w);
    cr_text_add(&out->functions,
                "static void run_%s(const float *x, float *y)\n"
                "{\n"
                "    const float *w = %s_weight;\n"
                "    int c, f, i, j, u, v;\n"
                "    for (f = 0; f < %zu; f++)\n"
                "        for (i = 0; i < %zu; i++)\n"
                "            y[f * %zu + i] = CR_READ(%s_bias + f);\n"
                "    for (c = 0; c < %zu; c++, x += %zu)\n"
                "        for (f = 0; f < %zu; f++, w += %zu) {\n"
                "            float *to = y + (c / %zu * %zu + f) * %zu;\n"
                "            for (i = 0; i < %zu; i++)\n"
                "                for (j = 0; j < %zu; j++)\n",
                c->name, c->name, filters * groups, pixels, pixels, c->name,
                channels * groups, cr_window_count(w), filters, w->size[0] * w->size[1],
                channels, filters, pixels, w->positions[CR_HEIGHT],
                w->positions[CR_WIDTH]);
    cr_layer_c_begin_window(w, "                    ", out);
    cr_text_add(&out->functions,
                "                            to[row * %zu + column] += x[i * %zu + j] * "
                "CR_READ(w + u * %zu + v);\n"
                "                        }\n"
                "        }\n"
                "}\n\n",
                w->image[CR_WIDTH], w->positions[CR_WIDTH], w->size[CR_WIDTH]);
}

static bool c_source(const cr_layer_io *io, const cr_layer_c *c, cr_csource *out,
                     cr_error *err)
{
    (void)err;
    const cr_convolution t = convolution(io->options, &io->input_shapes[0]);
    const cr_window *w = &t.columns.window;
    cr_layer_c_weights(io, c, false, out);
    write_function(io, c, w, out);
    cr_text_add(&out->statements, "    run_%s(%s, %s);\n", c->name, c->x[0], c->y);
    out->multiply_adds +=
        (double)io->parameters[CR_CONV_WEIGHT].size * (double)cr_window_count(w);
    return true;
}

static const char *onnx(const cr_layer_onnx *layer)
{
    const options *o = layer->plan->options;
    const size_t *more = o->window.output_padding;
    cr_onnx_node node = {.op = "ConvTranspose"};
    if (more[CR_HEIGHT] > 0 || more[CR_WIDTH] > 0)
        cr_layer_onnx_add_attribute(&node,
                                    (cr_onnx_attribute){.name = "output_padding",
                                                        .is = CR_ONNX_IS_INTS,
                                                        .ints = {(int64_t)more[CR_HEIGHT],
                                                                 (int64_t)more[CR_WIDTH]},
                                                        .count = 2});
    return cr_conv_onnx_node(layer, &node);
}

const cr_layer_type cr_layer_conv_transpose2d = {
    .name = "conv_transpose2d",
    .summary = "a convolution backward, from an image to a larger one; weights are "
               "[channels, filters / groups, height, width]",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .read = read,
    .init = init,
    .forward = forward,
    .backward = backward,
    .gradient = cr_conv_gradient,
    .products = products,
    .c_source = c_source,
    .channel_of = channel_of,
    .onnx = onnx,
};
