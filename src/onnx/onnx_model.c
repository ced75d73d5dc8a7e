#include "onnx/onnx_model.h"

#include "base/file.h"
#include "base/memory.h"
#include "onnx/fields.h"

#include <math.h>

#define LARGEST ((size_t)1 << 31) /* bytes: protobuf's own limit */

/* Room for the fields of that number in the message; *count is theirs. NULL where there are
 * none, and when the reader has failed. */
static void *make_list(cr_wire_reader *message, uint64_t number, size_t size,
                       size_t *count, cr_error *err)
{
    *count = cr_wire_reader_count(message, number);
    void *list = *count > 0 ? cr_alloc(*count, size, err) : NULL;
    if (*count > 0 && !list) {
        *count = 0;
        message->failed = true;
    }
    return list;
}

/* The texts of a repeated field. */
static cr_wire_text *read_texts(cr_wire_reader *message, uint64_t number, size_t *count,
                                cr_error *err)
{
    cr_wire_text *texts = make_list(message, number, sizeof *texts, count, err);
    cr_wire_reader r = *message;
    size_t i = 0;
    for (cr_wire_field field; i < *count && cr_wire_reader_next(&r, &field, err);)
        if (field.number == number)
            cr_wire_reader_text(&r, &field, "a name", &texts[i++], err);
    message->failed = r.failed;
    return texts;
}

static void read_attribute_field(cr_wire_reader *r, const cr_wire_field *field,
                                 cr_onnx_model_attribute *a, cr_error *err)
{
    int64_t integer = 0;
    cr_wire_text message = {0};
    switch (field->number) {
    case CR_ONNX_ATTRIBUTE_NAME:
        cr_wire_reader_text(r, field, "an attribute's name", &a->name, err);
        break;
    case CR_ONNX_ATTRIBUTE_TYPE:
        cr_wire_reader_integer(r, field, "an attribute's type", &a->type, err);
        break;
    case CR_ONNX_ATTRIBUTE_F:
        cr_wire_reader_float(r, field, "f", &a->number, err);
        break;
    case CR_ONNX_ATTRIBUTE_I:
        cr_wire_reader_integer(r, field, "i", &integer, err);
        a->number = (double)integer;
        break;
    case CR_ONNX_ATTRIBUTE_S:
        cr_wire_reader_text(r, field, "s", &a->text, err);
        break;
    case CR_ONNX_ATTRIBUTE_T:
        cr_wire_reader_text(r, field, "t", &message, err);
        r->failed = r->failed || !cr_onnx_tensor_read(r, message, &a->tensor, err);
        break;
    case CR_ONNX_ATTRIBUTE_FLOATS:
        cr_wire_reader_numbers(r, field, CR_WIRE_FIXED32, "floats", &a->numbers, err);
        break;
    case CR_ONNX_ATTRIBUTE_INTS:
        cr_wire_reader_numbers(r, field, CR_WIRE_VARINT, "ints", &a->numbers, err);
        break;
    }
}

static bool read_attribute(const cr_wire_reader *within, cr_wire_text message,
                           cr_onnx_model_attribute *a, cr_error *err)
{
    cr_wire_reader r = cr_wire_reader_inside(within, message);
    a->texts = read_texts(&r, CR_ONNX_ATTRIBUTE_STRINGS, &a->text_count, err);
    for (cr_wire_field field; cr_wire_reader_next(&r, &field, err);)
        read_attribute_field(&r, &field, a, err);
    return !r.failed;
}

static bool read_node(const cr_wire_reader *within, cr_wire_text message,
                      cr_onnx_model_node *node, cr_error *err)
{
    size_t i = 0;
    cr_wire_reader r = cr_wire_reader_inside(within, message);
    node->inputs = read_texts(&r, CR_ONNX_NODE_INPUT, &node->input_count, err);
    node->outputs = read_texts(&r, CR_ONNX_NODE_OUTPUT, &node->output_count, err);
    node->attributes = make_list(&r, CR_ONNX_NODE_ATTRIBUTE, sizeof *node->attributes,
                                 &node->attribute_count, err);
    for (cr_wire_field field; cr_wire_reader_next(&r, &field, err);) {
        cr_wire_text attribute = {0};
        if (field.number == CR_ONNX_NODE_NAME)
            cr_wire_reader_text(&r, &field, "a node's name", &node->name, err);
        else if (field.number == CR_ONNX_NODE_OP_TYPE)
            cr_wire_reader_text(&r, &field, "op_type", &node->operator_name, err);
        else if (field.number == CR_ONNX_NODE_DOMAIN)
            cr_wire_reader_text(&r, &field, "domain", &node->domain, err);
        if (field.number != CR_ONNX_NODE_ATTRIBUTE || i == node->attribute_count)
            continue;
        cr_wire_reader_text(&r, &field, "attribute", &attribute, err);
        r.failed =
            r.failed || !read_attribute(&r, attribute, &node->attributes[i++], err);
    }
    return !r.failed;
}

static void read_dimension(cr_wire_reader *shape, cr_wire_text message, double *dim,
                           cr_error *err)
{
    cr_wire_reader r = cr_wire_reader_inside(shape, message);
    *dim = NAN;
    for (cr_wire_field field; cr_wire_reader_next(&r, &field, err);) {
        int64_t n = 0;
        if (field.number == CR_ONNX_DIM_VALUE)
            cr_wire_reader_integer(&r, &field, "dim_value", &n, err);
        if (n > 0)
            *dim = (double)n;
    }
    shape->failed = r.failed;
}

static void read_shape(cr_wire_reader *within, cr_wire_text message, cr_onnx_value *value,
                       cr_error *err)
{
    cr_wire_reader r = cr_wire_reader_inside(within, message);
    value->has_shape = true;
    for (cr_wire_field field; cr_wire_reader_next(&r, &field, err);) {
        cr_wire_text dimension = {0};
        if (field.number != CR_ONNX_SHAPE_DIM)
            continue;
        cr_wire_reader_text(&r, &field, "dim", &dimension, err);
        if (value->rank == CR_ONNX_DIMENSIONS)
            cr_wire_reader_fail(&r, field.offset, err,
                                "found a shape of more than %d dimensions",
                                CR_ONNX_DIMENSIONS);
        if (!r.failed)
            read_dimension(&r, dimension, &value->dim[value->rank++], err);
    }
    within->failed = r.failed;
}

/* A TypeProto with a tensor_type. */
static void read_type(cr_wire_reader *within, cr_wire_text message, cr_onnx_value *value,
                      cr_error *err)
{
    cr_wire_reader r = cr_wire_reader_inside(within, message);
    for (cr_wire_field field; cr_wire_reader_next(&r, &field, err);) {
        cr_wire_text tensor = {0}, shape = {0};
        if (field.number != CR_ONNX_TYPE_TENSOR)
            continue;
        value->is_tensor = true;
        cr_wire_reader_text(&r, &field, "tensor_type", &tensor, err);
        cr_wire_reader t = cr_wire_reader_inside(&r, tensor);
        while (!r.failed && cr_wire_reader_next(&t, &field, err)) {
            if (field.number == CR_ONNX_TENSOR_TYPE_ELEM_TYPE)
                cr_wire_reader_integer(&t, &field, "elem_type", &value->type, err);
            else if (field.number == CR_ONNX_TENSOR_TYPE_SHAPE)
                cr_wire_reader_text(&t, &field, "shape", &shape, err);
            if (shape.data && !t.failed)
                read_shape(&t, shape, value, err);
            shape = (cr_wire_text){0};
        }
        r.failed = r.failed || t.failed;
    }
    within->failed = r.failed;
}

static bool read_value(const cr_wire_reader *within, cr_wire_text message,
                       cr_onnx_value *value, cr_error *err)
{
    cr_wire_reader r = cr_wire_reader_inside(within, message);
    for (cr_wire_field field; cr_wire_reader_next(&r, &field, err);) {
        cr_wire_text type = {0};
        if (field.number == CR_ONNX_VALUE_NAME)
            cr_wire_reader_text(&r, &field, "a value's name", &value->name, err);
        else if (field.number == CR_ONNX_VALUE_TYPE)
            cr_wire_reader_text(&r, &field, "type", &type, err);
        if (type.data && !r.failed)
            read_type(&r, type, value, err);
    }
    return !r.failed;
}

static bool read_graph(cr_onnx_model *m, cr_wire_text message, cr_error *err)
{
    size_t node = 0, tensor = 0, input = 0, output = 0;
    cr_wire_reader r = cr_wire_reader_inside(&m->whole, message);
    m->nodes = make_list(&r, CR_ONNX_GRAPH_NODE, sizeof *m->nodes, &m->node_count, err);
    m->tensors = make_list(&r, CR_ONNX_GRAPH_INITIALIZER, sizeof *m->tensors,
                           &m->tensor_count, err);
    m->inputs =
        make_list(&r, CR_ONNX_GRAPH_INPUT, sizeof *m->inputs, &m->input_count, err);
    m->outputs =
        make_list(&r, CR_ONNX_GRAPH_OUTPUT, sizeof *m->outputs, &m->output_count, err);
    for (cr_wire_field field; cr_wire_reader_next(&r, &field, err);) {
        cr_wire_text part = {0};
        bool good = true;
        if (field.number == CR_ONNX_GRAPH_SPARSE_INITIALIZER)
            cr_wire_reader_fail(&r, field.offset, err,
                                "found a sparse tensor, expected dense ones alone");
        else
            cr_wire_reader_text(&r, &field, "a part of the graph", &part, err);
        if (r.failed)
            break; /* all its fields are messages or texts */
        if (field.number == CR_ONNX_GRAPH_NODE && node < m->node_count)
            good = read_node(&r, part, &m->nodes[node++], err);
        else if (field.number == CR_ONNX_GRAPH_INITIALIZER && tensor < m->tensor_count)
            good = cr_onnx_tensor_read(&r, part, &m->tensors[tensor++], err);
        else if (field.number == CR_ONNX_GRAPH_INPUT && input < m->input_count)
            good = read_value(&r, part, &m->inputs[input++], err);
        else if (field.number == CR_ONNX_GRAPH_OUTPUT && output < m->output_count)
            good = read_value(&r, part, &m->outputs[output++], err);
        r.failed = r.failed || !good;
    }
    return !r.failed;
}

static bool read_opset(const cr_wire_reader *within, cr_wire_text message,
                       cr_onnx_opset *opset, cr_error *err)
{
    cr_wire_reader r = cr_wire_reader_inside(within, message);
    for (cr_wire_field field; cr_wire_reader_next(&r, &field, err);) {
        if (field.number == CR_ONNX_OPSET_DOMAIN)
            cr_wire_reader_text(&r, &field, "domain", &opset->domain, err);
        else if (field.number == CR_ONNX_OPSET_VERSION)
            cr_wire_reader_integer(&r, &field, "version", &opset->version, err);
    }
    return !r.failed;
}

static bool read_entry(const cr_wire_reader *within, cr_wire_text message,
                       cr_onnx_entry *entry, cr_error *err)
{
    cr_wire_reader r = cr_wire_reader_inside(within, message);
    for (cr_wire_field field; cr_wire_reader_next(&r, &field, err);) {
        if (field.number == CR_ONNX_ENTRY_KEY)
            cr_wire_reader_text(&r, &field, "key", &entry->key, err);
        else if (field.number == CR_ONNX_ENTRY_VALUE)
            cr_wire_reader_text(&r, &field, "value", &entry->value, err);
    }
    return !r.failed;
}

static bool read_model(cr_onnx_model *m, cr_error *err)
{
    size_t opset = 0, entry = 0;
    cr_wire_text graph = {0};
    cr_wire_reader r = m->whole;
    m->opsets = make_list(&r, CR_ONNX_MODEL_OPSET_IMPORT, sizeof *m->opsets,
                          &m->opset_count, err);
    m->entries = make_list(&r, CR_ONNX_MODEL_METADATA_PROPS, sizeof *m->entries,
                           &m->entry_count, err);
    for (cr_wire_field field; cr_wire_reader_next(&r, &field, err);) {
        cr_wire_text part = {0};
        if (field.number == CR_ONNX_MODEL_GRAPH)
            cr_wire_reader_text(&r, &field, "graph", &graph, err);
        else if (field.number == CR_ONNX_MODEL_OPSET_IMPORT && opset < m->opset_count) {
            cr_wire_reader_text(&r, &field, "opset_import", &part, err);
            r.failed = r.failed || !read_opset(&r, part, &m->opsets[opset++], err);
        } else if (field.number == CR_ONNX_MODEL_METADATA_PROPS &&
                   entry < m->entry_count) {
            cr_wire_reader_text(&r, &field, "metadata_props", &part, err);
            r.failed = r.failed || !read_entry(&r, part, &m->entries[entry++], err);
        }
    }
    if (!r.failed && !graph.data)
        cr_wire_reader_fail(&r, 0, err, "found no graph (ModelProto, field %d)",
                            CR_ONNX_MODEL_GRAPH);
    return !r.failed && read_graph(m, graph, err);
}

bool cr_onnx_model_read(cr_onnx_model *model, const char *path, cr_error *err)
{
    size_t length = 0;
    *model = (cr_onnx_model){0};
    if (!cr_file_read(path, LARGEST, CR_E_DATA, &model->bytes, &length, err))
        return false;
    model->whole = (cr_wire_reader){.file = path,
                                    .first = model->bytes,
                                    .at = model->bytes,
                                    .end = model->bytes + length};
    return read_model(model, err);
}

static void finish_node(cr_onnx_model_node *node)
{
    for (size_t i = 0; i < node->attribute_count; i++) {
        cr_free(node->attributes[i].numbers.values);
        cr_free(node->attributes[i].texts);
    }
    cr_free(node->attributes);
    cr_free(node->inputs);
    cr_free(node->outputs);
}

void cr_onnx_model_finish(cr_onnx_model *model)
{
    for (size_t i = 0; i < model->node_count; i++)
        finish_node(&model->nodes[i]);
    cr_free(model->nodes);
    cr_free(model->tensors);
    cr_free(model->inputs);
    cr_free(model->outputs);
    cr_free(model->opsets);
    cr_free(model->entries);
    cr_free(model->bytes);
    *model = (cr_onnx_model){0};
}
