/* Concat, and means and sums over an example or over a channel. */
#include "exchange/import_layers.h"
#include "exchange/import_ops/import_op.h"

#include "base/memory.h"

#include <string.h>

static bool is_part(const cr_import_graph *graph, size_t i)
{
    const cr_import_value *value = cr_import_graph_find(graph, graph->node->inputs[i]);
    return value && value->kind == CR_IMPORT_PART;
}

/* The graph's inputs beside one another are the examples; the names of those that are a
 * column each are kept. */
static bool join_parts(cr_import_graph *graph, cr_error *err)
{
    const cr_onnx_model_node *node = graph->node;
    bool named = true;
    size_t size = 0, expected = 0;
    for (size_t i = 0; i < graph->value_count; i++)
        expected += graph->values[i].kind == CR_IMPORT_PART && !graph->values[i].producer;
    if (graph->input.rank > 0 || expected != node->input_count)
        return cr_import_graph_fail(
            graph, err,
            "it joins %zu of the graph's %zu inputs; expected one "
            "Concat that joins all of them",
            node->input_count, expected);
    for (size_t i = 0; i < node->input_count; i++) {
        const cr_import_value *part = cr_import_graph_find(graph, node->inputs[i]);
        if (!part || part->kind != CR_IMPORT_PART)
            return cr_import_graph_fail(graph, err,
                                        "it joins inputs of the graph with what is none");
        named = named && cr_shape_size(&part->computed.shape) == 1;
        if (named && !cr_import_graph_add_name(
                         graph, &graph->columns,
                         graph->model->inputs[part->computed.layer].name, err))
            return false;
        size += cr_shape_size(&part->computed.shape);
    }
    if (!named)
        cr_names_finish(&graph->columns);
    graph->input = cr_shape_flat(size);
    const cr_import_computed data = {
        .layer = CR_IMPORT_DATA, .shape = graph->input, .axes = 1};
    return cr_import_graph_set_computed(graph, &data, err);
}

/* The axis in ONNX, from 0. */
static double axis_of(double axis, size_t axes)
{
    return axis < 0 ? axis + (double)(axes + 1) : axis;
}

static bool join_channels(cr_import_graph *graph, cr_import_computed *inputs,
                          cr_error *err)
{
    const size_t count = graph->node->input_count;
    size_t channels = 0;
    for (size_t i = 0; i < count; i++) {
        const cr_import_computed *x = cr_import_graph_computed(graph, i, err);
        if (!x)
            return false;
        inputs[i] = *x;
        cr_shape as_first = x->shape;
        as_first.dim[0] = inputs[0].shape.dim[0];
        if (x->axes != x->shape.rank || x->last != inputs[0].last ||
            x->of_last.rank > 0 || !cr_shape_is_same(&as_first, &inputs[0].shape))
            return cr_import_graph_fail(graph, err,
                                        "its inputs differ in more than their channels");
        channels += x->shape.dim[0];
    }
    cr_import_computed y = inputs[0];
    y.shape.dim[0] = channels;
    const double axis =
        axis_of(cr_import_graph_attribute_number(graph, "axis", 0), y.axes);
    if (axis != (y.last ? (double)y.axes : 1))
        return cr_import_graph_fail(graph, err,
                                    "it joins along axis %g; the layer concat joins "
                                    "channels, or the values of flat examples",
                                    axis);
    return cr_import_layers_join(graph, "concat", inputs, count, &y, err) &&
           cr_import_graph_set_computed(graph, &y, err);
}

bool cr_import_join_concat(cr_import_graph *graph, const cr_import_op *op, cr_error *err)
{
    if (is_part(graph, 0))
        return join_parts(graph, err);
    if (graph->node->input_count == 1)
        return cr_import_unary_same(graph, op, err);
    cr_import_computed *inputs = cr_alloc(graph->node->input_count, sizeof *inputs, err);
    bool good = inputs && join_channels(graph, inputs, err);
    cr_free(inputs);
    return good;
}

/* What scikit-learn's exporter joins the columns of a table with. */
bool cr_import_join_features(cr_import_graph *graph, const cr_import_op *op,
                             cr_error *err)
{
    (void)op;
    return is_part(graph, 0)
               ? join_parts(graph, err)
               : cr_import_graph_fail(graph, err,
                                      "it joins what is computed; import "
                                      "knows it of the graph's inputs alone");
}

/* Which of an example's dimensions are summed up: bits from 0. False with err. */
static bool read_axes(cr_import_graph *graph, size_t axes, unsigned *which, cr_error *err)
{
    const cr_onnx_model_attribute *attribute = cr_import_graph_attribute(graph, "axes");
    const double *values = attribute ? attribute->numbers.values : NULL;
    size_t count = attribute ? attribute->numbers.count : 0;
    if (cr_import_graph_has(graph, 1)) {
        const cr_import_constant *c = cr_import_graph_constant(graph, 1, err);
        if (!c)
            return false;
        values = c->values;
        count = c->count;
    }
    *which = 0;
    for (size_t i = 0; i < count; i++) {
        const double axis = axis_of(values[i], axes);
        if (!(axis >= 1 && axis <= (double)axes))
            return cr_import_graph_fail(
                graph, err,
                "it is taken along axis %g; expected dimensions of "
                "an example, 1 to %zu",
                values[i], axes);
        *which |= 1u << ((unsigned)axis - 1);
    }
    return count > 0 ||
           cr_import_graph_fail(graph, err,
                                "it is taken over all examples; expected the "
                                "axes of one");
}

bool cr_import_join_reduce(cr_import_graph *graph, const cr_import_op *op, cr_error *err)
{
    const cr_import_computed *x = cr_import_graph_computed(graph, 0, err);
    const bool keeps = cr_import_graph_attribute_number(graph, "keepdims", 1) != 0;
    unsigned which = 0;
    if (!x || !read_axes(graph, x->axes, &which, err))
        return false;
    const unsigned all = (1u << x->axes) - 1;
    const unsigned plane = x->last ? all >> 1 : all & ~1u;
    const bool mean = strcmp(op->layer, "mean") == 0;
    const bool channels = mean && x->axes > 1 && x->axes == x->shape.rank &&
                          which == plane && !(keeps && x->last);
    if (which != all && !channels)
        return cr_import_graph_fail(graph, err,
                                    "it leaves some dimensions of an example; there are "
                                    "layers for all of it, and for the mean of each "
                                    "channel");
    const cr_shape output = cr_shape_flat(which == all ? 1 : x->shape.dim[0]);
    if (!cr_import_layers_add(graph, which == all ? op->layer : "global_avg_pool", x, 1,
                              &output, err))
        return false;
    cr_import_computed y = cr_import_layers_last(graph);
    y.axes = keeps ? x->axes : which == all ? 0 : 1;
    return cr_import_graph_set_computed(graph, &y, err);
}
