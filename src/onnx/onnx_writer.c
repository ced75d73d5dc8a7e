#include "onnx/onnx_writer.h"

#include "base/hash.h"
#include "base/memory.h"
#include "onnx/protobuf.h"

#include <stdio.h>
#include <string.h>

/* The version of the file format: 4 is the oldest whose constants need not be inputs, and
 * came with opset 9; 7 came with opset 13. */
enum { OLD_IR = 4, NEW_IR = 7, NEW_OPSET = 13 };
enum { ML_OPSET = 1 };

#define BATCH "n"

struct cr_onnx_writer {
    int opset;
    bool uses_ml;
    bool failed;
    char **names;     /* [name_count] of all values */
    uint64_t *hashes; /* [name_count] of the names */
    size_t name_count, name_capacity, hash_capacity;
    cr_text nodes, tensors, inputs, outputs, properties; /* fields of graph and model */
};

cr_onnx_writer *cr_onnx_writer_create(int opset, cr_error *err)
{
    cr_onnx_writer *writer = cr_alloc(1, sizeof *writer, err);
    if (writer)
        writer->opset = opset;
    return writer;
}

void cr_onnx_writer_destroy(cr_onnx_writer *writer)
{
    if (!writer)
        return;
    for (size_t i = 0; i < writer->name_count; i++)
        cr_free(writer->names[i]);
    cr_free(writer->names);
    cr_free(writer->hashes);
    cr_text_finish(&writer->nodes);
    cr_text_finish(&writer->tensors);
    cr_text_finish(&writer->inputs);
    cr_text_finish(&writer->outputs);
    cr_text_finish(&writer->properties);
    cr_free(writer);
}

int cr_onnx_writer_opset(const cr_onnx_writer *writer)
{
    return writer->opset;
}

void cr_onnx_writer_fail(cr_onnx_writer *writer)
{
    writer->failed = true;
}

static bool is_taken(const cr_onnx_writer *writer, uint64_t hash, const char *name)
{
    for (size_t i = 0; i < writer->name_count; i++)
        if (writer->hashes[i] == hash && strcmp(writer->names[i], name) == 0)
            return true;
    return false;
}

static uint64_t hash_of(const char *name)
{
    return cr_hash_text((cr_hash){0}, name).low;
}

/* A name of the writer's own that no value has. */
static const char *take_name(cr_onnx_writer *writer, const char *wanted)
{
    cr_text name = {0};
    cr_text_add(&name, "%s", wanted);
    while (!name.failed && is_taken(writer, hash_of(name.data), name.data))
        cr_text_add(&name, "_");
    size_t count = writer->name_count + 1;
    if (name.failed ||
        !cr_reserve(&writer->names, &writer->name_capacity, count, sizeof(char *),
                    NULL) ||
        !cr_reserve(&writer->hashes, &writer->hash_capacity, count, sizeof(uint64_t),
                    NULL)) {
        cr_text_finish(&name);
        writer->failed = true;
        return "";
    }
    writer->names[writer->name_count] = name.data;
    writer->hashes[writer->name_count++] = hash_of(name.data);
    return name.data;
}

void cr_onnx_writer_reserve(cr_onnx_writer *writer, const char *name)
{
    (void)take_name(writer, name);
}

/* A ValueInfoProto: a tensor [n, example…]. */
static void add_value(cr_text *out, int field, const char *name, int type,
                      const cr_shape *example, const char *doc)
{
    cr_text value = {0}, tensor = {0}, shape = {0}, whole = {0}, batch = {0};
    cr_protobuf_string(&batch, CR_ONNX_DIM_PARAM, BATCH);
    cr_protobuf_message(&shape, CR_ONNX_SHAPE_DIM, &batch);
    for (size_t i = 0; i < example->rank; i++) {
        cr_text dim = {0};
        cr_protobuf_integer(&dim, CR_ONNX_DIM_VALUE, (int64_t)example->dim[i]);
        cr_protobuf_message(&shape, CR_ONNX_SHAPE_DIM, &dim);
    }
    cr_protobuf_integer(&tensor, CR_ONNX_TENSOR_TYPE_ELEM_TYPE, type);
    cr_protobuf_message(&tensor, CR_ONNX_TENSOR_TYPE_SHAPE, &shape);
    cr_protobuf_message(&whole, CR_ONNX_TYPE_TENSOR, &tensor);
    cr_protobuf_string(&value, CR_ONNX_VALUE_NAME, name);
    cr_protobuf_message(&value, CR_ONNX_VALUE_TYPE, &whole);
    cr_protobuf_string(&value, CR_ONNX_VALUE_DOC_STRING, doc);
    cr_protobuf_message(out, field, &value);
}

const char *cr_onnx_writer_input(cr_onnx_writer *writer, const char *name, int type,
                                 const cr_shape *example, const char *doc)
{
    const char *taken = take_name(writer, name);
    add_value(&writer->inputs, CR_ONNX_GRAPH_INPUT, taken, type, example, doc);
    return taken;
}

void cr_onnx_writer_output(cr_onnx_writer *writer, const char *value, int type,
                           const cr_shape *example, const char *doc)
{
    add_value(&writer->outputs, CR_ONNX_GRAPH_OUTPUT, value, type, example, doc);
}

static size_t bytes_of(int type)
{
    return type == CR_ONNX_UINT8                            ? 1
           : type == CR_ONNX_FLOAT || type == CR_ONNX_INT32 ? 4
                                                            : 8;
}

const char *cr_onnx_writer_tensor(cr_onnx_writer *writer, const char *name, int type,
                                  const cr_shape *shape, const void *values)
{
    const char *taken = take_name(writer, name);
    const size_t size = bytes_of(type), count = cr_shape_size(shape);
    cr_text tensor = {0}, raw = {0};
    for (size_t i = 0; i < shape->rank; i++)
        cr_protobuf_integer(&tensor, CR_ONNX_TENSOR_DIMS, (int64_t)shape->dim[i]);
    cr_protobuf_integer(&tensor, CR_ONNX_TENSOR_DATA_TYPE, type);
    cr_protobuf_string(&tensor, CR_ONNX_TENSOR_NAME, taken);
    for (size_t i = 0; i < count; i++)
        cr_protobuf_raw(&raw, (const char *)values + i * size, size);
    cr_protobuf_message(&tensor, CR_ONNX_TENSOR_RAW_DATA, &raw);
    cr_protobuf_message(&writer->tensors, CR_ONNX_GRAPH_INITIALIZER, &tensor);
    return taken;
}

static void add_attribute(cr_text *node, const cr_onnx_attribute *attribute)
{
    cr_text out = {0};
    cr_protobuf_string(&out, CR_ONNX_ATTRIBUTE_NAME, attribute->name);
    switch (attribute->is) {
    case CR_ONNX_IS_FLOAT:
        cr_protobuf_float(&out, CR_ONNX_ATTRIBUTE_F, attribute->f);
        break;
    case CR_ONNX_IS_INT:
        cr_protobuf_integer(&out, CR_ONNX_ATTRIBUTE_I, attribute->i);
        break;
    case CR_ONNX_IS_STRING:
        cr_protobuf_string(&out, CR_ONNX_ATTRIBUTE_S, attribute->s);
        break;
    case CR_ONNX_IS_INTS: /* of proto2: a tag each */
        for (size_t i = 0; i < attribute->count; i++)
            cr_protobuf_integer(&out, CR_ONNX_ATTRIBUTE_INTS, attribute->ints[i]);
        break;
    default:
        for (size_t i = 0; i < attribute->count; i++)
            cr_protobuf_string(&out, CR_ONNX_ATTRIBUTE_STRINGS, attribute->strings[i]);
    }
    cr_protobuf_integer(&out, CR_ONNX_ATTRIBUTE_TYPE, attribute->is);
    cr_protobuf_message(node, CR_ONNX_NODE_ATTRIBUTE, &out);
}

static size_t count_inputs(const cr_onnx_node *node)
{
    size_t count = 0;
    while (count < CR_ONNX_INPUTS && node->in[count])
        count++;
    return node->list ? node->list_count : count;
}

void cr_onnx_writer_end(cr_onnx_writer *writer, const char *name,
                        const cr_onnx_node *node)
{
    cr_text out = {0};
    const char *const *inputs = node->list ? node->list : node->in;
    for (size_t i = 0; i < count_inputs(node); i++)
        cr_protobuf_string(&out, CR_ONNX_NODE_INPUT, inputs[i]);
    cr_protobuf_string(&out, CR_ONNX_NODE_OUTPUT, name);
    cr_protobuf_string(&out, CR_ONNX_NODE_NAME, name);
    cr_protobuf_string(&out, CR_ONNX_NODE_OP_TYPE, node->op);
    for (size_t i = 0; i < CR_ONNX_ATTRIBUTES && node->attributes[i].name; i++)
        add_attribute(&out, &node->attributes[i]);
    if (node->domain)
        cr_protobuf_string(&out, CR_ONNX_NODE_DOMAIN, node->domain);
    writer->uses_ml |= node->domain && strcmp(node->domain, CR_ONNX_ML) == 0;
    cr_protobuf_message(&writer->nodes, CR_ONNX_GRAPH_NODE, &out);
}

const char *cr_onnx_writer_node(cr_onnx_writer *writer, const char *name,
                                const cr_onnx_node *node)
{
    const char *taken = take_name(writer, name);
    cr_onnx_writer_end(writer, taken, node);
    return taken;
}

const char *cr_onnx_writer_sum(cr_onnx_writer *writer, const char *name, const char *x)
{
    static const int64_t axis = 1;
    const cr_shape one = cr_shape_flat(1);
    cr_onnx_node node = {
        .op = "ReduceSum", .in = {x}, .attributes = {CR_ONNX_SET_AXES(1)}};
    if (writer->opset >= NEW_OPSET) {
        node.attributes[0] = (cr_onnx_attribute){0};
        node.in[1] = cr_onnx_writer_tensor(writer, "axes", CR_ONNX_INT64, &one, &axis);
    }
    return cr_onnx_writer_node(writer, name, &node);
}

void cr_onnx_writer_property(cr_onnx_writer *writer, const char *key, const char *value)
{
    cr_text pair = {0};
    cr_protobuf_string(&pair, CR_ONNX_ENTRY_KEY, key);
    cr_protobuf_string(&pair, CR_ONNX_ENTRY_VALUE, value);
    cr_protobuf_message(&writer->properties, CR_ONNX_MODEL_METADATA_PROPS, &pair);
}

static void add_opset(cr_text *file, const char *domain, int version)
{
    cr_text opset = {0};
    cr_protobuf_string(&opset, CR_ONNX_OPSET_DOMAIN, domain);
    cr_protobuf_integer(&opset, CR_ONNX_OPSET_VERSION, version);
    cr_protobuf_message(file, CR_ONNX_MODEL_OPSET_IMPORT, &opset);
}

/* Adds fields that are written already. */
static void join(cr_text *out, cr_text *fields)
{
    if (fields->length > 0)
        cr_text_add_bytes(out, fields->data, fields->length);
    out->failed |= fields->failed;
    cr_text_finish(fields);
}

bool cr_onnx_writer_finish(cr_onnx_writer *writer, const cr_onnx_about *about,
                           cr_text *file, cr_error *err)
{
    cr_text graph = {0};
    join(&graph, &writer->nodes);
    cr_protobuf_string(&graph, CR_ONNX_GRAPH_NAME, about->graph);
    join(&graph, &writer->tensors);
    join(&graph, &writer->inputs);
    join(&graph, &writer->outputs);
    cr_protobuf_integer(file, CR_ONNX_MODEL_IR_VERSION,
                        writer->opset < NEW_OPSET ? OLD_IR : NEW_IR);
    cr_protobuf_string(file, CR_ONNX_MODEL_PRODUCER_NAME, about->producer);
    cr_protobuf_string(file, CR_ONNX_MODEL_PRODUCER_VERSION, about->version);
    cr_protobuf_string(file, CR_ONNX_MODEL_DOC_STRING, about->doc);
    cr_protobuf_message(file, CR_ONNX_MODEL_GRAPH, &graph);
    add_opset(file, "", writer->opset);
    if (writer->uses_ml)
        add_opset(file, CR_ONNX_ML, ML_OPSET);
    join(file, &writer->properties);
    if (file->failed || writer->failed)
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    if (file->length > INT32_MAX)
        return cr_fail(err, CR_E_DATA,
                       "the model takes %zu bytes as ONNX, and such a file has at most "
                       "2147483647",
                       file->length);
    return true;
}
