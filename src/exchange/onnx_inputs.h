/* The inputs of a model in ONNX, and what leads from them to what the network takes: words,
 * dates, missing values, normalisation. */
#ifndef CHAINRULE_EXCHANGE_ONNX_INPUTS_H
#define CHAINRULE_EXCHANGE_ONNX_INPUTS_H

#include "data/encoding.h"
#include "onnx/onnx_writer.h"

/* Adds the inputs, and the nodes of the way; returns the network's input [n, shape].
 * encoded: the one input is that. False when out of memory. */
CR_MUST_CHECK bool cr_onnx_inputs_add(cr_onnx_writer *writer, const cr_encoding *encoding,
                                      bool encoded, const char **data, cr_error *err);

#endif
