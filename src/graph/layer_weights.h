/*
 * Weights as they are written for other programs: with what comes before and behind the
 * layer in them, and as bytes.
 */
#ifndef CHAINRULE_GRAPH_LAYER_WEIGHTS_H
#define CHAINRULE_GRAPH_LAYER_WEIGHTS_H

#include "graph/network.h"

#include <stdint.h>

/* What weights take in. Each is NULL where there is nothing. */
typedef struct cr_layer_fold {
    /* [inputs] what is there becomes what the network takes, (x - shift) * scale; for a
     * layer that is not flat the scale is the same for all, and the shift 0 */
    const double *x_shift, *x_scale;
    /* [channels] the output is (y - mean) * scale + bias */
    const double *y_mean, *y_scale, *y_bias;
} cr_layer_fold;

/* Inputs as bytes: q = round(x / step) + zero, from -128 to 127. */
typedef struct cr_layer_steps {
    double step;
    int zero;
} cr_layer_steps;

typedef struct cr_layer_weights {
    size_t size, channels;
    double *weight;        /* [size] in the layer's own order */
    double *bias;          /* [channels] */
    int8_t *bytes;         /* [size] weight is scale * byte; NULL: weights are numbers */
    double *scale;         /* [channels] */
    cr_layer_steps inputs; /* of a layer whose weights are bytes */
} cr_layer_weights;        /* starts as {0} */

/* Of a node whose type has channel_of; io is the node's. The caller finishes the weights.
 * False when out of memory. */
CR_MUST_CHECK bool cr_layer_weights_make(cr_layer_weights *weights, const cr_node *node,
                                         const cr_layer_io *io, const cr_layer_fold *fold,
                                         cr_error *err);
void cr_layer_weights_finish(cr_layer_weights *weights);

/* Makes the weights bytes, each channel with the scale that changes its output least; what
 * the mean of the output changes by goes to the bias. x [rows, inputs]: inputs of a flat
 * layer, whose weights are then rounded so that its outputs for these change little; NULL:
 * each to the nearest. weights->weight becomes what the bytes say. False when out of
 * memory. */
CR_MUST_CHECK bool cr_layer_weights_quantize(cr_layer_weights *weights,
                                             const cr_node *node, const cr_layer_io *io,
                                             const float *x, size_t rows, cr_error *err);

/* An input as a byte. */
int cr_layer_weights_byte(const cr_layer_steps *steps, float x);

#endif
