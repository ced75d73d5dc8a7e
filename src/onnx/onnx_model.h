/*
 * An ONNX file (ModelProto), read: its graph of nodes, the tensors in it, what it says of
 * itself. Texts and tensors are bytes of the file. Nothing of it is trusted: names may be
 * anything, and who uses a node checks what it needs.
 */
#ifndef CHAINRULE_ONNX_ONNX_MODEL_H
#define CHAINRULE_ONNX_ONNX_MODEL_H

#include "onnx/onnx_tensor.h"

typedef struct cr_onnx_model_attribute {
    cr_wire_text name;
    int64_t type;  /* CR_ONNX_IS_… */
    double number; /* of a float or an integer */
    cr_wire_text text;
    cr_onnx_tensor tensor;
    cr_wire_numbers numbers; /* of floats or integers */
    cr_wire_text *texts;     /* [text_count] */
    size_t text_count;
} cr_onnx_model_attribute;

typedef struct cr_onnx_model_node {
    cr_wire_text name, operator_name, domain;
    cr_wire_text *inputs, *outputs; /* [input_count], [output_count] names; "" is none */
    size_t input_count, output_count;
    cr_onnx_model_attribute *attributes;
    size_t attribute_count;
} cr_onnx_model_node;

/* An input or output of the graph. */
typedef struct cr_onnx_value {
    cr_wire_text name;
    bool is_tensor, has_shape;
    int64_t type; /* of the tensor */
    size_t rank;
    double dim[CR_ONNX_DIMENSIONS]; /* NaN where it has a name, or nothing */
} cr_onnx_value;

typedef struct cr_onnx_opset {
    cr_wire_text domain;
    int64_t version;
} cr_onnx_opset;

/* What the file says of itself. */
typedef struct cr_onnx_entry {
    cr_wire_text key, value;
} cr_onnx_entry;

typedef struct cr_onnx_model {
    char *bytes;          /* of the file */
    cr_wire_reader whole; /* the file's message */
    cr_onnx_opset *opsets;
    cr_onnx_entry *entries; /* metadata */
    cr_onnx_model_node *nodes;
    cr_onnx_tensor *tensors; /* initializers */
    cr_onnx_value *inputs, *outputs;
    size_t opset_count, entry_count, node_count, tensor_count, input_count, output_count;
} cr_onnx_model;

/* Reads a file, whose path lives as long as the model. The caller finishes the model, also
 * after a failure. */
CR_MUST_CHECK bool cr_onnx_model_read(cr_onnx_model *model, const char *path,
                                      cr_error *err);
void cr_onnx_model_finish(cr_onnx_model *model); /* takes zeros */

#endif
