/* Operators of one input that work element by element, and softmax. */
#include "exchange/import_layers.h"
#include "exchange/import_ops/import_op.h"

#include <math.h>
#include <string.h>

/* A layer over the node's input 0 whose output is like it. NULL with err. */
static cr_json *add(cr_import_graph *graph, const char *type, cr_error *err)
{
    const cr_import_computed *x = cr_import_graph_computed(graph, 0, err);
    if (!x)
        return NULL;
    cr_import_computed y = *x;
    cr_json *object = cr_import_layers_join(graph, type, x, 1, &y, err);
    return object && cr_import_graph_set_computed(graph, &y, err) ? object : NULL;
}

static bool add_with(cr_import_graph *graph, const char *type, const char *key,
                     double number, cr_error *err)
{
    cr_json *object = add(graph, type, err);
    return object && (cr_json_set_number(object, key, number) ||
                      cr_fail(err, CR_E_MEMORY, "out of memory"));
}

bool cr_import_unary_read(cr_import_graph *graph, const cr_import_op *op, cr_error *err)
{
    return add(graph, op->layer, err) != NULL;
}

bool cr_import_unary_elu(cr_import_graph *graph, const cr_import_op *op, cr_error *err)
{
    const double alpha = cr_import_graph_attribute_number(graph, "alpha", 1);
    if (!(alpha >= 0))
        return cr_import_graph_fail(
            graph, err, "its alpha is %g; the layer elu takes one of at least 0", alpha);
    return add_with(graph, op->layer, "alpha", cr_import_graph_short_number(alpha), err);
}

/* Also PRelu, with one slope for all. */
bool cr_import_unary_leaky_relu(cr_import_graph *graph, const cr_import_op *op,
                                cr_error *err)
{
    double slope = cr_import_graph_attribute_number(graph, "alpha", 0.01);
    if (op->max_inputs == 2) {
        const cr_import_constant *slopes = cr_import_graph_constant(graph, 1, err);
        if (!slopes)
            return false;
        slope = slopes->count > 0 ? slopes->values[0] : 0;
        for (size_t i = 0; i < slopes->count; i++)
            if (slopes->values[i] != slope)
                return cr_import_graph_fail(graph, err,
                                            "it has slopes of its own for each channel; "
                                            "the layer leaky_relu has one");
    }
    return add_with(graph, op->layer, "negative_slope",
                    cr_import_graph_short_number(slope), err);
}

bool cr_import_unary_gelu(cr_import_graph *graph, const cr_import_op *op, cr_error *err)
{
    if (!cr_import_graph_attribute_is(graph, "approximate", "none", "none"))
        return cr_import_graph_fail(graph, err,
                                    "it is the approximation by tanh; the layer gelu is "
                                    "the exact one: train with approximate=\"none\"");
    return add(graph, op->layer, err) != NULL;
}

bool cr_import_unary_power(cr_import_graph *graph, const cr_import_op *op, cr_error *err)
{
    double exponent = 0;
    if (!cr_import_graph_number(graph, 1, &exponent, err))
        return false;
    if (exponent == 2)
        return add(graph, "square", err) != NULL;
    return add_with(graph, op->layer, "exponent", exponent, err);
}

bool cr_import_unary_root(cr_import_graph *graph, const cr_import_op *op, cr_error *err)
{
    return add_with(graph, op->layer, "exponent", 0.5, err);
}

/* Of all of an example: of a flat one, or of every shape as operators before opset 13 have
 * it with axis 1. */
bool cr_import_unary_softmax(cr_import_graph *graph, const cr_import_op *op,
                             cr_error *err)
{
    const cr_import_computed *x = cr_import_graph_computed(graph, 0, err);
    if (!x)
        return false;
    const bool old = graph->opset < 13;
    const double axis = cr_import_graph_attribute_number(graph, "axis", old ? 1 : -1);
    if ((x->axes == 1 && (axis == 1 || axis == -1)) || (old && axis == 1 && x->axes > 0))
        return add(graph, op->layer, err) != NULL;
    return cr_import_graph_fail(graph, err,
                                "it is taken along axis %g of an example of %zu "
                                "dimensions; the layer softmax is over a flat example",
                                axis, x->axes);
}

/* The input under another name. */
bool cr_import_unary_same(cr_import_graph *graph, const cr_import_op *op, cr_error *err)
{
    (void)op;
    cr_import_value *from = cr_import_graph_find(graph, graph->node->inputs[0]);
    const cr_import_computed *x = from && from->kind == CR_IMPORT_PART
                                      ? &from->computed
                                      : cr_import_graph_computed(graph, 0, err);
    if (!x)
        return false;
    cr_import_computed y = *x;
    y.shared = y.shared || from->uses > 1;
    const bool part = from->kind == CR_IMPORT_PART;
    if (!cr_import_graph_set_computed(graph, &y, err))
        return false;
    if (part)
        cr_import_graph_find(graph, graph->node->outputs[0])->kind = CR_IMPORT_PART;
    return true;
}

bool cr_import_unary_dropout(cr_import_graph *graph, const cr_import_op *op,
                             cr_error *err)
{
    double rate = cr_import_graph_attribute_number(graph, "ratio", 0.5), training = 0;
    if (cr_import_graph_has(graph, 1) && !cr_import_graph_number(graph, 1, &rate, err))
        return false;
    if (cr_import_graph_has(graph, 2) &&
        !cr_import_graph_number(graph, 2, &training, err))
        return false;
    if (training != 0)
        return cr_import_graph_fail(graph, err,
                                    "it drops values in use (training_mode); export the "
                                    "model for inference: model.eval()");
    if (!(rate >= 0 && rate <= 0.999))
        return cr_import_graph_fail(
            graph, err, "its ratio is %g, expected one from 0 to 0.999", rate);
    return add_with(graph, op->layer, "rate", cr_import_graph_short_number(rate), err);
}
