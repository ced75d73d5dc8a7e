/* The layer types, one a file. */
#ifndef CHAINRULE_GRAPH_LAYERS_LAYERS_H
#define CHAINRULE_GRAPH_LAYERS_LAYERS_H

#include "graph/layer.h"

extern const cr_layer_type cr_layer_add;
extern const cr_layer_type cr_layer_avg_pool2d;
extern const cr_layer_type cr_layer_batch_norm;
extern const cr_layer_type cr_layer_concat;
extern const cr_layer_type cr_layer_conv1d;
extern const cr_layer_type cr_layer_conv2d;
extern const cr_layer_type cr_layer_conv_transpose2d;
extern const cr_layer_type cr_layer_dropout;
extern const cr_layer_type cr_layer_elu;
extern const cr_layer_type cr_layer_exp;
extern const cr_layer_type cr_layer_flatten;
extern const cr_layer_type cr_layer_gelu;
extern const cr_layer_type cr_layer_global_avg_pool;
extern const cr_layer_type cr_layer_layer_norm;
extern const cr_layer_type cr_layer_leaky_relu;
extern const cr_layer_type cr_layer_linear;
extern const cr_layer_type cr_layer_log;
extern const cr_layer_type cr_layer_matmul;
extern const cr_layer_type cr_layer_max;
extern const cr_layer_type cr_layer_max_pool2d;
extern const cr_layer_type cr_layer_mean;
extern const cr_layer_type cr_layer_mul;
extern const cr_layer_type cr_layer_power;
extern const cr_layer_type cr_layer_reciprocal;
extern const cr_layer_type cr_layer_relu;
extern const cr_layer_type cr_layer_reshape;
extern const cr_layer_type cr_layer_scale;
extern const cr_layer_type cr_layer_shift;
extern const cr_layer_type cr_layer_sigmoid;
extern const cr_layer_type cr_layer_softmax;
extern const cr_layer_type cr_layer_softplus;
extern const cr_layer_type cr_layer_square;
extern const cr_layer_type cr_layer_squared_norm;
extern const cr_layer_type cr_layer_subtract;
extern const cr_layer_type cr_layer_sum;
extern const cr_layer_type cr_layer_tanh;
extern const cr_layer_type cr_layer_upsample;
extern const cr_layer_type cr_layer_value;

/* The values that a pass does: those of its rows, and where they start. */
static inline size_t cr_pass_values(const cr_pass *pass, const cr_layer_io *io,
                                    size_t *first)
{
    *first = pass->first_row * io->output_size;
    return pass->rows * io->output_size;
}

#endif
