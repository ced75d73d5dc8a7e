/*
 * A graph of ONNX on its way to a config's layers. Values have the batch as their first
 * dimension in ONNX and none here; an example's others are ours in the same order, or, of
 * values whose channels are last (as TensorFlow has them), with the channels in front.
 */
#ifndef CHAINRULE_EXCHANGE_IMPORT_GRAPH_H
#define CHAINRULE_EXCHANGE_IMPORT_GRAPH_H

#include "config/json.h"
#include "data/names.h"
#include "math/shape.h"
#include "onnx/onnx_model.h"

/* A tensor of numbers that is known before anything is computed. */
typedef struct cr_import_constant {
    size_t rank, dim[CR_ONNX_DIMENSIONS], count;
    double
        *values; /* [count]; NaN in the place of the batch's size; NULL where it is that
                       of a tensor that has not been needed yet */
    const cr_onnx_tensor *tensor; /* that it is of, or NULL */
} cr_import_constant;

/* What an example has at this place of the graph. */
typedef struct cr_import_computed {
    size_t layer;   /* that puts it out; CR_IMPORT_DATA: the examples themselves */
    cr_shape shape; /* as ours */
    /* Dimensions in ONNX besides the batch: those of shape, and 1s behind them where there
     * are more; 0: a number, which shape has as one. */
    size_t axes;
    bool last;        /* its channels are last in ONNX */
    cr_shape of_last; /* rank 0; or it is flat in ONNX and was an image or line of this
                         shape of ours whose channels were last, so that its values have
                         another order there */
    size_t stage;     /* of examples: steps of normalisation that they have passed */
    bool shared;      /* others take what the layer puts out, under another name */
} cr_import_computed;

#define CR_IMPORT_DATA SIZE_MAX

typedef enum cr_import_kind {
    CR_IMPORT_UNKNOWN, /* not made yet, or not needed */
    CR_IMPORT_CONSTANT,
    CR_IMPORT_COMPUTED,
    CR_IMPORT_PART, /* one of several inputs of the graph, with computed.layer its number */
} cr_import_kind;

typedef struct cr_import_value {
    cr_wire_text name;
    cr_import_kind kind;
    cr_import_constant constant;
    cr_import_computed computed;        /* of a part: its shape */
    const cr_onnx_model_node *producer; /* NULL: an input or an initializer */
    size_t uses;                        /* by nodes that are needed, and as the output */
} cr_import_value;

typedef struct cr_import_layer {
    char name[48];    /* type and ordinal */
    cr_json *object;  /* in the list */
    const char *type; /* its name in the table, static */
    cr_shape output;
} cr_import_layer;

/* A tensor of a layer. */
typedef struct cr_import_tensor {
    size_t layer, count;
    const char *name; /* "weight" */
    double *values;   /* [count], owned */
} cr_import_tensor;

typedef struct cr_import_graph {
    const cr_onnx_model *model;
    int64_t opset;           /* of the domain without a name */
    cr_import_value *values; /* [value_count], by name */
    size_t value_count;
    const cr_onnx_model_node *node; /* that is being read; NULL: none, for messages */
    size_t number;                  /* of it in the file */
    size_t folded;                  /* numbers that nodes have made */
    double batch;                   /* size of the batch in the file; NaN: any */

    cr_shape input;   /* of one example */
    bool turned;      /* its channels are last in the file, and first here */
    cr_names columns; /* of inputs that are a column each; none: there are no names */
    double *factor,
        *offset;  /* [input's size] normalisation so far: raw · factor + offset;
                                NULL: none */
    size_t stage; /* of what is normalised */
    bool started; /* some layer took the examples */

    cr_json *list; /* of layers, owned */
    cr_import_layer *layers;
    size_t layer_count, layer_capacity;
    cr_import_tensor *tensors;
    size_t tensor_count, tensor_capacity;
} cr_import_graph;

/* Finds the names of all values and who makes them. The caller finishes the graph, also
 * after a failure. */
CR_MUST_CHECK bool cr_import_graph_init(cr_import_graph *graph,
                                        const cr_onnx_model *model, cr_error *err);
void cr_import_graph_finish(cr_import_graph *graph); /* takes zeros */

/* Reports a failure (CR_E_DATA) at the node that is being read. Returns false. */
bool cr_import_graph_fail(const cr_import_graph *graph, cr_error *err, const char *format,
                          ...) CR_PRINTF(3, 4);

/* The value of that name; NULL for "" and where there is none. */
cr_import_value *cr_import_graph_find(const cr_import_graph *graph, cr_wire_text name);

/* The node's input i of either kind; NULL with err where there is none of it. A constant's
 * values are there. */
CR_MUST_CHECK cr_import_constant *cr_import_graph_constant(cr_import_graph *graph,
                                                           size_t i, cr_error *err);
CR_MUST_CHECK const cr_import_computed *
cr_import_graph_computed(const cr_import_graph *graph, size_t i, cr_error *err);

/* Whether the node has input i, and whether that is a constant. */
bool cr_import_graph_has(const cr_import_graph *graph, size_t i);
bool cr_import_graph_is_constant(const cr_import_graph *graph, size_t i);

/* The one number of the node's input i. False with err. */
CR_MUST_CHECK bool cr_import_graph_number(cr_import_graph *graph, size_t i,
                                          double *number, cr_error *err);

/* Adds a name that the file gives to a class, a column or a target: text in UTF-8. False with
 * err for what is none. */
CR_MUST_CHECK bool cr_import_graph_add_name(const cr_import_graph *graph, cr_names *names,
                                            cr_wire_text name, cr_error *err);

/* Attributes of the node, and what is meant where they are left out. */
const cr_onnx_model_attribute *cr_import_graph_attribute(const cr_import_graph *graph,
                                                         const char *name);
double cr_import_graph_attribute_number(const cr_import_graph *graph, const char *name,
                                        double fallback);
bool cr_import_graph_attribute_is(const cr_import_graph *graph, const char *name,
                                  const char *text, const char *fallback);

/* A number of float32 as people write it: 1e-05, not 9.9999997e-06. */
double cr_import_graph_short_number(double number);

/* Whether a node may make so many numbers more, of constants and tensors: a small file makes
 * no large ones. False with err. */
CR_MUST_CHECK bool cr_import_graph_may_hold(cr_import_graph *graph, size_t count,
                                            cr_error *err);

/* Sets the node's first output. A constant's values are owned by the graph from now on, also
 * after a failure. */
CR_MUST_CHECK bool cr_import_graph_set_constant(cr_import_graph *graph,
                                                const cr_import_constant *constant,
                                                cr_error *err);
CR_MUST_CHECK bool cr_import_graph_set_computed(cr_import_graph *graph,
                                                const cr_import_computed *computed,
                                                cr_error *err);

/* Whether nothing else takes what the node's input i is computed by. */
bool cr_import_graph_is_alone(const cr_import_graph *graph, size_t i);

#endif
