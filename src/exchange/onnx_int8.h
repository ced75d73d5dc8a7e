/* What a model in ONNX has in bytes: the weights of layers, and their inputs. */
#ifndef CHAINRULE_EXCHANGE_ONNX_INT8_H
#define CHAINRULE_EXCHANGE_ONNX_INT8_H

#include "exchange/export_format.h"
#include "graph/layer_weights.h"

typedef struct cr_onnx_int8 {
    cr_layer_weights *weights; /* [node_count]; NULL: nothing is in bytes */
    bool *passes; /* [node_count] layers whose y is x, since what they do is in
                                  the weights of others */
    bool *bytes;  /* [node_count] those whose weights are bytes */
} cr_onnx_int8;

/* Makes bytes of the model's weights, if the options ask for it; else everything is NULL.
 * Adds to the notes what that costs. To be finished whatever comes back. */
CR_MUST_CHECK bool cr_onnx_int8_make(cr_onnx_int8 *int8, cr_model *model,
                                     const cr_export_options *options, cr_text *notes,
                                     cr_error *err);
void cr_onnx_int8_finish(cr_onnx_int8 *int8, const cr_model *model);

#endif
