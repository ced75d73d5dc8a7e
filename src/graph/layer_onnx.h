/*
 * What a layer writes itself to ONNX with: cr_layer_type.onnx adds nodes for what forward
 * does outside of training, and returns the value that is the layer's output.
 *
 * Values are [n, shape of one example]. Constants and intermediate values are called
 * "linear1.weight" and "layer_norm1/mean", and no layer's name has a dot or a slash.
 */
#ifndef CHAINRULE_GRAPH_LAYER_ONNX_H
#define CHAINRULE_GRAPH_LAYER_ONNX_H

#include "graph/layer_weights.h"
#include "graph/window.h"
#include "onnx/onnx_writer.h"

typedef struct cr_layer_onnx {
    cr_onnx_writer *writer;
    const char *name;
    const char *const *inputs; /* [plan->input_count] names of values */
    const cr_layer_plan *plan;
    const cr_real *parameters, *buffers; /* the network's blocks */
    const char *data;                /* a value with as many rows as there are examples */
    const cr_layer_weights *weights; /* those that are written, of a type that has
                                        channel_of; NULL: the layer's own */
} cr_layer_onnx;

/* Adds a node for the layer's output, or for a value on the way to it. */
const char *cr_layer_onnx_output(const cr_layer_onnx *layer, const cr_onnx_node *node);
const char *cr_layer_onnx_part(const cr_layer_onnx *layer, const char *part,
                               const cr_onnx_node *node);

/* The layer's output as an operator of its only input. */
const char *cr_layer_onnx_apply(const cr_layer_onnx *layer, const char *op);

/* Constants: segment i of the layer's parameters or buffers; a number;
 * values of a type of fields.h. */
const char *cr_layer_onnx_parameter(const cr_layer_onnx *layer, size_t i);
const char *cr_layer_onnx_buffer(const cr_layer_onnx *layer, size_t i);
const char *cr_layer_onnx_number(const cr_layer_onnx *layer, const char *part,
                                 double number);
const char *cr_layer_onnx_tensor(const cr_layer_onnx *layer, const char *part, int type,
                                 const cr_shape *shape, const void *values);

/* A constant for Reshape: [n, shape]. */
const char *cr_layer_onnx_shape(const cr_layer_onnx *layer, const char *part,
                                const cr_shape *shape);

/* What a layer with weights and a bias works on. Where the weights are bytes, all three
 * come out of DequantizeLinear, and x went through QuantizeLinear. */
typedef struct cr_layer_onnx_operands {
    const char *x, *weight, *bias; /* no bias: NULL */
} cr_layer_onnx_operands;

/* Of a layer whose parameters are these two. flat: the weights, [inputs, outputs], are to be
 * [outputs, inputs], as Gemm takes them with transB. */
cr_layer_onnx_operands cr_layer_onnx_weights_take(const cr_layer_onnx *layer,
                                                  const char *x, bool flat);

/* A value as one of another shape with as many values. */
const char *cr_layer_onnx_shaped(const cr_layer_onnx *layer, const char *part,
                                 const char *value, const cr_shape *shape);

/* Input k as [n, size]. */
const char *cr_layer_onnx_flat(const cr_layer_onnx *layer, size_t k);

/* A node for a value [n, size] that is to have the output's shape. */
const char *cr_layer_onnx_unflat(const cr_layer_onnx *layer, const cr_onnx_node *node);

/* Adds the attributes of a window on images (axes 2) or lines (axes 1) to those of the
 * node: kernel_shape, strides, pads, and dilations where they are not 1. */
void cr_layer_onnx_add_window(cr_onnx_node *node, const cr_window_options *options,
                              const cr_shape *image);

/* Adds one. */
void cr_layer_onnx_add_attribute(cr_onnx_node *node, cr_onnx_attribute attribute);

#endif
