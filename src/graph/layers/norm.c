#include "graph/layers/norm.h"

#include "math/kernel.h"

void cr_norm_gradient(const cr_pass *pass, const cr_layer_io *io,
                      const cr_gradient_sink *sink, const cr_real *normal, size_t stride)
{
    const cr_segment *gain = &io->parameters[0], *bias = &io->parameters[1];
    size_t n = io->output_size;
    const cr_real *dy = io->dy[0];
    if (pass->share + 1 == pass->shares)
        cr_kernel_sum_rows(pass->batch_rows, n, sink->alpha, dy, cr_sink_beta(sink, bias),
                           sink->block + bias->offset);
    /* whole cache lines of the gradient to each share */
    size_t lines = (n + 15) / 16, last = lines * (pass->share + 1) / pass->shares * 16;
    cr_real *to = sink->block + gain->offset;
    double beta = cr_sink_beta(sink, gain);
    for (size_t i = lines * pass->share / pass->shares * 16; i < last && i < n; i++) {
        double sum = 0;
        for (size_t row = 0; row < pass->batch_rows; row++)
            sum += (double)dy[row * n + i] * (double)normal[row * stride + i];
        to[i] = (cr_real)(sink->alpha * sum + (beta == 0 ? 0 : beta * (double)to[i]));
    }
}
