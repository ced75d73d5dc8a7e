/* The table of layer types: a new layer is one file and one row here. */
#include "graph/layers/layers.h"

const cr_layer_type *const cr_layer_types[] = {
    &cr_layer_linear,       &cr_layer_relu,
    &cr_layer_sigmoid,      &cr_layer_tanh,
    &cr_layer_squared_norm, &cr_layer_add,
    &cr_layer_subtract,     &cr_layer_mul,
    &cr_layer_max,          &cr_layer_scale,
    &cr_layer_shift,        &cr_layer_exp,
    &cr_layer_log,          &cr_layer_reciprocal,
    &cr_layer_square,       &cr_layer_power,
    &cr_layer_matmul,       &cr_layer_sum,
    &cr_layer_mean,         &cr_layer_concat,
    &cr_layer_value,        &cr_layer_leaky_relu,
    &cr_layer_elu,          &cr_layer_gelu,
    &cr_layer_softplus,     &cr_layer_softmax,
    &cr_layer_dropout,      &cr_layer_layer_norm,
    &cr_layer_batch_norm,   &cr_layer_conv2d,
    &cr_layer_conv1d,       &cr_layer_conv_transpose2d,
    &cr_layer_max_pool2d,   &cr_layer_avg_pool2d,
};

const size_t cr_layer_type_count = CR_COUNT(cr_layer_types);
