/*
 * The columns of an image: what a window sees at each of its positions, so that a
 * convolution is a matrix product (Chellapilla, Puri, Simard: "High performance
 * convolutional neural networks for document processing", 2006).
 *
 * Row k of that matrix belongs to pixel (u, v) under the window on channel c, k = (c ·
 * height + u) · width + v. For each c and v an image's rows are laid one behind the other,
 * cut to the positions, in steps of the stride: then row k is a run of them that begins
 * where u says, and the matrix takes the space of its v alone (Cho, Brand: "MEC:
 * Memory-efficient convolution for deep neural network", 2017). Rows are grouped by the
 * remainder of their number by the stride, so that those of one u are neighbours.
 *
 * Columns are those of a block of positions at a time, which fits the cache.
 */
#ifndef CHAINRULE_GRAPH_COLUMNS_H
#define CHAINRULE_GRAPH_COLUMNS_H

#include "graph/window.h"
#include "math/tile.h"

/* Rows are copied in chunks, past their ends, and read so by products: values behind a
 * padded image and behind columns that must be there. */
enum { CR_COLUMNS_SLACK = CR_TILE_SLACK };

typedef struct cr_columns {
    cr_window window;              /* its channels are those that are taken at a time */
    size_t padded[CR_WINDOW_AXES]; /* sides of the padded image */
    size_t block[CR_WINDOW_AXES];  /* positions of a block: part of one row, or rows */
    size_t lines;  /* of a block, for each remainder of their number by the stride */
    size_t height; /* rows of the matrix: channels · size · size */
    bool plain;    /* there is no padding: the padded image is the image */
    bool direct;   /* the image is its own columns: nothing is padded or copied */
} cr_columns;

/* Some positions of the window; a part of one row, or all of several. */
typedef struct cr_columns_block {
    size_t first[CR_WINDOW_AXES], count[CR_WINDOW_AXES];
} cr_columns_block;

/* For a window on `channels` channels. */
cr_columns cr_columns_make(const cr_window *window, size_t channels);

/* Values of the padded image [channels, height, width], and of a block's columns
 * [channels, width of the window, stride, lines, width of the block]; both with slack, both
 * 0 where the image is its own columns. */
size_t cr_columns_padded_size(const cr_columns *columns);
size_t cr_columns_block_size(const cr_columns *columns);

/* The first block, and the next one; false when there is none. */
cr_columns_block cr_columns_first(const cr_columns *columns);
bool cr_columns_next(const cr_columns *columns, cr_columns_block *block);

/* Positions of a block, and the number of its first among all. */
static inline size_t cr_columns_count(const cr_columns_block *block)
{
    return block->count[CR_HEIGHT] * block->count[CR_WIDTH];
}

static inline size_t cr_columns_start(const cr_columns *columns,
                                      const cr_columns_block *block)
{
    return block->first[CR_HEIGHT] * columns->window.positions[CR_WIDTH] +
           block->first[CR_WIDTH];
}

/* Copies an image [channels, height, width] into a padded one whose padding is zeros, and
 * back. */
void cr_columns_pad(const cr_columns *columns, const cr_real *image, cr_real *padded);
void cr_columns_crop(const cr_columns *columns, const cr_real *padded, cr_real *image);

/* The columns of a block of a padded image; of one that is the image itself nothing behind
 * it is read. */
void cr_columns_take(const cr_columns *columns, const cr_columns_block *block,
                     const cr_real *padded, cr_real *taken);

/* Adds columns to the pixels of a padded image that they were taken from. */
void cr_columns_add(const cr_columns *columns, const cr_columns_block *block,
                    const cr_real *taken, cr_real *padded);

/* Zeros in a block's columns, where row u = 0 of the window does not reach, or the first
 * row with the same remainder. */
void cr_columns_clear(const cr_columns *columns, const cr_columns_block *block,
                      cr_real *taken);

/* Whether no row above u of the window has its remainder. */
bool cr_columns_is_first(const cr_columns *columns, size_t u);

/* Where the row of the matrix begins, in a block's columns, that belongs to pixel (u, v)
 * under the window on a channel. */
static inline size_t cr_columns_row(const cr_columns *columns,
                                    const cr_columns_block *block, size_t channel,
                                    size_t u, size_t v)
{
    const cr_window *w = &columns->window;
    size_t stride = w->stride[CR_HEIGHT], below = u * w->dilation[CR_HEIGHT];
    size_t group = (channel * w->size[CR_WIDTH] + v) * stride + below % stride;
    if (columns->direct)
        return channel * cr_window_pixels(w);
    return (group * columns->lines + below / stride) * block->count[CR_WIDTH];
}

#endif
