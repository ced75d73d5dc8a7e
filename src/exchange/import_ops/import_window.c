/* Convolutions, pools, and what makes images larger. */
#include "exchange/import_layers.h"
#include "exchange/import_ops/import_geometry.h"
#include "exchange/import_ops/import_op.h"

#include <math.h>
#include <string.h>

/* The weights as they are, and the bias, as tensors of the last layer. */
static bool add_tensors(cr_import_graph *graph, size_t filters, cr_error *err)
{
    const cr_import_constant *w = cr_import_graph_constant(graph, 1, err);
    const size_t layer = graph->layer_count - 1;
    double *weight =
        w ? cr_import_layers_add_tensor(graph, layer, "weight", w->count, err) : NULL;
    if (!weight)
        return false;
    memcpy(weight, w->values, w->count * sizeof *weight);
    if (!cr_import_graph_has(graph, 2))
        return true;
    const cr_import_constant *b = cr_import_graph_constant(graph, 2, err);
    if (!b)
        return false;
    if (b->count != filters)
        return cr_import_graph_fail(graph, err, "its bias has %zu numbers, expected %zu",
                                    b->count, filters);
    double *bias = cr_import_layers_add_tensor(graph, layer, "bias", b->count, err);
    if (bias)
        memcpy(bias, b->values, b->count * sizeof *bias);
    return bias != NULL;
}

/* "filters", "groups" and "bias". */
static bool add_filters(cr_import_graph *graph, cr_json *object, size_t filters,
                        size_t groups)
{
    return cr_json_set_number(object, "filters", (double)filters) &&
           (groups == 1 || cr_json_set_number(object, "groups", (double)groups)) &&
           cr_json_set_bool(object, "bias", cr_import_graph_has(graph, 2));
}

/* The weights of a convolution over x, and its groups. NULL with err. */
static const cr_import_constant *read_weights(cr_import_graph *graph,
                                              const cr_import_computed *x,
                                              bool transposed, size_t *groups,
                                              cr_error *err)
{
    const cr_import_constant *w = cr_import_graph_constant(graph, 1, err);
    const double group = cr_import_graph_attribute_number(graph, "group", 1);
    if (!w)
        return NULL;
    const size_t channels = x->shape.dim[0];
    *groups = group >= 1 && group <= (double)channels ? (size_t)group : 0;
    if (w->rank == x->shape.rank + 1 && w->count > 0 && *groups > 0 &&
        channels % *groups == 0 &&
        (transposed ? w->dim[0] == channels
                    : w->dim[1] == channels / *groups && w->dim[0] % *groups == 0))
        return w;
    cr_import_graph_fail(graph, err,
                         "its weights of %zu dimensions, [%zu, %zu, …], and %g groups do "
                         "not go with an example of %zu channels in %zu dimensions",
                         w->rank, w->dim[0], w->dim[1], group, channels, x->shape.rank);
    return NULL;
}

bool cr_import_window_conv(cr_import_graph *graph, const cr_import_op *op, cr_error *err)
{
    (void)op;
    cr_import_computed x;
    cr_import_geometry g;
    size_t groups = 1;
    if (!cr_import_layers_plain(graph, 0, &x, err))
        return false;
    const cr_import_constant *w = read_weights(graph, &x, false, &groups, err);
    if (!w || !cr_import_geometry_read(graph, &x, w->dim + 2, &g, err))
        return false;
    const cr_shape output = {x.shape.rank, {w->dim[0], g.output[0], g.output[1]}};
    cr_json *object = cr_import_layers_add(graph, g.axes == 1 ? "conv1d" : "conv2d", &x,
                                           1, &output, err);
    if (!object)
        return false;
    if (!add_filters(graph, object, w->dim[0], groups) ||
        !cr_import_geometry_add(object, "kernel", &g, g.size, false, 1) ||
        !cr_import_geometry_add(object, "stride", &g, g.stride, false, 1) ||
        !cr_import_geometry_add(object, "dilation", &g, g.dilation, false, 1) ||
        !cr_import_geometry_add_padding(object, &g, false))
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    const cr_import_computed y = cr_import_layers_last(graph);
    return add_tensors(graph, w->dim[0], err) &&
           cr_import_graph_set_computed(graph, &y, err);
}

/* A line as an image of one row, and back. */
static bool as_image(cr_import_graph *graph, cr_import_computed *x, cr_error *err)
{
    const cr_shape image = {3, {x->shape.dim[0], 1, x->shape.dim[1]}};
    return x->shape.rank == 3 || cr_import_layers_reshape(graph, x, &image, err);
}

static bool set_output(cr_import_graph *graph, bool line, cr_error *err)
{
    cr_import_computed y = cr_import_layers_last(graph);
    const cr_shape shape = cr_shape_matrix(y.shape.dim[0], y.shape.dim[2]);
    return (!line || cr_import_layers_reshape(graph, &y, &shape, err)) &&
           cr_import_graph_set_computed(graph, &y, err);
}

/* What is cut away of a transposed convolution's whole output of so many places: pads at
 * both ends, or what is too much for a given output. Ours is what is cut at the beginning, at
 * both ends, and output_padding more at the end. */
static bool read_cut(cr_import_graph *graph, const cr_import_computed *x,
                     cr_import_geometry *g, size_t more[CR_GEOMETRY_AXES], cr_error *err)
{
    size_t pads[2 * CR_GEOMETRY_AXES], wanted[CR_GEOMETRY_AXES];
    const bool same =
        cr_import_graph_attribute_is(graph, "auto_pad", "SAME_UPPER", "NOTSET");
    if (cr_import_graph_attribute_is(graph, "auto_pad", "SAME_LOWER", "NOTSET"))
        return cr_import_graph_fail(graph, err,
                                    "its auto_pad is SAME_LOWER, expected SAME_UPPER or "
                                    "pads");
    if (!cr_import_geometry_list(graph, "pads", 0, 2 * g->axes, 0, pads, err) ||
        !cr_import_geometry_list(graph, "output_padding", 0, g->axes, 0, more, err) ||
        !cr_import_geometry_list(graph, "output_shape", 1, g->axes, 0, wanted, err))
        return false;
    for (size_t i = 0; i < g->axes; i++) {
        const size_t places = x->shape.dim[i + 1];
        const size_t whole =
            (places - 1) * g->stride[i] + (g->size[i] - 1) * g->dilation[i] + 1;
        size_t begin = pads[i], end = pads[g->axes + i];
        wanted[i] = same ? places * g->stride[i] : wanted[i];
        if (wanted[i] > whole + more[i]) /* as much is added at the end */
            more[i] = wanted[i] - whole;
        if (wanted[i] > 0) {
            const size_t total = whole + more[i] - wanted[i];
            begin = total / 2;
            end = total - begin;
        }
        if (more[i] + begin < end || whole + more[i] <= begin + end)
            return cr_import_graph_fail(
                graph, err,
                "it cuts away %zu places at the beginning and %zu "
                "at the end of %zu; layers cut alike, or less at "
                "the end",
                begin, end, whole + more[i]);
        g->output[i] = whole + more[i] - begin - end;
        g->begin[i] = begin;
        more[i] = more[i] + begin - end;
    }
    return true;
}

bool cr_import_window_conv_transpose(cr_import_graph *graph, const cr_import_op *op,
                                     cr_error *err)
{
    cr_import_computed x;
    cr_import_geometry g;
    size_t groups = 1, more[CR_GEOMETRY_AXES];
    if (!cr_import_layers_plain(graph, 0, &x, err))
        return false;
    const bool line = x.shape.rank == 2;
    const cr_import_constant *w = read_weights(graph, &x, true, &groups, err);
    if (!w || !cr_import_geometry_read_window(graph, &x, w->dim + 2, &g, err) ||
        !read_cut(graph, &x, &g, more, err) || !as_image(graph, &x, err))
        return false;
    const size_t filters = w->dim[1] * groups;
    const cr_shape output = {
        3, {filters, line ? 1 : g.output[0], line ? g.output[0] : g.output[1]}};
    cr_json *object = cr_import_layers_add(graph, op->layer, &x, 1, &output, err);
    if (!object)
        return false;
    if (!add_filters(graph, object, filters, groups) ||
        !cr_import_geometry_add(object, "kernel", &g, g.size, true, 1) ||
        !cr_import_geometry_add(object, "stride", &g, g.stride, true, 1) ||
        !cr_import_geometry_add(object, "dilation", &g, g.dilation, true, 1) ||
        !cr_import_geometry_add_padding(object, &g, true) ||
        !cr_import_geometry_add(object, "output_padding", &g, more, true, 0))
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    return add_tensors(graph, filters, err) && set_output(graph, line, err);
}

static bool add_pool(cr_import_graph *graph, const char *type, cr_import_computed *x,
                     const cr_import_geometry *g, cr_error *err)
{
    const bool line = x->shape.rank == 2;
    if (!as_image(graph, x, err))
        return false;
    const cr_shape output = {
        3,
        {x->shape.dim[0], line ? 1 : g->output[0], line ? g->output[0] : g->output[1]}};
    cr_json *object = cr_import_layers_add(graph, type, x, 1, &output, err);
    if (!object)
        return false;
    if (!cr_import_geometry_add(object, "size", g, g->size, true, 1) ||
        !cr_import_geometry_add(object, "stride", g, g->stride, true, 1) ||
        !cr_import_geometry_add_padding(object, g, true))
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    return set_output(graph, line, err);
}

bool cr_import_window_pool(cr_import_graph *graph, const cr_import_op *op, cr_error *err)
{
    cr_import_computed x;
    cr_import_geometry g;
    const bool counted =
        strcmp(op->name, "MaxPool") == 0 ||
        cr_import_graph_attribute_number(graph, "count_include_pad", 0) != 0;
    if (!cr_import_layers_plain(graph, 0, &x, err) ||
        !cr_import_geometry_read(graph, &x, NULL, &g, err))
        return false;
    for (size_t i = 0; i < g.axes; i++) {
        if (g.dilation[i] != 1)
            return cr_import_graph_fail(graph, err,
                                        "its window has dilations; those of layers that "
                                        "pool have none");
        if (!counted && g.begin[i] + g.end[i] > 0)
            return cr_import_graph_fail(graph, err,
                                        "its padding does not count in the mean "
                                        "(count_include_pad is 0); that of the layer "
                                        "avg_pool2d does");
    }
    return add_pool(graph, op->layer, &x, &g, err);
}

bool cr_import_window_global_max(cr_import_graph *graph, const cr_import_op *op,
                                 cr_error *err)
{
    cr_import_computed x;
    if (!cr_import_layers_plain(graph, 0, &x, err))
        return false;
    cr_import_geometry g = {.axes = x.shape.rank - 1};
    if (g.axes < 1 || g.axes > CR_GEOMETRY_AXES)
        return cr_import_graph_fail(graph, err, "its input is no line and no image");
    for (size_t i = 0; i < g.axes; i++) {
        g.size[i] = g.stride[i] = x.shape.dim[i + 1];
        g.output[i] = 1;
    }
    return add_pool(graph, op->layer, &x, &g, err);
}

/* [n, c, 1, 1] of [n, c, h, w]. */
bool cr_import_window_global_mean(cr_import_graph *graph, const cr_import_op *op,
                                  cr_error *err)
{
    cr_import_computed x;
    if (!cr_import_layers_plain(graph, 0, &x, err))
        return false;
    const cr_shape output = cr_shape_flat(x.shape.dim[0]);
    if (x.shape.rank < 2)
        return cr_import_graph_fail(graph, err, "its input is no line and no image");
    if (!cr_import_layers_add(graph, op->layer, &x, 1, &output, err))
        return false;
    cr_import_computed y = cr_import_layers_last(graph);
    y.axes = x.axes;
    return cr_import_graph_set_computed(graph, &y, err);
}

/* Whether pixels become blocks: of the ways to find the nearest one, those that do with
 * whole factors. */
static bool makes_blocks(const cr_import_graph *graph, const cr_import_op *op)
{
    const bool old = graph->opset < 11 || strcmp(op->name, "Upsample") == 0;
    const char *mode = "coordinate_transformation_mode", *nearest = "nearest_mode";
    const bool floors =
        cr_import_graph_attribute_is(graph, nearest, "floor", "round_prefer_floor");
    const bool corner =
        cr_import_graph_attribute_is(graph, mode, "asymmetric", "half_pixel") ||
        cr_import_graph_attribute_is(graph, mode, "tf_half_pixel_for_nn", "half_pixel");
    const bool middle =
        cr_import_graph_attribute_is(graph, mode, "half_pixel", "half_pixel") ||
        cr_import_graph_attribute_is(graph, mode, "pytorch_half_pixel", "half_pixel") ||
        cr_import_graph_attribute_is(graph, mode, "half_pixel_symmetric", "half_pixel");
    const bool rounds = !floors && !cr_import_graph_attribute_is(graph, nearest, "ceil",
                                                                 "round_prefer_floor");
    return cr_import_graph_attribute_is(graph, "mode", "nearest", "nearest") &&
           !cr_import_graph_attribute(graph, "axes") &&
           (old || (corner && floors) || (middle && rounds));
}

/* The factors of each dimension with the batch's, from an attribute or an input. */
static bool read_factors(cr_import_graph *graph, const cr_import_computed *x,
                         double factors[CR_DIMENSIONS + 1], cr_error *err)
{
    const cr_onnx_model_attribute *attribute = cr_import_graph_attribute(graph, "scales");
    const size_t at = graph->opset < 11 ? 1 : 2, rank = x->axes + 1;
    const bool sizes = !attribute && cr_import_graph_has(graph, 3);
    const double *values = attribute ? attribute->numbers.values : NULL;
    size_t count = attribute ? attribute->numbers.count : 0;
    if (!attribute) {
        const cr_import_constant *c =
            cr_import_graph_constant(graph, sizes ? 3 : at, err);
        if (!c)
            return false;
        values = c->values;
        count = c->count;
    }
    if (count != rank)
        return cr_import_graph_fail(graph, err, "it has %zu scales, expected %zu", count,
                                    rank);
    factors[0] = 1; /* of sizes, the batch's may be anything */
    for (size_t k = sizes; k < rank; k++)
        factors[k] = sizes ? values[k] / (double)x->shape.dim[k - 1] : values[k];
    return true;
}

bool cr_import_window_resize(cr_import_graph *graph, const cr_import_op *op,
                             cr_error *err)
{
    cr_import_computed x;
    double factors[CR_DIMENSIONS + 1];
    size_t scale[CR_DIMENSIONS] = {0};
    if (!cr_import_layers_plain(graph, 0, &x, err) ||
        !read_factors(graph, &x, factors, err))
        return false;
    cr_shape output = x.shape;
    bool good =
        makes_blocks(graph, op) && x.shape.rank > 1 && factors[0] == 1 && factors[1] == 1;
    for (size_t k = 1; good && k < x.shape.rank; k++) {
        const double factor = factors[k + 1];
        good = factor >= 1 && factor <= 65535 && floor(factor) == factor;
        scale[k - 1] = good ? (size_t)factor : 1;
        output.dim[k] *= scale[k - 1];
    }
    if (!good)
        return cr_import_graph_fail(
            graph, err,
            "it does not repeat each pixel in a block (mode "
            "nearest, a whole factor for each side), which is what "
            "the layer upsample does");
    cr_json *object = cr_import_layers_add(graph, op->layer, &x, 1, &output, err);
    const cr_import_geometry g = {.axes = x.shape.rank - 1};
    if (!object)
        return false;
    if (!cr_import_geometry_add(object, "scale", &g, scale, false, 1))
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    const cr_import_computed y = cr_import_layers_last(graph);
    return cr_import_graph_set_computed(graph, &y, err);
}
