/*
 * Weights as bytes: what ranges the inputs of layers have in the training data, which bytes
 * stand for which weights, and what that costs.
 */
#ifndef CHAINRULE_EXCHANGE_QUANTIZE_H
#define CHAINRULE_EXCHANGE_QUANTIZE_H

#include "data/data.h"
#include "graph/layer_weights.h"
#include "model/model.h"

typedef struct cr_quantizing {
    cr_model *model;
    const cr_data *data; /* the model's own */
    const bool *passes;  /* [node_count] layers whose y is x, since others have them
                                   in their weights */
    const bool *bytes;   /* [node_count] those whose weights become bytes */
    cr_layer_weights
        *weights; /* [node_count] of the types that have channel_of; changed */
    bool raw;     /* the weights take raw inputs */
} cr_quantizing;

/* Whether the weights of a node can become bytes. */
bool cr_quantize_can(const cr_node *node);

/* Makes the weights bytes. What that costs is measured on the validation part, or else the
 * test part, or else the training part, and added to the notes. False when out of memory,
 * or where it is more than max_loss: points of accuracy, or percent of rmse; NULL: 1. */
CR_MUST_CHECK bool cr_quantize(const cr_quantizing *q, const double *max_loss,
                               cr_text *notes, cr_error *err);

/* Says that there is no data, and why. Returns false. */
bool cr_quantize_refuse(const cr_error *why, cr_error *err);

/* What the network of bytes predicts: y [rows, outputs] as cr_model_predict_rows gives it, of
 * x [rows, inputs], raw or (encoded) as the network takes it. False when out of memory. */
CR_MUST_CHECK bool cr_quantize_predict(const cr_quantizing *q, bool encoded,
                                       const float *x, size_t rows, double *y,
                                       cr_error *err);

#endif
