/* Several nodes that exporters write for what is one layer here. */
#ifndef CHAINRULE_EXCHANGE_IMPORT_PATTERN_H
#define CHAINRULE_EXCHANGE_IMPORT_PATTERN_H

#include "exchange/import_graph.h"

/* The type of the layer that the node puts out, with those before it, and the name of what
 * it takes; NULL: the node is only itself. */
const char *cr_import_pattern_find(const cr_import_graph *graph,
                                   const cr_onnx_model_node *node, cr_wire_text *input);

#endif
