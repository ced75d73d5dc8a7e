/*
 * The numbers of ONNX's wire format: protobuf's wire types, the fields of the messages that
 * a model is made of, and the types of tensors and attributes (onnx.proto of ONNX 1.x,
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, whose numbers never change).
 */
#ifndef CHAINRULE_ONNX_FIELDS_H
#define CHAINRULE_ONNX_FIELDS_H

/* A field's tag is a varint: number << 3 | wire type. */
enum {
    CR_WIRE_VARINT = 0,
    CR_WIRE_FIXED64 = 1, /* 8 bytes, little-endian */
    CR_WIRE_BYTES = 2,   /* a varint of the length, then so many bytes: texts, messages,
                            packed numbers */
    CR_WIRE_FIXED32 = 5  /* 4 bytes, little-endian */
};

enum { /* ModelProto: a file */
       CR_ONNX_MODEL_IR_VERSION = 1,
       CR_ONNX_MODEL_PRODUCER_NAME = 2,
       CR_ONNX_MODEL_PRODUCER_VERSION = 3,
       CR_ONNX_MODEL_DOMAIN = 4,
       CR_ONNX_MODEL_MODEL_VERSION = 5,
       CR_ONNX_MODEL_DOC_STRING = 6,
       CR_ONNX_MODEL_GRAPH = 7,
       CR_ONNX_MODEL_OPSET_IMPORT = 8,
       CR_ONNX_MODEL_METADATA_PROPS = 14,
       CR_ONNX_MODEL_FUNCTIONS = 25
};

enum { /* OperatorSetIdProto */
       CR_ONNX_OPSET_DOMAIN = 1,
       CR_ONNX_OPSET_VERSION = 2
};

enum { /* StringStringEntryProto */
       CR_ONNX_ENTRY_KEY = 1,
       CR_ONNX_ENTRY_VALUE = 2
};

enum { /* GraphProto */
       CR_ONNX_GRAPH_NODE = 1,
       CR_ONNX_GRAPH_NAME = 2,
       CR_ONNX_GRAPH_INITIALIZER = 5,
       CR_ONNX_GRAPH_DOC_STRING = 10,
       CR_ONNX_GRAPH_INPUT = 11,
       CR_ONNX_GRAPH_OUTPUT = 12,
       CR_ONNX_GRAPH_VALUE_INFO = 13,
       CR_ONNX_GRAPH_SPARSE_INITIALIZER = 15
};

enum { /* NodeProto */
       CR_ONNX_NODE_INPUT = 1,
       CR_ONNX_NODE_OUTPUT = 2,
       CR_ONNX_NODE_NAME = 3,
       CR_ONNX_NODE_OP_TYPE = 4,
       CR_ONNX_NODE_ATTRIBUTE = 5,
       CR_ONNX_NODE_DOC_STRING = 6,
       CR_ONNX_NODE_DOMAIN = 7
};

enum { /* AttributeProto */
       CR_ONNX_ATTRIBUTE_NAME = 1,
       CR_ONNX_ATTRIBUTE_F = 2, /* fixed32 */
       CR_ONNX_ATTRIBUTE_I = 3,
       CR_ONNX_ATTRIBUTE_S = 4,
       CR_ONNX_ATTRIBUTE_T = 5,
       CR_ONNX_ATTRIBUTE_G = 6,
       CR_ONNX_ATTRIBUTE_FLOATS = 7,
       CR_ONNX_ATTRIBUTE_INTS = 8,
       CR_ONNX_ATTRIBUTE_STRINGS = 9,
       CR_ONNX_ATTRIBUTE_TYPE = 20,
       CR_ONNX_ATTRIBUTE_REF_ATTR_NAME = 21
};

enum { /* AttributeProto.AttributeType */
       CR_ONNX_IS_FLOAT = 1,
       CR_ONNX_IS_INT = 2,
       CR_ONNX_IS_STRING = 3,
       CR_ONNX_IS_TENSOR = 4,
       CR_ONNX_IS_GRAPH = 5,
       CR_ONNX_IS_FLOATS = 6,
       CR_ONNX_IS_INTS = 7,
       CR_ONNX_IS_STRINGS = 8
};

enum { /* TensorProto */
       CR_ONNX_TENSOR_DIMS = 1,
       CR_ONNX_TENSOR_DATA_TYPE = 2,
       CR_ONNX_TENSOR_SEGMENT = 3,
       CR_ONNX_TENSOR_FLOAT_DATA = 4,
       CR_ONNX_TENSOR_INT32_DATA = 5,
       CR_ONNX_TENSOR_STRING_DATA = 6,
       CR_ONNX_TENSOR_INT64_DATA = 7,
       CR_ONNX_TENSOR_NAME = 8,
       CR_ONNX_TENSOR_RAW_DATA = 9, /* little-endian */
       CR_ONNX_TENSOR_DOUBLE_DATA = 10,
       CR_ONNX_TENSOR_UINT64_DATA = 11,
       CR_ONNX_TENSOR_DOC_STRING = 12,
       CR_ONNX_TENSOR_EXTERNAL_DATA = 13,
       CR_ONNX_TENSOR_DATA_LOCATION = 14
};

enum { /* TensorProto.DataType */
       CR_ONNX_FLOAT = 1,
       CR_ONNX_UINT8 = 2,
       CR_ONNX_INT8 = 3,
       CR_ONNX_INT32 = 6,
       CR_ONNX_INT64 = 7,
       CR_ONNX_STRING = 8,
       CR_ONNX_BOOL = 9,
       CR_ONNX_FLOAT16 = 10,
       CR_ONNX_DOUBLE = 11
};

enum { /* ValueInfoProto */
       CR_ONNX_VALUE_NAME = 1,
       CR_ONNX_VALUE_TYPE = 2,
       CR_ONNX_VALUE_DOC_STRING = 3
};

enum { /* TypeProto, TypeProto.Tensor, TensorShapeProto and its Dimension */
       CR_ONNX_TYPE_TENSOR = 1,
       CR_ONNX_TENSOR_TYPE_ELEM_TYPE = 1,
       CR_ONNX_TENSOR_TYPE_SHAPE = 2,
       CR_ONNX_SHAPE_DIM = 1,
       CR_ONNX_DIM_VALUE = 1,
       CR_ONNX_DIM_PARAM = 2 /* a name in place of a number */
};

#endif
