/* Maxima of windows of 2 by 2 pixels side by side, the common case of pooling. */
#ifndef CHAINRULE_GRAPH_LAYERS_HALVES_H
#define CHAINRULE_GRAPH_LAYERS_HALVES_H

#include "graph/window.h"

#include <chainrule/real.h>

/* The larger of two; NaN is larger than all numbers. */
static inline cr_real cr_halves_maximum(cr_real a, cr_real b)
{
    cr_real larger = b > a ? b : a;
    return b != b ? b : larger;
}

/* Whether the window's positions are such windows that cover the image. Then those of all
 * channels and examples lie as if they were one image of many rows. */
bool cr_halves_cover(const cr_window *window);

/* y [rows, columns] of x [2 rows, 2 columns]. */
void cr_halves_forward(size_t rows, size_t columns, const cr_real *x, cr_real *y);

/* dx as x, from x, y and dy: each dy goes to the first of its window's largest. */
void cr_halves_backward(size_t rows, size_t columns, const cr_real *x, const cr_real *y,
                        const cr_real *dy, cr_real *dx);

#endif
