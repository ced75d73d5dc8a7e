/* All values of an example to one number, y = factor · Σ x. */
#ifndef CHAINRULE_GRAPH_LAYERS_REDUCE_H
#define CHAINRULE_GRAPH_LAYERS_REDUCE_H

#include "graph/layer_c.h"
#include "graph/layers/layers.h"

bool cr_reduce_plan(cr_layer_plan *plan, cr_error *err);
void cr_reduce_forward(const cr_pass *pass, const cr_layer_io *io, cr_real factor);
void cr_reduce_backward(const cr_pass *pass, const cr_layer_io *io, cr_real factor);

/* For c_source. */
void cr_reduce_c(const cr_layer_io *io, const cr_layer_c *c, double factor,
                 cr_csource *out);

#endif
