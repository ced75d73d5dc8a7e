/* What layers share that give an example another shape: its values stay as they are. */
#ifndef CHAINRULE_GRAPH_LAYERS_RESHAPE_H
#define CHAINRULE_GRAPH_LAYERS_RESHAPE_H

#include "graph/layer.h"

/* y = x and dx = dy, which in a workspace are the same memory: see cr_layer_type.reshapes. */
void cr_reshape_forward(const cr_pass *pass, const cr_layer_io *io);
void cr_reshape_backward(const cr_pass *pass, const cr_layer_io *io);

#endif
