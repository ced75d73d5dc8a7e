/* Tiles of a matrix product's C, whose sums stay in the processor's registers. */
#ifndef CHAINRULE_MATH_GEMM_TILE_H
#define CHAINRULE_MATH_GEMM_TILE_H

#include "math/vectors.h"

#include <stdbool.h>

enum {
    CR_GEMM_TILE_ROWS = 8, /* the most of a tile */
    CR_GEMM_TILE_VECTORS = CR_VECTORS_REGISTERS == 32 ? 4 : 3,
    CR_GEMM_TILE_LOW = 3, /* rows, for which a tile may be wider */
    CR_GEMM_TILE_LOW_VECTORS = CR_VECTORS_REGISTERS == 32 ? 8 : 3,
    CR_GEMM_TILE_SUMS = CR_VECTORS_REGISTERS * 3 / 4 /* vectors of them, all in all */
};

/* A tile of C and the sums that make it. Its rows are whole vectors, of which the last
 * begins at `end`: where columns do not fill it, it does some of the one before again. */
typedef struct cr_gemm_tile {
    size_t depth, end;
    const cr_real *a;
    size_t a_row; /* where A is transposed, what lies between steps of the sum */
    const cr_real *b;
    size_t b_row;
    cr_real *c;
    size_t c_row;
    cr_real alpha, beta;
    /* where A is not transposed; as in cr_gemm: */
    const cr_real *bias, *where;
    size_t where_row;
    bool rectify;
} cr_gemm_tile;

typedef void cr_gemm_tile_kernel(const cr_gemm_tile *p);

/* Tiles of so many vectors of so many values: [A is transposed][rows]. */
typedef struct cr_gemm_tile_set {
    size_t lanes, vectors, rows; /* the most that one has */
    cr_gemm_tile_kernel *of[2][CR_GEMM_TILE_ROWS + 1];
} cr_gemm_tile_set;

/* The tiles of up to `most` vectors for the next of n columns. */
const cr_gemm_tile_set *cr_gemm_tile_choose(size_t n, size_t most);

#endif
