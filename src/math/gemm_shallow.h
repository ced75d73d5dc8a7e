/* Matrix products whose sums are so short that a panel of B stays in the registers, and only
 * rows of A and C pass by. */
#ifndef CHAINRULE_MATH_GEMM_SHALLOW_H
#define CHAINRULE_MATH_GEMM_SHALLOW_H

#include "math/gemm_tile.h"

/* Whether sums of so many terms are short enough, in tiles of this set; A is not transposed. */
bool cr_gemm_shallow_fit(const cr_gemm_tile_set *tiles, size_t depth);

/* m rows of C; `first` is the tile of the first of them. The same bits as tile by tile. */
void cr_gemm_shallow_multiply(const cr_gemm_tile_set *tiles, const cr_gemm_tile *first,
                              size_t m);

#endif
