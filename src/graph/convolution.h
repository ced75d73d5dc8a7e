/*
 * The three products of a convolution with its weights.
 *
 * An image X [channels, height, width] and a map Y [filters, positions] belong together; W
 * is [filters, channels / groups, size, size]. With groups, the channels and the filters
 * are cut into as many parts, and each part of the filters sees its part of the channels.
 *
 * Columns are those of one image, or of a block of it (columns.h), and products are done
 * from them as they lie (tile.h). Kernels of 3 by 3 pixels take fewer products
 * (winograd.h).
 */
#ifndef CHAINRULE_GRAPH_CONVOLUTION_H
#define CHAINRULE_GRAPH_CONVOLUTION_H

#include "graph/columns.h"
#include "graph/winograd.h"

typedef struct cr_convolution {
    cr_columns columns;     /* of one group's channels */
    size_t groups, filters; /* filters of a group */
    bool fewer;             /* by `winograd`, and `turned` for spread */
    cr_winograd winograd, turned;
} cr_convolution;

/* For a window on an image with all its channels, which `groups` divides, as it does
 * filters, which are all as well. */
cr_convolution cr_convolution_make(const cr_window *window, size_t filters,
                                   size_t groups);

/* Values of scratch memory that each of the functions below needs. */
size_t cr_convolution_scratch(const cr_convolution *convolution);

/* Y ← W * X + b: Y[f, p] = Σ over channels and the window of W X, plus b[f] (NULL: none);
 * x and y are [rows] images and maps. */
void cr_convolution_apply(const cr_convolution *convolution, size_t rows,
                          const cr_real *w, const cr_real *b, const cr_real *x,
                          cr_real *y, cr_real *scratch);

/* The transpose of apply without b: X[c, q] ← Σ over the filters and positions that see
 * pixel q of W Y. */
void cr_convolution_spread(const cr_convolution *convolution, size_t rows,
                           const cr_real *w, const cr_real *y, cr_real *x,
                           cr_real *scratch);

/* dW ← Σ over rows and positions of Y X, with dW as W. */
void cr_convolution_correlate(const cr_convolution *convolution, size_t rows,
                              const cr_real *x, const cr_real *y, cr_real *dw,
                              cr_real *scratch);

#endif
