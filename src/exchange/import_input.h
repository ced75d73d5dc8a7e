/* The inputs of a graph of ONNX: the examples. */
#ifndef CHAINRULE_EXCHANGE_IMPORT_INPUT_H
#define CHAINRULE_EXCHANGE_IMPORT_INPUT_H

#include "exchange/import_graph.h"

/* Sets the values of the inputs that are no tensors of the file. False with err for what
 * examples cannot be. */
CR_MUST_CHECK bool cr_import_input_set(cr_import_graph *graph, cr_error *err);

#endif
