#include "exchange/import_pattern.h"

#include "base/memory.h"
#include "onnx/fields.h"

#include <math.h>
#include <string.h>

/* The node that makes the input i of another, where it is this operator; else NULL. */
static const cr_onnx_model_node *maker(const cr_import_graph *graph,
                                       const cr_onnx_model_node *node, size_t i,
                                       const char *name)
{
    const cr_import_value *value =
        i < node->input_count ? cr_import_graph_find(graph, node->inputs[i]) : NULL;
    return value && value->producer &&
                   cr_wire_reader_is(value->producer->operator_name, name)
               ? value->producer
               : NULL;
}

static bool is_same(cr_wire_text a, cr_wire_text b)
{
    return a.length == b.length && a.length > 0 && memcmp(a.data, b.data, a.length) == 0;
}

/* The one number of the node's input i; NaN where it is none. */
static double number_at(const cr_import_graph *graph, const cr_onnx_model_node *node,
                        size_t i)
{
    const cr_import_value *value =
        i < node->input_count ? cr_import_graph_find(graph, node->inputs[i]) : NULL;
    const cr_onnx_model_node *constant = maker(graph, node, i, "Constant");
    const cr_onnx_tensor *tensor = value ? value->constant.tensor : NULL;
    if (constant && constant->attribute_count == 1) {
        if (constant->attributes[0].type == CR_ONNX_IS_FLOAT)
            return constant->attributes[0].number;
        if (constant->attributes[0].type == CR_ONNX_IS_TENSOR)
            tensor = &constant->attributes[0].tensor;
    }
    if (!tensor || tensor->count != 1 || !tensor->message.data)
        return NAN;
    double *values = cr_onnx_tensor_numbers(&graph->model->whole, tensor, NULL);
    const double number = values ? values[0] : NAN;
    cr_free(values);
    return number;
}

/* Whether it is close to what a float32 of the expected number is. */
static bool is_close(double number, double expected)
{
    return fabs(number - expected) <= 1e-6;
}

/* PyTorch: where(x > 20, x, softplus(x)), which is the same in float32. */
static bool is_softplus(const cr_import_graph *graph, const cr_onnx_model_node *node,
                        cr_wire_text *input)
{
    const cr_onnx_model_node *greater = maker(graph, node, 0, "Greater");
    const cr_onnx_model_node *softplus = maker(graph, node, 2, "Softplus");
    if (!cr_wire_reader_is(node->operator_name, "Where") || node->input_count != 3 ||
        !greater || !softplus || greater->input_count != 2 || softplus->input_count != 1)
        return false;
    *input = softplus->inputs[0];
    return is_same(*input, node->inputs[1]) && is_same(*input, greater->inputs[0]) &&
           number_at(graph, greater, 1) >= 17;
}

/* The x of 1 + erf(x / sqrt(2)); NULL of others. */
static const cr_wire_text *argument_of(const cr_import_graph *graph,
                                       const cr_onnx_model_node *add)
{
    for (size_t i = 0; add && i < 2; i++) {
        const cr_onnx_model_node *erf = maker(graph, add, i, "Erf");
        const cr_onnx_model_node *quotient = erf ? maker(graph, erf, 0, "Div") : NULL;
        const cr_onnx_model_node *product = erf ? maker(graph, erf, 0, "Mul") : NULL;
        if (!erf || add->input_count != 2 || number_at(graph, add, 1 - i) != 1)
            continue;
        if (quotient && is_close(number_at(graph, quotient, 1), sqrt(2)))
            return &quotient->inputs[0];
        for (size_t k = 0; product && product->input_count == 2 && k < 2; k++)
            if (is_close(number_at(graph, product, k), sqrt(0.5)))
                return &product->inputs[1 - k];
    }
    return NULL;
}

/* The product of x, 0.5 and 1 + erf(x / sqrt(2)), in any order. */
static bool is_gelu(const cr_import_graph *graph, const cr_onnx_model_node *node,
                    cr_wire_text *input)
{
    if (!cr_wire_reader_is(node->operator_name, "Mul") || node->input_count != 2)
        return false;
    for (size_t i = 0; i < 2; i++) {
        const cr_onnx_model_node *inner = maker(graph, node, i, "Mul");
        if (!inner || inner->input_count != 2)
            continue;
        const cr_onnx_model_node *nodes[] = {node, inner, inner};
        const size_t places[] = {1 - i, 0, 1};
        const cr_wire_text *x = NULL;
        bool half = false, takes = false;
        for (size_t k = 0; k < CR_COUNT(nodes); k++) {
            const cr_wire_text *found =
                argument_of(graph, maker(graph, nodes[k], places[k], "Add"));
            x = found ? found : x;
            half = half || number_at(graph, nodes[k], places[k]) == 0.5;
        }
        for (size_t k = 0; x && k < CR_COUNT(nodes); k++)
            takes = takes || is_same(nodes[k]->inputs[places[k]], *x);
        if (x && half && takes) {
            *input = *x;
            return true;
        }
    }
    return false;
}

const char *cr_import_pattern_find(const cr_import_graph *graph,
                                   const cr_onnx_model_node *node, cr_wire_text *input)
{
    if (is_softplus(graph, node, input))
        return "softplus";
    return is_gelu(graph, node, input) ? "gelu" : NULL;
}
