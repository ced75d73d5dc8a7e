/*
 * Matrix products whose rows lie anywhere, for operands that are in the cache: those of
 * convolutions, whose matrices of columns need not be made then.
 *
 * The product is done in tiles of C that fit the registers, as plain loops of constant
 * length. A value of C is its sum over k in order, whatever the tile: bits are a function
 * of the operands alone (and of whether the processor has fused products and sums).
 */
#ifndef CHAINRULE_MATH_TILE_H
#define CHAINRULE_MATH_TILE_H

#include "math/vectors.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Values of a vector; and the values that must be readable behind the last row of B. */
enum { CR_TILE_LANES = CR_VECTORS_LANES, CR_TILE_SLACK = 4 * CR_TILE_LANES };

/* Where the rows of a matrix begin: at[i], or i · stride where `at` is NULL. */
typedef struct cr_tile_rows {
    const size_t *at;
    size_t stride;
} cr_tile_rows;

/* C ← C + A B, or where `start` is given C[i, j] ← start[i] + (A B)[i, j], with A [m,
 * depth], B [depth, n], C [m, n]. Rows of one matrix may overlap each other; those of C
 * get all that is added to them. Where n is no multiple of CR_TILE_LANES, up to
 * CR_TILE_SLACK values behind each row of B are read, without effect. */
typedef struct cr_tile_product {
    size_t m, n, depth;
    const cr_real *a;
    cr_tile_rows a_rows;
    const cr_real *b;
    const size_t *b_rows; /* [depth] */
    cr_real *c;
    cr_tile_rows c_rows;
    const cr_real *start; /* [m] or NULL */
} cr_tile_product;

void cr_tile_multiply(const cr_tile_product *product);

/* to[j, i] = from[i, j] for from [rows, columns], with the rows of `from` from_stride and
 * those of `to` to_stride apart. */
void cr_tile_transpose(size_t rows, size_t columns, const cr_real *from,
                       size_t from_stride, cr_real *to, size_t to_stride);

/* to[i] = from[i] for n values, mostly so few that a call takes longer than they do: which
 * is what gcc makes of a loop. */
static inline void cr_tile_copy(size_t n, const cr_real *restrict from,
                                cr_real *restrict to)
{
    enum { MANY = 64 };
    if (n >= MANY) {
        memcpy(to, from, n * sizeof *to);
        return;
    }
    if (n & 32) {
        memcpy(to, from, 32 * sizeof *to);
        to += 32;
        from += 32;
    }
    if (n & 16) {
        memcpy(to, from, 16 * sizeof *to);
        to += 16;
        from += 16;
    }
    if (n & 8) {
        memcpy(to, from, 8 * sizeof *to);
        to += 8;
        from += 8;
    }
    if (n & 4) {
        memcpy(to, from, 4 * sizeof *to);
        to += 4;
        from += 4;
    }
    for (size_t i = 0; i < (n & 3); i++)
        to[i] = from[i];
}

/* Σ a[i] b[i] over n values, in many sums side by side. */
cr_real cr_tile_dot(size_t n, const cr_real *a, const cr_real *b);

#endif
