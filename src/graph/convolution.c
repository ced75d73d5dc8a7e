#include "graph/convolution.h"

#include <string.h>

cr_convolution cr_convolution_make(const cr_window *window, size_t filters, size_t groups)
{
    return (cr_convolution){.columns = cr_columns_make(window, window->channels / groups),
                            .groups = groups,
                            .filters = filters / groups};
}

size_t cr_convolution_scratch(const cr_convolution *convolution)
{
    return cr_columns_padded_size(&convolution->columns) +
           cr_columns_block_size(&convolution->columns);
}

/* What the functions have of a group: its matrices, and scratch memory. */
typedef struct group {
    size_t weights, pixels, positions; /* of a group, as offsets; positions: row of Y */
    cr_real *padded, *taken;
} group;

static group make_group(const cr_convolution *c, cr_real *scratch)
{
    return (group){.weights = c->filters * c->columns.height,
                   .pixels =
                       c->columns.window.channels * cr_window_pixels(&c->columns.window),
                   .positions = cr_window_count(&c->columns.window),
                   .padded = scratch,
                   .taken = scratch + cr_columns_padded_size(&c->columns)};
}

/* The columns of a block [height, *stride apart]. */
static const cr_real *take(const cr_convolution *c, const group *g,
                           const cr_columns_block *block, const cr_real *x,
                           size_t *stride)
{
    if (c->columns.direct) {
        *stride = g->positions;
        return x + cr_columns_start(&c->columns, block);
    }
    *stride = cr_columns_count(block);
    cr_columns_take(&c->columns, block, g->padded, g->taken);
    return g->taken;
}

void cr_convolution_apply(const cr_convolution *convolution, const cr_real *w,
                          const cr_real *b, const cr_real *x, cr_real *y,
                          cr_real *scratch)
{
    const cr_convolution *c = convolution;
    const group g = make_group(c, scratch);
    for (size_t i = 0; b && i < c->groups * c->filters; i++)
        for (size_t k = 0; k < g.positions; k++)
            y[i * g.positions + k] = b[i];
    for (size_t i = 0; i < c->groups; i++, w += g.weights, x += g.pixels) {
        if (!c->columns.direct)
            cr_columns_pad(&c->columns, x, g.padded);
        cr_columns_block block = cr_columns_first(&c->columns);
        do {
            size_t stride = 0;
            const cr_real *taken = take(c, &g, &block, x, &stride);
            cr_gemm(CR_AS_IS, CR_AS_IS, c->filters, cr_columns_count(&block),
                    c->columns.height, 1, w, c->columns.height, taken, stride, b ? 1 : 0,
                    y + cr_columns_start(&c->columns, &block), g.positions);
        } while (cr_columns_next(&c->columns, &block));
        y += c->filters * g.positions;
    }
}

void cr_convolution_spread(const cr_convolution *convolution, const cr_real *w,
                           const cr_real *y, cr_real *x, cr_real *scratch)
{
    const cr_convolution *c = convolution;
    const group g = make_group(c, scratch);
    bool direct = c->columns.direct;
    for (size_t i = 0; i < c->groups; i++, w += g.weights, x += g.pixels) {
        memset(g.padded, 0, cr_columns_padded_size(&c->columns) * sizeof *g.padded);
        cr_columns_block block = cr_columns_first(&c->columns);
        do {
            size_t start = cr_columns_start(&c->columns, &block);
            size_t count = cr_columns_count(&block);
            cr_gemm(CR_TRANSPOSED, CR_AS_IS, c->columns.height, count, c->filters, 1, w,
                    c->columns.height, y + start, g.positions, 0,
                    direct ? x + start : g.taken, direct ? g.positions : count);
            if (!direct)
                cr_columns_add(&c->columns, &block, g.taken, g.padded);
        } while (cr_columns_next(&c->columns, &block));
        if (!direct)
            cr_columns_crop(&c->columns, g.padded, x);
        y += c->filters * g.positions;
    }
}

void cr_convolution_correlate(const cr_convolution *convolution, const cr_real *x,
                              const cr_real *y, cr_real *dw, cr_real *scratch)
{
    const cr_convolution *c = convolution;
    const group g = make_group(c, scratch);
    for (size_t i = 0; i < c->groups; i++, dw += g.weights, x += g.pixels) {
        if (!c->columns.direct)
            cr_columns_pad(&c->columns, x, g.padded);
        cr_columns_block block = cr_columns_first(&c->columns);
        do {
            size_t stride = 0;
            const cr_real *taken = take(c, &g, &block, x, &stride);
            cr_gemm(CR_AS_IS, CR_TRANSPOSED, c->filters, c->columns.height,
                    cr_columns_count(&block), 1,
                    y + cr_columns_start(&c->columns, &block), g.positions, taken, stride,
                    1, dw, c->columns.height);
        } while (cr_columns_next(&c->columns, &block));
        y += c->filters * g.positions;
    }
}
