#include "graph/winograd.h"

#include "base/processor.h"
#include "base/size.h"

#include <string.h>

enum {
    TILE = 2, /* sides of a tile, of the pixels that it sees, and of a kernel */
    SEEN = 4,
    KERNEL = 3,
    PLANES = SEEN * SEEN,      /* matrix products */
    FEWEST = 16,               /* channels and filters for which it is worth it */
    BLOCK_VALUES = 128 * 1024, /* of a block's planes, which are to fit the cache */
    CHUNK = 16,                /* tiles of a row that are transformed side by side */
    MOST_CHANNELS = 1024
};

bool cr_winograd_suits(const cr_window *window, size_t filters)
{
    for (size_t i = 0; i < CR_WINDOW_AXES; i++)
        if (window->size[i] != KERNEL || window->stride[i] != 1 ||
            window->dilation[i] != 1 || window->before[i] >= KERNEL ||
            window->positions[i] < TILE)
            return false;
    return window->channels >= FEWEST && filters >= FEWEST &&
           window->channels <= MOST_CHANNELS && filters <= MOST_CHANNELS;
}

static void cut_into_tiles(cr_winograd *g)
{
    for (size_t i = 0; i < CR_WINDOW_AXES; i++)
        g->tiles[i] = (g->positions[i] + TILE - 1) / TILE;
    size_t row = PLANES * (g->channels + g->filters) * g->tiles[CR_WIDTH];
    size_t rows = BLOCK_VALUES / row > 0 ? BLOCK_VALUES / row : 1;
    size_t blocks = (g->tiles[CR_HEIGHT] + rows - 1) / rows;
    g->block = (g->tiles[CR_HEIGHT] + blocks - 1) / blocks;
}

cr_winograd cr_winograd_make(const cr_window *window, size_t filters)
{
    cr_winograd g = {.channels = window->channels, .filters = filters};
    memcpy(g.image, window->image, sizeof g.image);
    memcpy(g.positions, window->positions, sizeof g.positions);
    memcpy(g.before, window->before, sizeof g.before);
    cut_into_tiles(&g);
    return g;
}

cr_winograd cr_winograd_turn(const cr_winograd *winograd)
{
    cr_winograd g = {.channels = winograd->filters, .filters = winograd->channels};
    memcpy(g.image, winograd->positions, sizeof g.image);
    memcpy(g.positions, winograd->image, sizeof g.positions);
    for (size_t i = 0; i < CR_WINDOW_AXES; i++)
        g.before[i] = KERNEL - 1 - winograd->before[i];
    cut_into_tiles(&g);
    return g;
}

/* Sizes and places in the scratch memory. */
typedef struct state {
    const cr_winograd *g;
    size_t sides[CR_WINDOW_AXES]; /* of the padded image */
    size_t tiles, wide; /* of a block, and filters: filled up to whole vectors */
    size_t padded_size, seen, made, weights_size, across_size;
    cr_real *padded;  /* [channels, sides] */
    cr_real *in;      /* [planes, seen]: what tiles see, [channels, tiles] */
    cr_real *out;     /* [planes, made]: [filters, tiles], or [tiles, wide] */
    cr_real *weights; /* [planes, filters, channels], or [planes, channels, wide] */
    cr_real *across;  /* upstream gradients of a block [rows, columns, wide] */
    size_t rows[MOST_CHANNELS];
    cr_real zeros[MOST_CHANNELS];
} state;

static void measure(state *s, const cr_winograd *g)
{
    s->g = g;
    s->sides[CR_HEIGHT] = TILE * g->tiles[CR_HEIGHT] + SEEN - TILE;
    s->sides[CR_WIDTH] = TILE * cr_size_round_up(g->tiles[CR_WIDTH], CHUNK) + SEEN - TILE;
    s->tiles = cr_size_round_up(g->block * g->tiles[CR_WIDTH], CR_TILE_LANES);
    s->wide = cr_size_round_up(g->filters, CR_TILE_LANES);
    s->padded_size = cr_size_round_up(
        g->channels * s->sides[CR_HEIGHT] * s->sides[CR_WIDTH], CR_TILE_LANES);
    s->seen = cr_size_round_up(g->channels * s->tiles, CR_TILE_LANES) + CR_TILE_SLACK;
    s->made = cr_size_round_up(s->wide * s->tiles, CR_TILE_LANES) + CR_TILE_SLACK;
    s->weights_size = PLANES * g->channels * s->wide;
    s->across_size = TILE * TILE * s->tiles * s->wide;
}

size_t cr_winograd_scratch(const cr_winograd *winograd)
{
    state s;
    measure(&s, winograd);
    return s.padded_size + PLANES * (s.seen + s.made) + s.weights_size + s.across_size;
}

static void begin(state *s, const cr_winograd *g, cr_real *scratch)
{
    measure(s, g);
    s->padded = scratch;
    s->in = s->padded + s->padded_size;
    s->out = s->in + PLANES * s->seen;
    s->weights = s->out + PLANES * s->made;
    s->across = s->weights + s->weights_size;
    memset(s->padded, 0, s->padded_size * sizeof *s->padded);
    memset(s->zeros, 0, sizeof s->zeros);
}

static void set_rows(state *s, size_t count, size_t step)
{
    for (size_t i = 0; i < count; i++)
        s->rows[i] = i * step;
}

/* Rows and columns past the padded image's are not seen by any position. */
static void pad(state *s, const cr_real *x)
{
    const cr_winograd *g = s->g;
    size_t stride = s->sides[CR_WIDTH], top = g->before[CR_HEIGHT],
           left = g->before[CR_WIDTH];
    size_t height = cr_size_smaller(g->image[CR_HEIGHT], s->sides[CR_HEIGHT] - top);
    size_t width = cr_size_smaller(g->image[CR_WIDTH], stride - left);
    for (size_t c = 0; c < g->channels; c++) {
        cr_real *restrict to =
            s->padded + (c * s->sides[CR_HEIGHT] + top) * stride + left;
        const cr_real *from = x + c * g->image[CR_HEIGHT] * g->image[CR_WIDTH];
        for (size_t i = 0; i < height; i++)
            cr_tile_copy(width, from + i * g->image[CR_WIDTH], to + i * stride);
    }
}

/* Bᵀ d B of CHUNK tiles in a row: d are four rows `stride` apart; plane k of the result is
 * at to[k · plane]. */
CR_NOT_COUNTED static void see(const cr_real *restrict d, size_t stride,
                               cr_real *restrict to, size_t plane)
{
    enum { WIDTH = TILE * CHUNK + CHUNK }; /* whole vectors, of which two values count */
    cr_real rows[SEEN][WIDTH];
    for (size_t j = 0; j < WIDTH; j++) {
        cr_real d1 = d[stride + j], d2 = d[2 * stride + j];
        rows[0][j] = d[j] - d2;
        rows[1][j] = d1 + d2;
        rows[2][j] = d2 - d1;
        rows[3][j] = d1 - d[3 * stride + j];
    }
    for (size_t p = 0; p < SEEN; p++) {
        const cr_real *restrict row = rows[p];
        cr_real *restrict t = to + SEEN * p * plane;
#pragma omp simd
        for (size_t j = 0; j < CHUNK; j++) {
            cr_real d1 = row[2 * j + 1], d2 = row[2 * j + 2];
            t[j] = row[2 * j] - d2;
            t[plane + j] = d1 + d2;
            t[2 * plane + j] = d2 - d1;
            t[3 * plane + j] = d1 - row[2 * j + 3];
        }
    }
}

/* What the tiles of `count` rows see, from row `first` of tiles on. A chunk overruns its
 * row, which the next one overwrites. */
static void see_block(state *s, size_t first, size_t count)
{
    const cr_winograd *g = s->g;
    size_t width = g->tiles[CR_WIDTH], stride = s->sides[CR_WIDTH];
    for (size_t c = 0; c < g->channels; c++)
        for (size_t i = 0; i < count; i++) {
            const cr_real *row =
                s->padded + (c * s->sides[CR_HEIGHT] + TILE * (first + i)) * stride;
            cr_real *to = s->in + c * s->tiles + i * width;
            for (size_t j = 0; j < width; j += CHUNK)
                see(row + TILE * j, stride, to + j, s->seen);
        }
}

/* Aᵀ m of CHUNK tiles in a row, row by row: plane k of m is at m[k · plane]. */
CR_NOT_COUNTED static inline void make_rows(const cr_real *restrict m, size_t plane,
                                            cr_real *restrict upper,
                                            cr_real *restrict lower)
{
#pragma omp simd
    for (size_t j = 0; j < CHUNK; j++) {
        cr_real m1 = m[SEEN * plane + j], m2 = m[2 * SEEN * plane + j];
        upper[j] = m[j] + m1 + m2;
        lower[j] = m1 - m2 - m[3 * SEEN * plane + j];
    }
}

/* That times A, plus b: rows [4, CHUNK] to CHUNK pairs. */
CR_NOT_COUNTED static inline void make_pairs(const cr_real *restrict rows, cr_real b,
                                             cr_real *restrict to)
{
#pragma omp simd
    for (size_t j = 0; j < CHUNK; j++) {
        cr_real m1 = rows[CHUNK + j], m2 = rows[2 * CHUNK + j];
        to[2 * j] = rows[j] + m1 + m2 + b;
        to[2 * j + 1] = m1 - m2 - rows[3 * CHUNK + j] + b;
    }
}

static void make(const cr_real *m, size_t plane, cr_real b,
                 cr_real to[TILE][TILE * CHUNK])
{
    cr_real upper[SEEN * CHUNK], lower[SEEN * CHUNK];
    for (size_t q = 0; q < SEEN; q++)
        make_rows(m + q * plane, plane, upper + q * CHUNK, lower + q * CHUNK);
    make_pairs(upper, b, to[0]);
    make_pairs(lower, b, to[1]);
}

/* The positions of `count` rows of tiles, from row `first` on. */
static void make_block(state *s, size_t first, size_t count, const cr_real *b, cr_real *y)
{
    const cr_winograd *g = s->g;
    size_t tiles = g->tiles[CR_WIDTH], width = g->positions[CR_WIDTH];
    cr_real made[TILE][TILE * CHUNK];
    for (size_t f = 0; f < g->filters; f++)
        for (size_t i = 0; i < count; i++) {
            const cr_real *m = s->out + f * s->tiles + i * tiles;
            size_t row = TILE * (first + i);
            cr_real *to = y + (f * g->positions[CR_HEIGHT] + row) * width;
            size_t height = cr_size_smaller(TILE, g->positions[CR_HEIGHT] - row);
            for (size_t j = 0; j < tiles; j += CHUNK) {
                size_t n = cr_size_smaller(TILE * CHUNK, width - TILE * j);
                make(m + j, s->made, b ? b[f] : 0, made);
                for (size_t p = 0; p < height; p++)
                    cr_tile_copy(n, made[p], to + p * width + TILE * j);
            }
        }
}

/* G g Gᵀ: value k is at to[k · plane]. */
static void widen_kernel(const cr_real g[KERNEL * KERNEL], cr_real *to, size_t plane)
{
    cr_real rows[SEEN][KERNEL];
    for (size_t j = 0; j < KERNEL; j++) {
        cr_real ends = g[j] + g[2 * KERNEL + j], middle = g[KERNEL + j];
        rows[0][j] = g[j];
        rows[1][j] = (ends + middle) / 2;
        rows[2][j] = (ends - middle) / 2;
        rows[3][j] = g[2 * KERNEL + j];
    }
    for (size_t p = 0; p < SEEN; p++) {
        cr_real ends = rows[p][0] + rows[p][2], middle = rows[p][1];
        to[SEEN * p * plane] = rows[p][0];
        to[(SEEN * p + 1) * plane] = (ends + middle) / 2;
        to[(SEEN * p + 2) * plane] = (ends - middle) / 2;
        to[(SEEN * p + 3) * plane] = rows[p][2];
    }
}

/* s->weights of w, or of w turned. */
static void widen_kernels(state *s, const cr_real *w, bool turned)
{
    enum { SIZE = KERNEL * KERNEL };
    const cr_winograd *g = s->g;
    for (size_t f = 0; f < g->filters; f++)
        for (size_t c = 0; c < g->channels; c++) {
            cr_real kernel[SIZE];
            for (size_t k = 0; k < SIZE; k++)
                kernel[k] = turned ? w[(c * g->filters + f) * SIZE + SIZE - 1 - k]
                                   : w[(f * g->channels + c) * SIZE + k];
            widen_kernel(kernel, s->weights + f * g->channels + c,
                         g->filters * g->channels);
        }
}

void cr_winograd_apply(const cr_winograd *winograd, size_t rows, const cr_real *w,
                       bool turned, const cr_real *b, const cr_real *x, cr_real *y,
                       cr_real *scratch)
{
    const cr_winograd *g = winograd;
    state s;
    begin(&s, g, scratch);
    widen_kernels(&s, w, turned);
    for (size_t i = 0; i < rows; i++) {
        pad(&s, x);
        for (size_t first = 0; first < g->tiles[CR_HEIGHT]; first += g->block) {
            size_t count = cr_size_smaller(g->block, g->tiles[CR_HEIGHT] - first);
            see_block(&s, first, count);
            set_rows(&s, g->channels, s.tiles);
            for (size_t k = 0; k < PLANES; k++)
                cr_tile_multiply(
                    &(cr_tile_product){.m = g->filters,
                                       .n = s.tiles,
                                       .depth = g->channels,
                                       .a = s.weights + k * g->filters * g->channels,
                                       .a_rows = {.stride = g->channels},
                                       .b = s.in + k * s.seen,
                                       .b_rows = s.rows,
                                       .c = s.out + k * s.made,
                                       .c_rows = {.stride = s.tiles},
                                       .start = s.zeros});
            make_block(&s, first, count, b, y);
        }
        x += g->channels * g->image[CR_HEIGHT] * g->image[CR_WIDTH];
        y += g->filters * g->positions[CR_HEIGHT] * g->positions[CR_WIDTH];
    }
}

/* (left, right) Aᵀ in four planes. */
CR_NOT_COUNTED static inline void unmake_row(cr_real left, cr_real right, cr_real *t,
                                             size_t plane)
{
    t[0] = left;
    t[plane] = left + right;
    t[2 * plane] = left - right;
    t[3 * plane] = -right;
}

/* A d Aᵀ of a tile of upstream gradients, of all filters side by side: d [2, columns,
 * wide]; plane k of the result is at to[k · plane]. */
CR_NOT_COUNTED static void unmake(const cr_real *restrict d, size_t below, size_t wide,
                                  cr_real *restrict to, size_t plane)
{
#pragma omp simd
    for (size_t f = 0; f < wide; f++) {
        cr_real d0 = d[f], d1 = d[wide + f], d2 = d[below + f], d3 = d[below + wide + f];
        unmake_row(d0, d1, to + f, plane);
        unmake_row(d0 + d2, d1 + d3, to + SEEN * plane + f, plane);
        unmake_row(d0 - d2, d1 - d3, to + 2 * SEEN * plane + f, plane);
        unmake_row(-d2, -d3, to + 3 * SEEN * plane + f, plane);
    }
}

/* s->out [planes, tiles, wide] of the upstream gradients of `count` rows of tiles. */
static void unmake_block(state *s, size_t first, size_t count, const cr_real *dy)
{
    const cr_winograd *g = s->g;
    size_t tiles = g->tiles[CR_WIDTH], width = g->positions[CR_WIDTH];
    size_t height = g->positions[CR_HEIGHT], below = TILE * tiles * s->wide;
    for (size_t i = 0; i < TILE * count; i++) {
        cr_real *row = s->across + i * below;
        if (TILE * first + i < height)
            cr_tile_transpose(g->filters, width, dy + (TILE * first + i) * width,
                              height * width, row, s->wide);
        else
            memset(row, 0, below * sizeof *row);
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < tiles; j++)
            unmake(s->across + TILE * (i * below + j * s->wide), below, s->wide,
                   s->out + (i * tiles + j) * s->wide, s->made);
}

/* Gᵀ m G: value k of m is at m[k · plane]. */
static void narrow_kernel(const cr_real *m, size_t plane, cr_real g[KERNEL * KERNEL])
{
    cr_real rows[KERNEL][SEEN];
    for (size_t q = 0; q < SEEN; q++) {
        cr_real m1 = m[(SEEN + q) * plane], m2 = m[(2 * SEEN + q) * plane];
        rows[0][q] = m[q * plane] + (m1 + m2) / 2;
        rows[1][q] = (m1 - m2) / 2;
        rows[2][q] = (m1 + m2) / 2 + m[(3 * SEEN + q) * plane];
    }
    for (size_t p = 0; p < KERNEL; p++) {
        cr_real m1 = rows[p][1], m2 = rows[p][2];
        g[KERNEL * p] = rows[p][0] + (m1 + m2) / 2;
        g[KERNEL * p + 1] = (m1 - m2) / 2;
        g[KERNEL * p + 2] = (m1 + m2) / 2 + rows[p][3];
    }
}

/* Adds the products of a block to s->weights [planes, channels, wide]. */
static void add_gradients(state *s, size_t tiles)
{
    const cr_winograd *g = s->g;
    size_t depth = 0;
    set_rows(s, MOST_CHANNELS, s->wide);
    for (size_t k = 0; k < PLANES; k++)
        for (size_t i = 0; i < tiles; i += depth) {
            depth = cr_size_smaller(tiles - i, MOST_CHANNELS);
            cr_tile_multiply(
                &(cr_tile_product){.m = g->channels,
                                   .n = s->wide,
                                   .depth = depth,
                                   .a = s->in + k * s->seen + i,
                                   .a_rows = {.stride = s->tiles},
                                   .b = s->out + k * s->made + i * s->wide,
                                   .b_rows = s->rows,
                                   .c = s->weights + k * g->channels * s->wide,
                                   .c_rows = {.stride = s->wide}});
        }
}

void cr_winograd_correlate(const cr_winograd *winograd, size_t rows, const cr_real *x,
                           const cr_real *dy, cr_real *dw, cr_real *scratch)
{
    const cr_winograd *g = winograd;
    state s;
    begin(&s, g, scratch);
    memset(s.weights, 0, s.weights_size * sizeof *s.weights);
    memset(s.across, 0, s.across_size * sizeof *s.across);
    for (size_t i = 0; i < rows; i++) {
        pad(&s, x);
        for (size_t first = 0; first < g->tiles[CR_HEIGHT]; first += g->block) {
            size_t count = cr_size_smaller(g->block, g->tiles[CR_HEIGHT] - first);
            size_t tiles = count * g->tiles[CR_WIDTH];
            see_block(&s, first, count);
            unmake_block(&s, first, count, dy);
            add_gradients(&s, tiles);
        }
        x += g->channels * g->image[CR_HEIGHT] * g->image[CR_WIDTH];
        dy += g->filters * g->positions[CR_HEIGHT] * g->positions[CR_WIDTH];
    }
    for (size_t f = 0; f < g->filters; f++)
        for (size_t c = 0; c < g->channels; c++)
            narrow_kernel(s.weights + c * s.wide + f, g->channels * s.wide,
                          dw + (f * g->channels + c) * KERNEL * KERNEL);
}
