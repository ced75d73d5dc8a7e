/* Element-wise gates with several inputs: equal shapes, or a single number that goes with
 * every value of the others. */
#ifndef CHAINRULE_GRAPH_LAYERS_BROADCAST_H
#define CHAINRULE_GRAPH_LAYERS_BROADCAST_H

#include "graph/layer_onnx.h"
#include "graph/layers/layers.h"

/* The output has the shape of the inputs that are not single numbers. An error if those
 * differ. */
bool cr_broadcast_plan(cr_layer_plan *plan, cr_error *err);

/* Input k where value i of the row is computed. */
static inline size_t cr_broadcast_index(const cr_layer_io *io, size_t k, size_t row,
                                        size_t i)
{
    return io->input_size[k] == 1 ? row : row * io->output_size + i;
}

/* dx[k] += downstream for value i of the row, over a dx that was cleared: a single
 * number's gradient is the sum. */
static inline void cr_broadcast_add(const cr_layer_io *io, size_t k, size_t row, size_t i,
                                    cr_real downstream)
{
    io->dx[k][cr_broadcast_index(io, k, row, i)] += downstream;
}

/* Sets the pass's rows of every dx that there is to 0. */
void cr_broadcast_clear(const cr_pass *pass, const cr_layer_io *io);

/* All inputs joined by an operator of two, the first with the second, and so on. */
const char *cr_broadcast_onnx(const cr_layer_onnx *layer, const char *op);

#endif
