#include "graph/convolution.h"

#include "base/size.h"

#include <string.h>

enum {
    SOME_ROWS = 1024,     /* rows of matrices whose places are known at a time */
    SOME_POSITIONS = 128, /* whose products with all filters stay in the nearest cache */
    FEW_FILTERS = 8       /* of so many, gradients are sums along the positions */
};

/* What the functions share: sizes, places in the scratch memory, and tables of rows. */
typedef struct state {
    const cr_convolution *c;
    size_t weights, pixels, positions; /* of a group's W, X, and of a filter */
    size_t filters_wide;               /* filters, filled up to whole vectors */
    cr_real *padded, *taken;           /* an image, and a block of its columns */
    cr_real *across;            /* W or dW, [groups, height, filters or filters_wide] */
    cr_real *map;               /* a block of Y with slack, or its transpose */
    size_t columns[SOME_ROWS];  /* where rows of the columns begin: */
    size_t first, count, width; /* which, and in a block of which width */
    bool by_line;               /* in the order of u, channel, v, not of channel, u, v */
    size_t maps[SOME_ROWS], step; /* where rows of Y or its transpose begin: steps */
    cr_real zeros[SOME_ROWS];
} state;

/* Values of state.across and state.map. */
static size_t across_size(const cr_convolution *c)
{
    return cr_size_round_up(c->groups * c->columns.height *
                                cr_size_round_up(c->filters, CR_TILE_LANES),
                            CR_TILE_LANES);
}

static size_t map_size(const cr_convolution *c)
{
    size_t positions = c->columns.block[CR_HEIGHT] * c->columns.block[CR_WIDTH];
    return positions * cr_size_round_up(c->filters, CR_TILE_LANES) + CR_TILE_SLACK;
}

cr_convolution cr_convolution_make(const cr_window *window, size_t filters, size_t groups)
{
    cr_convolution c = {.columns = cr_columns_make(window, window->channels / groups),
                        .groups = groups,
                        .filters = filters / groups,
                        .fewer = groups == 1 && cr_winograd_suits(window, filters)};
    if (c.fewer) {
        c.winograd = cr_winograd_make(window, filters);
        c.turned = cr_winograd_turn(&c.winograd);
    }
    return c;
}

size_t cr_convolution_scratch(const cr_convolution *convolution)
{
    const cr_convolution *c = convolution;
    if (c->fewer) {
        size_t there = cr_winograd_scratch(&c->winograd);
        size_t back = cr_winograd_scratch(&c->turned);
        return there > back ? there : back;
    }
    return cr_size_round_up(cr_columns_padded_size(&c->columns), CR_TILE_LANES) +
           cr_size_round_up(cr_columns_block_size(&c->columns), CR_TILE_LANES) +
           across_size(c) + map_size(c);
}

static void begin(state *w, const cr_convolution *c, cr_real *scratch)
{
    w->c = c;
    w->weights = c->filters * c->columns.height;
    w->pixels = c->columns.window.channels * cr_window_pixels(&c->columns.window);
    w->positions = cr_window_count(&c->columns.window);
    w->filters_wide = cr_size_round_up(c->filters, CR_TILE_LANES);
    w->padded = scratch;
    w->taken =
        w->padded + cr_size_round_up(cr_columns_padded_size(&c->columns), CR_TILE_LANES);
    w->across =
        w->taken + cr_size_round_up(cr_columns_block_size(&c->columns), CR_TILE_LANES);
    w->map = w->across + across_size(c);
    w->count = w->width = w->step = 0;
    w->by_line = false;
    memset(w->zeros, 0, sizeof w->zeros);
    memset(w->padded, 0, cr_columns_padded_size(&c->columns) * sizeof *w->padded);
}

/* Where rows [first, last) of a block's columns begin, as many as are known at a time: sets
 * their number. */
static const size_t *find_columns(state *w, const cr_columns_block *block, size_t first,
                                  size_t last, size_t *count)
{
    const cr_columns *c = &w->c->columns;
    const size_t height = c->window.size[CR_HEIGHT], width = c->window.size[CR_WIDTH],
                 channels = c->window.channels;
    *count = cr_size_smaller(last - first, SOME_ROWS);
    if (w->width == block->count[CR_WIDTH] && w->first <= first &&
        first + *count <= w->first + w->count)
        return w->columns + (first - w->first);
    w->count = cr_size_smaller(c->height - first, SOME_ROWS);
    w->first = first;
    w->width = block->count[CR_WIDTH];
    for (size_t i = 0; i < w->count; i++) {
        size_t v = (first + i) % width, line = (first + i) / width;
        size_t channel = w->by_line ? line % channels : line / height;
        size_t u = w->by_line ? line / channels : line % height;
        w->columns[i] = cr_columns_row(c, block, channel, u, v);
    }
    return w->columns;
}

static void set_maps(state *w, size_t step)
{
    for (size_t i = 0; i < SOME_ROWS && w->step != step; i++)
        w->maps[i] = i * step;
    w->step = step;
}

/* The padded image of x. */
static const cr_real *pad(state *w, const cr_real *x)
{
    if (w->c->columns.plain)
        return x;
    cr_columns_pad(&w->c->columns, x, w->padded);
    return w->padded;
}

/* A block's columns of a padded image. */
static const cr_real *take(state *w, const cr_columns_block *block, const cr_real *padded)
{
    if (w->c->columns.direct)
        return padded + cr_columns_start(&w->c->columns, block);
    cr_columns_take(&w->c->columns, block, padded, w->taken);
    return w->taken;
}

static void apply_group(state *w, const cr_real *weights, const cr_real *b,
                        const cr_real *x, cr_real *y)
{
    const cr_columns *columns = &w->c->columns;
    const cr_real *padded = pad(w, x);
    cr_columns_block block = cr_columns_first(columns);
    do {
        cr_tile_product p = {.n = cr_columns_count(&block),
                             .a_rows = {.stride = columns->height},
                             .b = take(w, &block, padded),
                             .c_rows = {.stride = w->positions}};
        for (size_t k = 0; k < columns->height; k += p.depth)
            for (size_t f = 0; f < w->c->filters; f += p.m) {
                p.b_rows = find_columns(w, &block, k, columns->height, &p.depth);
                p.m = cr_size_smaller(w->c->filters - f, SOME_ROWS);
                p.a = weights + f * columns->height + k;
                p.c = y + f * w->positions + cr_columns_start(columns, &block);
                p.start = k > 0 ? NULL : b ? b + f : w->zeros;
                cr_tile_multiply(&p);
            }
    } while (cr_columns_next(columns, &block));
}

void cr_convolution_apply(const cr_convolution *convolution, size_t rows,
                          const cr_real *w, const cr_real *b, const cr_real *x,
                          cr_real *y, cr_real *scratch)
{
    const cr_convolution *c = convolution;
    state work;
    if (c->fewer) {
        cr_winograd_apply(&c->winograd, rows, w, false, b, x, y, scratch);
        return;
    }
    begin(&work, c, scratch);
    for (size_t i = 0; i < rows * c->groups; i++) {
        size_t g = i % c->groups;
        apply_group(&work, w + g * work.weights, b ? b + g * c->filters : NULL, x, y);
        x += work.pixels;
        y += c->filters * work.positions;
    }
}

/* Rows of Y over a block, behind which there is slack. */
static const cr_real *take_map(state *w, const cr_columns_block *block, const cr_real *y)
{
    size_t n = cr_columns_count(block);
    y += cr_columns_start(&w->c->columns, block);
    if (n % CR_TILE_LANES == 0) {
        set_maps(w, w->positions);
        return y;
    }
    set_maps(w, n);
    for (size_t f = 0; f < w->c->filters; f++)
        memcpy(w->map + f * n, y + f * w->positions, n * sizeof *y);
    return w->map;
}

/* The columns that a block of Y makes; across [height, filters] is W by lines, transposed.
 * Rows of the window one after the other: they share columns, which the first ones
 * overwrite. */
static void spread_block(state *w, const cr_columns_block *block, const cr_real *across,
                         const cr_real *y, cr_real *taken)
{
    const cr_columns *columns = &w->c->columns;
    size_t filters = w->c->filters, lines = columns->window.size[CR_HEIGHT];
    size_t line = columns->height / lines;
    const cr_real *map = take_map(w, block, y);
    cr_tile_product p = {.n = cr_columns_count(block),
                         .a_rows = {.stride = filters},
                         .b_rows = w->maps,
                         .c = taken};
    for (size_t u = 0; u < lines; u++)
        for (size_t k = u * line; k < (u + 1) * line; k += p.m)
            for (size_t f = 0; f < filters; f += p.depth) {
                p.c_rows.at = find_columns(w, block, k, (u + 1) * line, &p.m);
                p.depth = cr_size_smaller(filters - f, SOME_ROWS);
                p.a = across + k * filters + f;
                p.b = map + f * w->step;
                p.start = f == 0 && cr_columns_is_first(columns, u) ? w->zeros : NULL;
                cr_tile_multiply(&p);
            }
}

static void spread_group(state *w, const cr_real *across, const cr_real *y, cr_real *x)
{
    const cr_columns *columns = &w->c->columns;
    cr_real *padded = columns->plain ? x : w->padded;
    if (!columns->direct)
        memset(padded, 0,
               (columns->plain ? w->pixels : cr_columns_padded_size(columns)) *
                   sizeof *padded);
    cr_columns_block block = cr_columns_first(columns);
    do {
        if (columns->direct) {
            spread_block(w, &block, across, y, x + cr_columns_start(columns, &block));
            continue;
        }
        cr_columns_clear(columns, &block, w->taken);
        spread_block(w, &block, across, y, w->taken);
        cr_columns_add(columns, &block, w->taken, padded);
    } while (cr_columns_next(columns, &block));
    if (!columns->plain)
        cr_columns_crop(columns, padded, x);
}

/* Weights [filters, height] of a group into [height, filters], by lines. */
static void turn_weights(const cr_convolution *c, const cr_real *w, cr_real *across)
{
    const cr_window *window = &c->columns.window;
    size_t height = window->size[CR_HEIGHT], width = window->size[CR_WIDTH];
    for (size_t u = 0; u < height; u++)
        for (size_t i = 0; i < window->channels; i++)
            cr_tile_transpose(
                c->filters, width, w + (i * height + u) * width, c->columns.height,
                across + (u * window->channels + i) * width * c->filters, c->filters);
}

void cr_convolution_spread(const cr_convolution *convolution, size_t rows,
                           const cr_real *w, const cr_real *y, cr_real *x,
                           cr_real *scratch)
{
    const cr_convolution *c = convolution;
    state work;
    if (c->fewer) {
        cr_winograd_apply(&c->turned, rows, w, true, NULL, y, x, scratch);
        return;
    }
    begin(&work, c, scratch);
    work.by_line = true;
    for (size_t g = 0; g < c->groups; g++)
        turn_weights(c, w + g * work.weights, work.across + g * work.weights);
    for (size_t i = 0; i < rows * c->groups; i++) {
        spread_group(&work, work.across + i % c->groups * work.weights, y, x);
        x += work.pixels;
        y += c->filters * work.positions;
    }
}

/* Adds to sums [height, filters_wide] of the gradient, transposed. */
static void correlate_block(state *w, const cr_columns_block *block, const cr_real *taken,
                            const cr_real *y, cr_real *sums)
{
    size_t n = cr_columns_count(block), wide = w->filters_wide;
    cr_tile_transpose(w->c->filters, n, y, w->positions, w->map, wide);
    set_maps(w, wide);
    cr_tile_product p = {.n = wide, .b_rows = w->maps, .c_rows = {.stride = wide}};
    for (size_t i = 0; i < n; i += p.depth) {
        p.depth = cr_size_smaller(n - i, SOME_POSITIONS);
        p.b = w->map + i * wide;
        for (size_t k = 0; k < w->c->columns.height; k += p.m) {
            p.a_rows.at = find_columns(w, block, k, w->c->columns.height, &p.m);
            p.a = taken + i;
            p.c = sums + k * wide;
            cr_tile_multiply(&p);
        }
    }
}

/* Adds to dw [filters, height]. */
static void correlate_few(state *w, const cr_columns_block *block, const cr_real *taken,
                          const cr_real *y, cr_real *dw)
{
    size_t n = cr_columns_count(block), height = w->c->columns.height;
    for (size_t first = 0, count = 0; first < height; first += count) {
        const size_t *rows = find_columns(w, block, first, height, &count);
        for (size_t f = 0; f < w->c->filters; f++)
            for (size_t k = 0; k < count; k++)
                dw[f * height + first + k] +=
                    cr_tile_dot(n, y + f * w->positions, taken + rows[k]);
    }
}

void cr_convolution_correlate(const cr_convolution *convolution, size_t rows,
                              const cr_real *x, const cr_real *y, cr_real *dw,
                              cr_real *scratch)
{
    const cr_convolution *c = convolution;
    const cr_columns *columns = &c->columns;
    size_t height = columns->height;
    bool few = c->filters <= FEW_FILTERS;
    state work;
    if (c->fewer) {
        cr_winograd_correlate(&c->winograd, rows, x, y, dw, scratch);
        return;
    }
    begin(&work, c, scratch);
    size_t sums = height * work.filters_wide; /* of a group */
    memset(work.across, 0, across_size(c) * sizeof *work.across);
    memset(work.map, 0, map_size(c) * sizeof *work.map);
    memset(dw, 0, c->groups * work.weights * sizeof *dw);
    for (size_t i = 0; i < rows * c->groups; i++) {
        size_t g = i % c->groups;
        const cr_real *padded = pad(&work, x);
        cr_columns_block block = cr_columns_first(columns);
        do {
            const cr_real *taken = take(&work, &block, padded);
            const cr_real *map = y + cr_columns_start(columns, &block);
            if (few)
                correlate_few(&work, &block, taken, map, dw + g * work.weights);
            else
                correlate_block(&work, &block, taken, map, work.across + g * sums);
        } while (cr_columns_next(columns, &block));
        x += work.pixels;
        y += c->filters * work.positions;
    }
    for (size_t g = 0; g < c->groups && !few; g++)
        cr_tile_transpose(height, c->filters, work.across + g * sums, work.filters_wide,
                          dw + g * work.weights, height);
}
