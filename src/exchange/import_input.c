#include "exchange/import_input.h"

#include "onnx/fields.h"

#include <math.h>

static bool is_number(int64_t type)
{
    return type == CR_ONNX_FLOAT || type == CR_ONNX_DOUBLE || type == CR_ONNX_FLOAT16 ||
           type == CR_ONNX_UINT8 || type == CR_ONNX_INT32 || type == CR_ONNX_INT64;
}

/* The dimensions behind the batch's. */
static bool read_shape(const cr_import_graph *graph, const cr_onnx_value *input,
                       cr_shape *shape, cr_error *err)
{
    char type[CR_ONNX_TYPE_NAME];
    if (!input->is_tensor || !is_number(input->type))
        return cr_import_graph_fail(
            graph, err,
            "its input \"%.*s\" is of %s, expected numbers, such "
            "as float32: export it without what reads words",
            CR_WIRE_SHOWN(input->name),
            input->is_tensor ? cr_onnx_tensor_type_name(input->type, type) : "no tensor");
    if (!input->has_shape || input->rank < 2 || input->rank > 1 + CR_EXAMPLE_DIMENSIONS)
        return cr_import_graph_fail(graph, err,
                                    "its input \"%.*s\" has %zu dimensions; expected the "
                                    "batch's and 1 to %d of an example",
                                    CR_WIRE_SHOWN(input->name), input->rank,
                                    CR_EXAMPLE_DIMENSIONS);
    size_t count = 0;
    *shape = (cr_shape){.rank = input->rank - 1};
    for (size_t k = 1; k < input->rank; k++) {
        if (!(input->dim[k] >= 1 && input->dim[k] <= 1e9))
            return cr_import_graph_fail(
                graph, err,
                "dimension %zu of its input \"%.*s\" has no fixed "
                "size; only the batch's may be any: export it with "
                "examples of one size",
                k, CR_WIRE_SHOWN(input->name));
        shape->dim[k - 1] = (size_t)input->dim[k];
    }
    enum { MOST = 1 << 24 };
    return (cr_shape_count(shape, &count) && count <= MOST) ||
           cr_import_graph_fail(graph, err,
                                "its input \"%.*s\" has more values an example than the "
                                "most, %d",
                                CR_WIRE_SHOWN(input->name), MOST);
}

/* Whether the node puts the last dimension of an example in front. */
static bool turns(const cr_onnx_model_node *node)
{
    if (!cr_wire_reader_is(node->operator_name, "Transpose") || node->input_count != 1 ||
        node->attribute_count != 1 || node->attributes[0].numbers.count < 3)
        return false;
    const cr_wire_numbers *perm = &node->attributes[0].numbers;
    for (size_t k = 1; k < perm->count; k++)
        if (perm->values[k] != (double)(k == 1 ? perm->count - 1 : k - 1))
            return false;
    return perm->values[0] == 0;
}

/* What a node is about that changes each value by itself, or makes an image of a line; NULL
 * of others. */
static const cr_import_value *before(const cr_import_graph *graph,
                                     const cr_onnx_model_node *node)
{
    static const char *const names[] = {"Cast", "Identity", "Unsqueeze", "Add",
                                        "Sub",  "Mul",      "Div"};
    bool known = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        known = known || cr_wire_reader_is(node->operator_name, names[i]);
    for (size_t i = 0; known && i < node->input_count; i++) {
        const cr_import_value *value = cr_import_graph_find(graph, node->inputs[i]);
        if (value && value->kind != CR_IMPORT_CONSTANT &&
            !(value->producer &&
              cr_wire_reader_is(value->producer->operator_name, "Constant")))
            return value;
    }
    return NULL;
}

/* Whether examples have their channels last: they are put in front before a layer. */
static bool is_last(const cr_import_graph *graph, const cr_import_value *input,
                    size_t axes)
{
    enum { STEPS = 16 }; /* of normalisation, at most */
    for (size_t i = 0; axes > 1 && i < graph->model->node_count; i++) {
        const cr_onnx_model_node *node = &graph->model->nodes[i];
        const cr_import_value *value =
            turns(node) ? cr_import_graph_find(graph, node->inputs[0]) : NULL;
        for (int step = 0; value && value->producer && step < STEPS; step++)
            value = before(graph, value->producer);
        if (value == input)
            return true;
    }
    return false;
}

static bool set_data(cr_import_graph *graph, cr_import_value *value, cr_shape shape)
{
    const bool last = is_last(graph, value, shape.rank);
    value->kind = CR_IMPORT_COMPUTED;
    value->computed = (cr_import_computed){
        .layer = CR_IMPORT_DATA, .shape = shape, .axes = shape.rank, .last = last};
    for (size_t k = 0; last && k < shape.rank; k++)
        value->computed.shape.dim[(k + 1) % shape.rank] = shape.dim[k];
    graph->input = value->computed.shape;
    graph->turned =
        last && shape.dim[shape.rank - 1] > 1 && cr_shape_plane(&graph->input) > 1;
    return true;
}

bool cr_import_input_set(cr_import_graph *graph, cr_error *err)
{
    const cr_onnx_model *m = graph->model;
    size_t count = 0;
    for (size_t i = 0; i < m->input_count; i++) {
        const cr_import_value *value = cr_import_graph_find(graph, m->inputs[i].name);
        count += value && value->kind != CR_IMPORT_CONSTANT;
    }
    if (count == 0)
        return cr_import_graph_fail(graph, err, "its graph has no input");
    for (size_t i = 0; i < m->input_count; i++) {
        cr_shape shape;
        cr_import_value *value = cr_import_graph_find(graph, m->inputs[i].name);
        if (!value || value->kind == CR_IMPORT_CONSTANT)
            continue;
        if (value->producer)
            return cr_import_graph_fail(graph, err,
                                        "its input \"%.*s\" is made by a node as well",
                                        CR_WIRE_SHOWN(value->name));
        if (!read_shape(graph, &m->inputs[i], &shape, err))
            return false;
        graph->batch = m->inputs[i].dim[0];
        if (count == 1)
            return set_data(graph, value, shape);
        if (shape.rank != 1)
            return cr_import_graph_fail(graph, err,
                                        "it has %zu inputs, and \"%.*s\" is no column of "
                                        "them; several inputs have to be columns of a "
                                        "table",
                                        count, CR_WIRE_SHOWN(value->name));
        value->kind = CR_IMPORT_PART;
        value->computed = (cr_import_computed){.layer = i, .shape = shape, .axes = 1};
    }
    return true;
}
