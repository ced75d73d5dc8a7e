/* Operators of ONNX, a row each in import_op_table.c, and the functions that read them. */
#ifndef CHAINRULE_EXCHANGE_IMPORT_OPS_IMPORT_OP_H
#define CHAINRULE_EXCHANGE_IMPORT_OPS_IMPORT_OP_H

#include "exchange/import_graph.h"

typedef struct cr_import_op cr_import_op;

/* Reads graph->node, whose inputs and attributes were counted: sets its first output. */
typedef bool (*cr_import_reader)(cr_import_graph *graph, const cr_import_op *op,
                                 cr_error *err);

struct cr_import_op {
    const char *name;
    const char *domain;     /* NULL: ONNX's own */
    const char *attributes; /* that it knows, each with a space behind it */
    size_t min_inputs, max_inputs;
    const char *layer;     /* for `read`: a type */
    cr_import_reader read; /* of what is computed; NULL: it takes constants alone */
    cr_import_reader fold; /* where all its inputs are constants; NULL: `read` */
};

extern const cr_import_op cr_import_ops[];
extern const size_t cr_import_op_count;

/* Reads the node with its row of the table. */
CR_MUST_CHECK bool cr_import_op_read(cr_import_graph *graph, cr_error *err);

/* Element by element, with one input: op->layer, or by the attributes. */
bool cr_import_unary_read(cr_import_graph *graph, const cr_import_op *op, cr_error *err);
bool cr_import_unary_elu(cr_import_graph *graph, const cr_import_op *op, cr_error *err);
bool cr_import_unary_leaky_relu(cr_import_graph *graph, const cr_import_op *op,
                                cr_error *err);
bool cr_import_unary_gelu(cr_import_graph *graph, const cr_import_op *op, cr_error *err);
bool cr_import_unary_power(cr_import_graph *graph, const cr_import_op *op, cr_error *err);
bool cr_import_unary_root(cr_import_graph *graph, const cr_import_op *op, cr_error *err);
bool cr_import_unary_softmax(cr_import_graph *graph, const cr_import_op *op,
                             cr_error *err);
bool cr_import_unary_same(cr_import_graph *graph, const cr_import_op *op, cr_error *err);
bool cr_import_unary_dropout(cr_import_graph *graph, const cr_import_op *op,
                             cr_error *err);

/* Of two tensors, one of which may be a constant, or of several. */
bool cr_import_arithmetic_read(cr_import_graph *graph, const cr_import_op *op,
                               cr_error *err);
bool cr_import_arithmetic_divide(cr_import_graph *graph, const cr_import_op *op,
                                 cr_error *err);
bool cr_import_arithmetic_negate(cr_import_graph *graph, const cr_import_op *op,
                                 cr_error *err);

bool cr_import_arithmetic_clip(cr_import_graph *graph, const cr_import_op *op,
                               cr_error *err);

bool cr_import_linear_gemm(cr_import_graph *graph, const cr_import_op *op, cr_error *err);
bool cr_import_linear_matmul(cr_import_graph *graph, const cr_import_op *op,
                             cr_error *err);

bool cr_import_window_conv(cr_import_graph *graph, const cr_import_op *op, cr_error *err);
bool cr_import_window_conv_transpose(cr_import_graph *graph, const cr_import_op *op,
                                     cr_error *err);
bool cr_import_window_pool(cr_import_graph *graph, const cr_import_op *op, cr_error *err);
bool cr_import_window_global_max(cr_import_graph *graph, const cr_import_op *op,
                                 cr_error *err);
bool cr_import_window_global_mean(cr_import_graph *graph, const cr_import_op *op,
                                  cr_error *err);
bool cr_import_window_resize(cr_import_graph *graph, const cr_import_op *op,
                             cr_error *err);

bool cr_import_shape_flatten(cr_import_graph *graph, const cr_import_op *op,
                             cr_error *err);
bool cr_import_shape_reshape(cr_import_graph *graph, const cr_import_op *op,
                             cr_error *err);
bool cr_import_shape_squeeze(cr_import_graph *graph, const cr_import_op *op,
                             cr_error *err);
bool cr_import_shape_transpose(cr_import_graph *graph, const cr_import_op *op,
                               cr_error *err);
bool cr_import_join_concat(cr_import_graph *graph, const cr_import_op *op, cr_error *err);
bool cr_import_join_features(cr_import_graph *graph, const cr_import_op *op,
                             cr_error *err);
bool cr_import_join_reduce(cr_import_graph *graph, const cr_import_op *op, cr_error *err);

bool cr_import_norm_batch(cr_import_graph *graph, const cr_import_op *op, cr_error *err);
bool cr_import_norm_layer(cr_import_graph *graph, const cr_import_op *op, cr_error *err);
bool cr_import_norm_scaler(cr_import_graph *graph, const cr_import_op *op, cr_error *err);

/* What is known before anything is computed. */
bool cr_import_fold_constant(cr_import_graph *graph, const cr_import_op *op,
                             cr_error *err);
bool cr_import_fold_shape(cr_import_graph *graph, const cr_import_op *op, cr_error *err);
bool cr_import_fold_same(cr_import_graph *graph, const cr_import_op *op, cr_error *err);
bool cr_import_fold_gather(cr_import_graph *graph, const cr_import_op *op, cr_error *err);
bool cr_import_fold_slice(cr_import_graph *graph, const cr_import_op *op, cr_error *err);
bool cr_import_fold_concat(cr_import_graph *graph, const cr_import_op *op, cr_error *err);
bool cr_import_fold_reshape(cr_import_graph *graph, const cr_import_op *op,
                            cr_error *err);
bool cr_import_fold_transpose(cr_import_graph *graph, const cr_import_op *op,
                              cr_error *err);
bool cr_import_fold_arithmetic(cr_import_graph *graph, const cr_import_op *op,
                               cr_error *err);

#endif
