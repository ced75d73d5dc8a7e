#include "graph/layers/conv.h"

#include "base/random.h"
#include "base/size.h"
#include "math/kernel.h"

#include <string.h>

void cr_conv_read(cr_reader *reader, const char *path, size_t axes, cr_conv_options *o)
{
    char where[CR_WHERE];
    o->window.name = "kernel";
    cr_window_read(reader, path, axes, &o->window);
    if (o->init)
        cr_initializer_read(reader, cr_json_path(path, "init", where), o->init,
                            &o->initializer);
}

bool cr_conv_check_groups(const cr_conv_options *o, size_t channels, cr_error *err)
{
    size_t groups = (size_t)o->groups, filters = (size_t)o->filters;
    if (channels % groups == 0 && filters % groups == 0)
        return true;
    bool of_channels = channels % groups != 0;
    return cr_fail(
        err, CR_E_CONFIG,
        "\"groups\" %zu does not divide the %zu %s: it must divide the input's "
        "channels and \"filters\"",
        groups, of_channels ? channels : filters,
        of_channels ? "channels of the input" : "filters");
}

cr_conv_scratch cr_conv_scratch_of(const cr_segment *parameters, bool bias)
{
    cr_conv_scratch at = {0};
    at.bias = cr_size_of_lines(cr_shape_size(&parameters[CR_CONV_WEIGHT].shape));
    at.convolution =
        at.bias +
        (bias ? cr_size_of_lines(cr_shape_size(&parameters[CR_CONV_BIAS].shape)) : 0);
    return at;
}

bool cr_conv_plan(cr_layer_plan *plan, const cr_convolution *convolution, cr_shape weight,
                  cr_error *err)
{
    const cr_conv_options *o = plan->options;
    const cr_columns *columns = &convolution->columns;
    size_t positions = cr_window_count(&columns->window);
    size_t pixels = cr_window_pixels(&columns->window);
    if (columns->height > CR_LARGEST_DIMENSION || positions > CR_LARGEST_DIMENSION ||
        pixels > CR_LARGEST_DIMENSION)
        return cr_fail(err, CR_E_CONFIG,
                       "%zu values under the kernel and %zu positions of it are too many "
                       "for a matrix product",
                       columns->height, positions);
    cr_layer_plan_parameter(plan, "weight", weight, true);
    if (o->bias)
        cr_layer_plan_parameter(plan, "bias", cr_shape_flat((size_t)o->filters), false);
    plan->scratch = cr_conv_scratch_of(plan->parameters, o->bias).convolution +
                    cr_convolution_scratch(convolution);
    plan->flops = 2.0 * (double)cr_shape_size(&weight) * (double)positions;
    return true;
}

void cr_conv_fill(const cr_layer_io *io, cr_real *weights, uint64_t seed, size_t fan_in,
                  size_t fan_out)
{
    const cr_conv_options *o = io->options;
    const cr_segment *w = &io->parameters[CR_CONV_WEIGHT];
    const cr_initializer_matrix matrix = {.rows = w->shape.dim[0],
                                          .columns =
                                              cr_shape_size(&w->shape) / w->shape.dim[0],
                                          .fan_in = fan_in,
                                          .fan_out = fan_out};
    const cr_initializer_draws draws = {seed, cr_random_stream(w->full_name), io->draws};
    cr_initializer_fill(&o->initializer, &draws, &matrix, weights + w->offset);
}

void cr_conv_sum_bias(const cr_pass *pass, const cr_layer_io *io)
{
    const cr_conv_options *o = io->options;
    size_t filters = (size_t)o->filters, n = io->output_size / filters;
    cr_real *sums =
        cr_layer_scratch(pass, io) + cr_conv_scratch_of(io->parameters, o->bias).bias;
    if (!io->trained || !o->bias)
        return;
    memset(sums, 0, filters * sizeof *sums);
    const cr_real *dy = io->dy[0] + pass->first_row * io->output_size;
    for (size_t i = 0; i < pass->rows * filters; i++, dy += n)
        sums[i % filters] += (cr_real)cr_kernel_sum_from(n, dy, 0);
}

void cr_conv_gradient(const cr_pass *pass, const cr_layer_io *io,
                      const cr_gradient_sink *sink)
{
    const cr_conv_options *o = io->options;
    const cr_conv_scratch at = cr_conv_scratch_of(io->parameters, o->bias);
    cr_layer_gradient_of_shares(pass, io, sink, CR_CONV_WEIGHT, at.weight);
    if (o->bias)
        cr_layer_gradient_of_shares(pass, io, sink, CR_CONV_BIAS, at.bias);
}

size_t cr_conv_products(const cr_convolution *convolution, const cr_product_needs *needs,
                        bool transposed, cr_product products[CR_LAYER_PRODUCTS])
{
    const cr_columns *columns = &convolution->columns;
    size_t filters = convolution->filters, height = columns->height, count = 0;
    size_t positions = columns->block[CR_HEIGHT] * columns->block[CR_WIDTH];
    size_t all = cr_window_count(&columns->window);
    size_t times =
        needs->rows * convolution->groups * ((all + positions - 1) / positions);
    if (!transposed || needs->dx)
        products[count++] =
            (cr_product){.m = filters, .n = positions, .k = height, .times = times};
    if (transposed || needs->dx)
        products[count++] = (cr_product){.trans_a = CR_TRANSPOSED,
                                         .m = height,
                                         .n = positions,
                                         .k = filters,
                                         .times = times};
    if (needs->dw)
        products[count++] = (cr_product){.trans_b = CR_TRANSPOSED,
                                         .m = filters,
                                         .n = height,
                                         .k = positions,
                                         .times = times};
    return count;
}

static cr_convolution convolution(const cr_conv_options *o, const cr_shape *image)
{
    const cr_window window = cr_window_make(&o->window, image);
    return cr_convolution_make(&window, (size_t)o->filters, (size_t)o->groups);
}

bool cr_conv_forward_plan(cr_layer_plan *plan, size_t axes, cr_error *err)
{
    const cr_conv_options *o = plan->options;
    const cr_shape *image = &plan->inputs[0];
    size_t channels = image->dim[0], filters = (size_t)o->filters;
    if (!cr_window_plan(&o->window, axes, image, err) ||
        !cr_conv_check_groups(o, channels, err))
        return false;
    const cr_convolution c = convolution(o, image);
    const cr_window *w = &c.columns.window;
    size_t depth = channels / (size_t)o->groups;
    plan->output =
        axes == 1
            ? cr_shape_matrix(filters, w->positions[CR_WIDTH])
            : (cr_shape){3, {filters, w->positions[CR_HEIGHT], w->positions[CR_WIDTH]}};
    cr_shape weight = {4, {filters, depth, w->size[CR_HEIGHT], w->size[CR_WIDTH]}};
    if (axes == 1)
        weight = (cr_shape){3, {filters, depth, w->size[CR_WIDTH]}};
    return cr_conv_plan(plan, &c, weight, err);
}

void cr_conv_init(const cr_layer_io *io, cr_real *weights, uint64_t seed)
{
    const cr_conv_options *o = io->options;
    const cr_shape *shape = &io->parameters[CR_CONV_WEIGHT].shape;
    size_t inputs = cr_shape_size(shape) / shape->dim[0];
    size_t outputs = (size_t)(o->filters / o->groups) * inputs / shape->dim[1];
    cr_conv_fill(io, weights, seed, inputs, outputs);
}

void cr_conv_forward(const cr_pass *pass, const cr_layer_io *io)
{
    const cr_conv_options *o = io->options;
    const cr_convolution c = convolution(o, &io->input_shapes[0]);
    const cr_real *w = cr_layer_parameter(io, CR_CONV_WEIGHT);
    const cr_real *b = o->bias ? cr_layer_parameter(io, CR_CONV_BIAS) : NULL;
    cr_real *scratch = cr_layer_scratch(pass, io) +
                       cr_conv_scratch_of(io->parameters, o->bias).convolution;
    cr_convolution_apply(&c, pass->rows, w, b,
                         io->x[0] + pass->first_row * io->input_size[0],
                         io->y + pass->first_row * io->output_size, scratch);
}

void cr_conv_backward(const cr_pass *pass, const cr_layer_io *io)
{
    const cr_conv_options *o = io->options;
    const cr_convolution c = convolution(o, &io->input_shapes[0]);
    const cr_conv_scratch at = cr_conv_scratch_of(io->parameters, o->bias);
    const cr_real *w = cr_layer_parameter(io, CR_CONV_WEIGHT);
    cr_real *scratch = cr_layer_scratch(pass, io) + at.convolution;
    const cr_real *dy = io->dy[0] + pass->first_row * io->output_size;
    size_t in = pass->first_row * io->input_size[0];
    if (io->trained)
        cr_convolution_correlate(&c, pass->rows, io->x[0] + in, dy,
                                 cr_layer_scratch(pass, io) + at.weight, scratch);
    cr_conv_sum_bias(pass, io);
    if (io->dx[0])
        cr_convolution_spread(&c, pass->rows, w, dy, io->dx[0] + in, scratch);
}

size_t cr_conv_forward_products(const cr_layer_plan *plan, const cr_product_needs *needs,
                                cr_product products[CR_LAYER_PRODUCTS])
{
    const cr_convolution c = convolution(plan->options, &plan->inputs[0]);
    return cr_conv_products(&c, needs, false, products);
}

const char *cr_conv_onnx_node(const cr_layer_onnx *layer, const cr_onnx_node *node)
{
    const cr_conv_options *o = layer->plan->options;
    const cr_layer_onnx_operands in =
        cr_layer_onnx_weights_take(layer, layer->inputs[0], false);
    cr_onnx_node conv = *node;
    conv.in[0] = in.x;
    conv.in[1] = in.weight;
    conv.in[2] = in.bias;
    cr_layer_onnx_add_window(&conv, &o->window, &layer->plan->inputs[0]);
    if (o->groups > 1)
        cr_layer_onnx_add_attribute(
            &conv, (cr_onnx_attribute)CR_ONNX_SET_INT("group", o->groups));
    return cr_layer_onnx_output(layer, &conv);
}

const char *cr_conv_onnx(const cr_layer_onnx *layer)
{
    return cr_conv_onnx_node(layer, &(cr_onnx_node){.op = "Conv"});
}
