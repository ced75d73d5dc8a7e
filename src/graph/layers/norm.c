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
    enum { BLOCK = 64 }; /* columns whose sums stay in registers and cache */
    cr_real *to = sink->block + gain->offset;
    const double beta = cr_sink_beta(sink, gain);
    size_t blocks = (n + BLOCK - 1) / BLOCK;
    size_t last = blocks * (pass->share + 1) / pass->shares;
    for (size_t block = blocks * pass->share / pass->shares; block < last; block++) {
        size_t first = block * BLOCK, width = n - first < BLOCK ? n - first : BLOCK;
        double sum[BLOCK] = {0};
        for (size_t row = 0; row < pass->batch_rows; row++)
            for (size_t j = 0; j < width; j++)
                sum[j] += (double)dy[row * n + first + j] *
                          (double)normal[row * stride + first + j];
        for (size_t j = 0; j < width; j++)
            to[first + j] = (cr_real)(sink->alpha * sum[j] +
                                      (beta == 0 ? 0 : beta * (double)to[first + j]));
    }
}
