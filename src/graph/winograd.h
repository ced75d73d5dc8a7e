/*
 * Convolutions with kernels of 3 by 3 pixels and stride 1 in fewer products: F(2 × 2, 3 ×
 * 3) of Lavin and Gray, "Fast algorithms for convolutional neural networks", CVPR 2016.
 *
 * An output is cut into tiles of 2 by 2. With d the 4 by 4 pixels that a tile sees and g
 * a kernel, y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A, where ⊙ is value by value: summed over the
 * channels these are 16 matrix products of filters by channels by tiles, with 4 products
 * for each output where there were 9. The gradient of g is Gᵀ [(A ∂y Aᵀ) ⊙ (Bᵀ d B)] G.
 */
#ifndef CHAINRULE_GRAPH_WINOGRAD_H
#define CHAINRULE_GRAPH_WINOGRAD_H

#include "graph/window.h"
#include "math/tile.h"

/* From an image [channels, height, width] to a map [filters, positions]. */
typedef struct cr_winograd {
    size_t channels, filters;
    size_t image[CR_WINDOW_AXES], positions[CR_WINDOW_AXES], before[CR_WINDOW_AXES];
    size_t tiles[CR_WINDOW_AXES]; /* over the positions */
    size_t block;                 /* rows of tiles that are done at a time */
} cr_winograd;

/* Whether it can be done, and is worth it. */
bool cr_winograd_suits(const cr_window *window, size_t filters);

cr_winograd cr_winograd_make(const cr_window *window, size_t filters);

/* The convolution from the map to the image, with the weights turned: the transpose. */
cr_winograd cr_winograd_turn(const cr_winograd *winograd);

/* Values of scratch memory that each of the functions below needs. */
size_t cr_winograd_scratch(const cr_winograd *winograd);

/* y ← w * x + b over [rows] images; b NULL: none. turned: w [channels, filters, 3, 3] are
 * those of the convolution that was turned into this one. */
void cr_winograd_apply(const cr_winograd *winograd, size_t rows, const cr_real *w,
                       bool turned, const cr_real *b, const cr_real *x, cr_real *y,
                       cr_real *scratch);

/* dw [filters, channels, 3, 3] ← its gradient, summed over [rows] images x and upstream
 * gradients dy of the maps. */
void cr_winograd_correlate(const cr_winograd *winograd, size_t rows, const cr_real *x,
                           const cr_real *dy, cr_real *dw, cr_real *scratch);

#endif
