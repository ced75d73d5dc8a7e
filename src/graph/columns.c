#include "graph/columns.h"

#include <string.h>

/* Values of a block's columns: with the product's other parts they fit the cache that a
 * core has for itself. */
enum { BLOCK_VALUES = 48 * 1024 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
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

cr_columns cr_columns_make(const cr_window *window, size_t channels)
{
    cr_columns c = {.window = *window};
    c.window.channels = channels;
    c.height = channels * window->size[CR_HEIGHT] * window->size[CR_WIDTH];
    c.direct = c.height == channels;
    for (size_t i = 0; i < CR_WINDOW_AXES; i++) {
        size_t reach =
            (window->positions[i] - 1) * window->stride[i] + cr_window_extent(window, i);
        c.padded[i] = larger(reach, window->before[i] + window->image[i]);
        c.direct = c.direct && window->stride[i] == 1 && window->before[i] == 0 &&
                   window->positions[i] == window->image[i];
    }
    const size_t *positions = window->positions;
    c.block[CR_WIDTH] = part(positions[CR_WIDTH], larger(BLOCK_VALUES / c.height, 16));
    c.block[CR_HEIGHT] = 1;
    if (c.block[CR_WIDTH] == positions[CR_WIDTH])
        c.block[CR_HEIGHT] =
            part(positions[CR_HEIGHT],
                 larger(BLOCK_VALUES / c.height / positions[CR_WIDTH], 1));
    return c;
}

size_t cr_columns_padded_size(const cr_columns *columns)
{
    const cr_columns *c = columns;
    size_t size = c->window.channels * c->padded[CR_HEIGHT] * c->padded[CR_WIDTH];
    return c->direct ? 0 : size + CR_COLUMNS_SLACK;
}

size_t cr_columns_block_size(const cr_columns *columns)
{
    const cr_columns *c = columns;
    size_t size = c->height * c->block[CR_HEIGHT] * c->block[CR_WIDTH];
    return c->direct ? 0 : size + CR_COLUMNS_SLACK;
}

/* As many positions from the block's first on as there are. */
static void measure(const cr_columns *c, cr_columns_block *b)
{
    for (size_t i = 0; i < CR_WINDOW_AXES; i++)
        b->count[i] = smaller(c->block[i], c->window.positions[i] - b->first[i]);
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
    memset(padded, 0, cr_columns_padded_size(columns) * sizeof *padded);
    cr_real *to = padded + w->before[CR_HEIGHT] * stride + w->before[CR_WIDTH];
    for (size_t c = 0; c < w->channels; c++) {
        for (size_t i = 0; i < w->image[CR_HEIGHT]; i++)
            memcpy(to + i * stride, image + i * width, width * sizeof *image);
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
            memcpy(image + i * width, from + i * stride, width * sizeof *image);
        image += cr_window_pixels(w);
        from += columns->padded[CR_HEIGHT] * stride;
    }
}

/* `count` values from every stride-th of `from`; neighbours are copied in chunks, up to a
 * chunk less one more of them, which what is copied next overwrites. */
static void take_row(size_t count, size_t stride, const cr_real *restrict from,
                     cr_real *restrict to)
{
    enum { CHUNK = CR_COLUMNS_SLACK };
    if (stride == 1)
        for (size_t i = 0; i < count; i += CHUNK)
            memcpy(to + i, from + i, CHUNK * sizeof *to);
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

/* Where in the padded image the pixel lies that row `k` of the columns has of the block's
 * first position. */
static size_t pixel(const cr_columns *c, const cr_columns_block *b, size_t k)
{
    const cr_window *w = &c->window;
    size_t v = k % w->size[CR_WIDTH], u = k / w->size[CR_WIDTH] % w->size[CR_HEIGHT];
    size_t channel = k / w->size[CR_WIDTH] / w->size[CR_HEIGHT];
    size_t row = b->first[CR_HEIGHT] * w->stride[CR_HEIGHT] + u * w->dilation[CR_HEIGHT];
    size_t column = b->first[CR_WIDTH] * w->stride[CR_WIDTH] + v * w->dilation[CR_WIDTH];
    return (channel * c->padded[CR_HEIGHT] + row) * c->padded[CR_WIDTH] + column;
}

void cr_columns_take(const cr_columns *columns, const cr_columns_block *block,
                     const cr_real *padded, cr_real *taken)
{
    const cr_window *w = &columns->window;
    size_t below = w->stride[CR_HEIGHT] * columns->padded[CR_WIDTH];
    size_t count = block->count[CR_WIDTH];
    for (size_t k = 0; k < columns->height; k++) {
        const cr_real *from = padded + pixel(columns, block, k);
        for (size_t i = 0; i < block->count[CR_HEIGHT];
             i++, from += below, taken += count)
            take_row(count, w->stride[CR_WIDTH], from, taken);
    }
}

void cr_columns_add(const cr_columns *columns, const cr_columns_block *block,
                    const cr_real *taken, cr_real *padded)
{
    const cr_window *w = &columns->window;
    size_t below = w->stride[CR_HEIGHT] * columns->padded[CR_WIDTH];
    size_t count = block->count[CR_WIDTH];
    for (size_t k = 0; k < columns->height; k++) {
        cr_real *to = padded + pixel(columns, block, k);
        for (size_t i = 0; i < block->count[CR_HEIGHT]; i++, to += below, taken += count)
            add_row(count, w->stride[CR_WIDTH], taken, to);
    }
}
