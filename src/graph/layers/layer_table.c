/* The table of layer types: a new layer is one file and one row here. */
#include "graph/layers/layers.h"
#include "math/kernels.h"

const cr_layer_type *const cr_layer_types[] = {
    &cr_layer_linear,     &cr_layer_relu,         &cr_layer_sigmoid,
    &cr_layer_tanh,       &cr_layer_squared_norm, &cr_layer_add,
    &cr_layer_subtract,   &cr_layer_mul,          &cr_layer_max,
    &cr_layer_scale,      &cr_layer_shift,        &cr_layer_exp,
    &cr_layer_log,        &cr_layer_reciprocal,   &cr_layer_square,
    &cr_layer_power,      &cr_layer_matmul,       &cr_layer_sum,
    &cr_layer_mean,       &cr_layer_concat,       &cr_layer_value,
    &cr_layer_leaky_relu, &cr_layer_elu,          &cr_layer_gelu,
    &cr_layer_softplus,   &cr_layer_softmax,      &cr_layer_dropout,
    &cr_layer_layer_norm, &cr_layer_batch_norm,
};

const size_t cr_layer_type_count = sizeof cr_layer_types / sizeof cr_layer_types[0];

bool cr_plan_elementwise(cr_layer_plan *plan, cr_error *err)
{
    (void)err;
    plan->output = plan->inputs[0];
    plan->flops = (double)cr_shape_size(&plan->output);
    return true;
}

void cr_norm_gradient(const cr_pass *pass, const cr_layer_io *io,
                      const cr_gradient_sink *sink, const cr_real *normal, size_t stride)
{
    const cr_segment *gain = &io->parameters[0], *bias = &io->parameters[1];
    size_t n = io->output_size;
    const cr_real *dy = io->dy[0];
    if (pass->share + 1 < pass->shares) /* it is too little to be shared */
        return;
    cr_sum_rows(pass->batch_rows, n, sink->alpha, dy, cr_sink_beta(sink, bias),
                sink->block + bias->offset);
    cr_real *to = sink->block + gain->offset;
    double beta = cr_sink_beta(sink, gain);
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t row = 0; row < pass->batch_rows; row++)
            sum += (double)dy[row * n + i] * (double)normal[row * stride + i];
        to[i] = (cr_real)(sink->alpha * sum + (beta == 0 ? 0 : beta * (double)to[i]));
    }
}
