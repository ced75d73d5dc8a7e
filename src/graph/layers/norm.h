/* What batch and layer normalisation share. */
#ifndef CHAINRULE_GRAPH_LAYERS_NORM_H
#define CHAINRULE_GRAPH_LAYERS_NORM_H

#include "graph/layer.h"

/* The gradients of a normalisation's weight (Σ dy x̂ over the rows) and bias (Σ dy), its
 * segments 0 and 1. normal: x̂ [batch rows, stride], of which the first output_size of a
 * row count. */
void cr_norm_gradient(const cr_pass *pass, const cr_layer_io *io,
                      const cr_gradient_sink *sink, const cr_real *normal, size_t stride);

#endif
