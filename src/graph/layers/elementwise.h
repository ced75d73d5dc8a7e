/* What element-wise layers share. */
#ifndef CHAINRULE_GRAPH_LAYERS_ELEMENTWISE_H
#define CHAINRULE_GRAPH_LAYERS_ELEMENTWISE_H

#include "graph/layer.h"

/* For element-wise layers: one input, the output has its shape. */
bool cr_elementwise_plan(cr_layer_plan *plan, cr_error *err);

#endif
