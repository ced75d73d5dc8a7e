#include "graph/columns.h"

#include "base/size.h"

#include <string.h>

/* Values of a block's columns, which are to fit the cache that a core has for itself, with
 * what else a product reads. */
enum { BLOCK_VALUES = 112 * 1024 };

/* Values of half a vector, or of whole ones, that hold so many. */
static size_t whole_vectors(size_t n)
{
    if (n <= CR_TILE_LANES / 2)
        return CR_TILE_LANES / 2;
    return (n + CR_TILE_LANES - 1) / CR_TILE_LANES * CR_TILE_LANES;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* The least number of equal parts of n, each at most `most`: the size of one. */
static size_t part(size_t n, size_t most)
{
    size_t parts = most > 0 ? (n + most - 1) / most : n;
    return (n + parts - 1) / parts;
}

/* Rows of the image that a block of so many rows of positions sees, of each remainder. */
static size_t count_lines(const cr_window *w, size_t rows)
{
    return rows + (cr_window_extent(w, CR_HEIGHT) - 1) / w->stride[CR_HEIGHT];
}

static size_t columns_of(const cr_columns *c)
{
    return c->window.channels * c->window.size[CR_WIDTH] * c->window.stride[CR_HEIGHT];
}

cr_columns cr_columns_make(const cr_window *window, size_t channels)
{
    cr_columns c = {.window = *window};
    c.window.channels = channels;
    c.height = channels * window->size[CR_HEIGHT] * window->size[CR_WIDTH];
    c.direct = c.height == channels && cr_window_count(window) % CR_TILE_LANES == 0;
    for (size_t i = 0; i < CR_WINDOW_AXES; i++) {
        size_t reach =
            (window->positions[i] - 1) * window->stride[i] + cr_window_extent(window, i);
        c.padded[i] = larger(reach, window->before[i] + window->image[i]);
        c.plain = (i == 0 || c.plain) && c.padded[i] == window->image[i];
        c.direct = c.direct && window->stride[i] == 1 && window->before[i] == 0 &&
                   window->positions[i] == window->image[i];
    }
    const size_t *positions = window->positions;
    size_t most = BLOCK_VALUES / columns_of(&c); /* values of a column's lines */
    c.block[CR_WIDTH] = part(positions[CR_WIDTH],
                             larger(most / count_lines(window, 1), 4 * CR_TILE_LANES));
    c.block[CR_HEIGHT] = 1;
    size_t lines = most / positions[CR_WIDTH], more = count_lines(window, 0);
    if (c.block[CR_WIDTH] == positions[CR_WIDTH])
        c.block[CR_HEIGHT] = part(positions[CR_HEIGHT], lines > more ? lines - more : 1);
    c.lines = count_lines(window, c.block[CR_HEIGHT]);
    return c;
}

size_t cr_columns_padded_size(const cr_columns *columns)
{
    const cr_columns *c = columns;
    size_t size = c->window.channels * c->padded[CR_HEIGHT] * c->padded[CR_WIDTH];
    return c->plain ? 0 : size + CR_COLUMNS_SLACK;
}

size_t cr_columns_block_size(const cr_columns *columns)
{
    const cr_columns *c = columns;
    size_t size = columns_of(c) * c->lines * c->block[CR_WIDTH];
    return c->direct ? 0 : size + CR_COLUMNS_SLACK;
}

/* As many positions from the block's first on as there are. */
static void measure(const cr_columns *c, cr_columns_block *b)
{
    for (size_t i = 0; i < CR_WINDOW_AXES; i++)
        b->count[i] = cr_size_smaller(c->block[i], c->window.positions[i] - b->first[i]);
}

cr_columns_block cr_columns_first(const cr_columns *columns)
{
    cr_columns_block block = {{0}, {0}};
    measure(columns, &block);
    return block;
}

bool cr_columns_next(const cr_columns *columns, cr_columns_block *block)
{
    const size_t *positions = columns->window.positions;
    block->first[CR_WIDTH] += block->count[CR_WIDTH];
    if (block->first[CR_WIDTH] == positions[CR_WIDTH]) {
        block->first[CR_WIDTH] = 0;
        block->first[CR_HEIGHT] += block->count[CR_HEIGHT];
    }
    if (block->first[CR_HEIGHT] >= positions[CR_HEIGHT])
        return false;
    measure(columns, block);
    return true;
}

void cr_columns_pad(const cr_columns *columns, const cr_real *image, cr_real *padded)
{
    const cr_window *w = &columns->window;
    size_t width = w->image[CR_WIDTH], stride = columns->padded[CR_WIDTH];
    cr_real *to = padded + w->before[CR_HEIGHT] * stride + w->before[CR_WIDTH];
    for (size_t c = 0; c < w->channels; c++) {
        for (size_t i = 0; i < w->image[CR_HEIGHT]; i++)
            cr_tile_copy(width, image + i * width, to + i * stride);
        image += cr_window_pixels(w);
        to += columns->padded[CR_HEIGHT] * stride;
    }
}

void cr_columns_crop(const cr_columns *columns, const cr_real *padded, cr_real *image)
{
    const cr_window *w = &columns->window;
    size_t width = w->image[CR_WIDTH], stride = columns->padded[CR_WIDTH];
    const cr_real *from = padded + w->before[CR_HEIGHT] * stride + w->before[CR_WIDTH];
    for (size_t c = 0; c < w->channels; c++) {
        for (size_t i = 0; i < w->image[CR_HEIGHT]; i++)
            cr_tile_copy(width, from + i * stride, image + i * width);
        image += cr_window_pixels(w);
        from += columns->padded[CR_HEIGHT] * stride;
    }
}

/* `count` values from every stride-th of `from`. Neighbours are copied in whole vectors: up
 * to one less one value more of them, which what is copied next overwrites. */
static void take_row(size_t count, size_t stride, const cr_real *restrict from,
                     cr_real *restrict to)
{
    if (stride == 1)
        cr_tile_copy(whole_vectors(count), from, to);
    else if (stride == 2)
        for (size_t i = 0; i < count; i++)
            to[i] = from[2 * i];
    else
        for (size_t i = 0; i < count; i++)
            to[i] = from[stride * i];
}

static void add_row(size_t count, size_t stride, const cr_real *restrict from,
                    cr_real *restrict to)
{
    if (stride == 1)
        for (size_t i = 0; i < count; i++)
            to[i] += from[i];
    else if (stride == 2)
        for (size_t i = 0; i < count; i++)
            to[2 * i] += from[i];
    else
        for (size_t i = 0; i < count; i++)
            to[stride * i] += from[i];
}

/* The rows of a block's columns that have one channel, one v and one remainder: those of
 * the padded image that positions see, in steps of the stride. */
typedef struct lines {
    size_t channel, v, remainder;
    size_t at;    /* of the columns' first value */
    size_t pixel; /* of the padded image's */
    size_t count; /* 0 where no pixel under the window has the remainder */
    size_t first; /* the first row of the window with the remainder */
} lines;

/* The first row of the window with a remainder; its height: there is none. */
static size_t first_row(const cr_window *w, size_t remainder)
{
    size_t u = 0;
    while (remainder > 0 && u < w->size[CR_HEIGHT] &&
           u * w->dilation[CR_HEIGHT] % w->stride[CR_HEIGHT] != remainder)
        u++;
    return u;
}

static void find_lines(const cr_columns *c, const cr_columns_block *b, lines *l)
{
    const cr_window *w = &c->window;
    size_t stride = w->stride[CR_HEIGHT];
    size_t row = b->first[CR_HEIGHT] * stride + l->remainder;
    size_t column =
        b->first[CR_WIDTH] * w->stride[CR_WIDTH] + l->v * w->dilation[CR_WIDTH];
    size_t below = row < c->padded[CR_HEIGHT] ? c->padded[CR_HEIGHT] - row : 0;
    l->pixel = (l->channel * c->padded[CR_HEIGHT] + row) * c->padded[CR_WIDTH] + column;
    l->first = first_row(w, l->remainder);
    l->count = 0;
    if (l->first < w->size[CR_HEIGHT])
        l->count = cr_size_smaller(b->count[CR_HEIGHT] + c->lines - c->block[CR_HEIGHT],
                                   stride == 1 ? below : (below + stride - 1) / stride);
}

/* The first lines, and the next ones in the order of the columns; false: there are none. */
static lines first_lines(const cr_columns *c, const cr_columns_block *b)
{
    lines l = {0};
    find_lines(c, b, &l);
    return l;
}

static bool next_lines(const cr_columns *c, const cr_columns_block *b, lines *l)
{
    const cr_window *w = &c->window;
    l->at += c->lines * b->count[CR_WIDTH];
    if (++l->remainder == w->stride[CR_HEIGHT]) {
        l->remainder = 0;
        if (++l->v == w->size[CR_WIDTH]) {
            l->v = 0;
            l->channel++;
        }
    }
    if (l->channel == w->channels)
        return false;
    find_lines(c, b, l);
    return true;
}

void cr_columns_take(const cr_columns *columns, const cr_columns_block *block,
                     const cr_real *padded, cr_real *taken)
{
    const cr_window *w = &columns->window;
    size_t below = w->stride[CR_HEIGHT] * columns->padded[CR_WIDTH];
    size_t count = block->count[CR_WIDTH];
    size_t chunks = whole_vectors(count);
    size_t end = w->channels * columns->padded[CR_HEIGHT] * columns->padded[CR_WIDTH];
    lines l = first_lines(columns, block);
    do {
        size_t pixel = l.pixel;
        cr_real *to = taken + l.at;
        for (size_t k = 0; k < l.count; k++, pixel += below, to += count)
            if (w->stride[CR_WIDTH] == 1 && pixel + chunks > end)
                cr_tile_copy(count, padded + pixel, to);
            else
                take_row(count, w->stride[CR_WIDTH], padded + pixel, to);
    } while (next_lines(columns, block, &l));
}

void cr_columns_add(const cr_columns *columns, const cr_columns_block *block,
                    const cr_real *taken, cr_real *padded)
{
    const cr_window *w = &columns->window;
    size_t below = w->stride[CR_HEIGHT] * columns->padded[CR_WIDTH];
    size_t count = block->count[CR_WIDTH];
    lines l = first_lines(columns, block);
    do {
        for (size_t k = 0; k < l.count; k++)
            add_row(count, w->stride[CR_WIDTH], taken + l.at + k * count,
                    padded + l.pixel + k * below);
    } while (next_lines(columns, block, &l));
}

static void clear(size_t n, cr_real *x)
{
    for (size_t i = 0; i < n; i++)
        x[i] = 0;
}

void cr_columns_clear(const cr_columns *columns, const cr_columns_block *block,
                      cr_real *taken)
{
    const cr_window *w = &columns->window;
    size_t width = block->count[CR_WIDTH], height = block->count[CR_HEIGHT];
    lines l = first_lines(columns, block);
    do {
        size_t begin = l.first * w->dilation[CR_HEIGHT] / w->stride[CR_HEIGHT];
        size_t end = cr_size_smaller(begin + height, l.count);
        clear(cr_size_smaller(begin, l.count) * width, taken + l.at);
        clear((l.count - end) * width, taken + l.at + end * width);
    } while (next_lines(columns, block, &l));
}

bool cr_columns_is_first(const cr_columns *columns, size_t u)
{
    const cr_window *w = &columns->window;
    return first_row(w, u * w->dilation[CR_HEIGHT] % w->stride[CR_HEIGHT]) == u;
}
