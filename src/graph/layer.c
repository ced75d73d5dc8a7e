#include "graph/layer.h"

void cr_layer_plan_parameter(cr_layer_plan *plan, const char *name, cr_shape shape,
                             bool regularized)
{
    plan->parameters[plan->parameter_count++] =
        (cr_segment){.name = name, .shape = shape, .regularized = regularized};
}

void cr_layer_plan_buffer(cr_layer_plan *plan, const char *name, cr_shape shape)
{
    plan->buffers[plan->buffer_count++] = (cr_segment){.name = name, .shape = shape};
}

void cr_layer_gradient_of_shares(const cr_pass *pass, const cr_layer_io *io,
                                 const cr_gradient_sink *sink, size_t i, size_t at)
{
    enum { SOME = 256 }; /* values whose sums stay in cache */
    const cr_segment *segment = &io->parameters[i];
    const cr_real alpha = (cr_real)sink->alpha,
                  beta = (cr_real)cr_sink_beta(sink, segment);
    size_t blocks = (segment->size + SOME - 1) / SOME;
    size_t last = blocks * (pass->share + 1) / pass->shares * SOME;
    last = last < segment->size ? last : segment->size;
    for (size_t first = blocks * pass->share / pass->shares * SOME; first < last;
         first += SOME) {
        size_t count = last - first < SOME ? last - first : SOME;
        cr_real sum[SOME] = {0};
        for (size_t share = 0; share < pass->shares; share++) {
            const cr_real *restrict part = cr_layer_share_scratch(io, share) + at + first;
            if (cr_pass_rows_of(pass, share) > 0)
                for (size_t k = 0; k < count; k++)
                    sum[k] += part[k];
        }
        cr_real *restrict to = sink->block + segment->offset + first;
        for (size_t k = 0; k < count; k++)
            to[k] = beta == 0 ? alpha * sum[k] : alpha * sum[k] + beta * to[k];
    }
}
