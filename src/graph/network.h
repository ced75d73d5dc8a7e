/*
 * A network: layers wired into a graph, planned once, with its parameters in one flat
 * block.
 *
 * Nobody writes a network during a pass; everything that a pass writes is in a workspace,
 * one a worker.
 */
#ifndef CHAINRULE_GRAPH_NETWORK_H
#define CHAINRULE_GRAPH_NETWORK_H

#include "graph/model_section.h"

/* A value of the graph: the batch, or what a layer puts out. */
typedef struct cr_value {
    cr_shape shape;
    size_t size;     /* values per example */
    size_t alias_of; /* a consumer's end of a copy: the value that it really is; else
                          itself */
    /* The values whose memory it shares for its own values and for its gradient, which lie
     * before it; else itself. A copy's consumers share values, a reshaped value both. */
    size_t values_of, gradient_of;
    bool has_gradient; /* something trainable lies before it, or all gradients were asked
                          for */
} cr_value;

/* A layer in its place. */
typedef struct cr_node {
    const cr_layer_type *type;
    const char *name; /* owned by the network; "" for a copy */
    size_t spec;      /* position in the config; CR_NO_SPEC for a copy */
    void *options;    /* a copy of the spec's, owned; may point into the config's tree */
    cr_layer_plan plan;
    bool trainable; /* has parameters to train */
    size_t *inputs; /* [plan.input_count] values */
    cr_shape *input_shapes;
    size_t *input_sizes;
    size_t output;       /* first value that it puts out */
    size_t output_count; /* 1; for a copy, its consumers */
} cr_node;

#define CR_NO_SPEC SIZE_MAX

typedef struct cr_network {
    cr_node *nodes; /* in the order of a forward pass */
    size_t node_count;
    cr_value *values; /* value 0 is the batch, "data" */
    size_t value_count;
    size_t output; /* the value that nothing uses */
    cr_real *parameters, *buffers;
    size_t parameter_size, buffer_size; /* of the blocks, with padding between segments */
    size_t parameter_count;             /* numbers in all segments, without padding */
    cr_product_kernels kernels;
} cr_network;

/* Wires and plans. `input` is the shape of one example (NULL: a graph without data);
 * output_size, if not 0, is what the output must have: a last layer with its units left
 * out gets them. With all_gradients every value has one, even the batch. Parameters are
 * zeros until cr_network_init. NULL with errors in the reader. The config's tree must
 * outlive the network. */
CR_MUST_CHECK cr_network *cr_network_create(cr_reader *reader, cr_model_section *model,
                                            const cr_shape *input, size_t output_size,
                                            bool all_gradients);
void cr_network_destroy(cr_network *network); /* takes NULL */

/* First values of all parameters, a function of the seed. draws: what is kept of those of
 * other networks; NULL: nothing. */
void cr_network_init(cr_network *network, uint64_t seed, cr_kept_draws *draws);

/* Calls visit for every segment, parameters first, then buffers, in the order of the
 * nodes. `block` is where its values lie. */
typedef void (*cr_segment_visitor)(void *user, const cr_segment *segment, cr_real *block);
void cr_network_visit(const cr_network *network, cr_segment_visitor visit, void *user);

/* Whether any layer has parameters to train. */
bool cr_network_is_trained(const cr_network *network);

/* Σ W² over regularised segments; Σ |W|. */
double cr_network_squared_weights(const cr_network *network);
double cr_network_absolute_weights(const cr_network *network);

/* FLOPs of one example: forward, and forward and backward of a training step. */
double cr_network_flops(const cr_network *network, bool training);

#endif
