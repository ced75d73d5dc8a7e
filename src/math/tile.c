#include "math/tile.h"

#include <math.h>
#include <string.h>

/* Tiles have 2 to MOST_ROWS rows of 2 to MOST_VECTORS vectors: so many that sums and a row
 * of B stay in the registers. */
enum {
#if defined(__AVX512F__) || defined(__ARM_NEON)
    REGISTERS = 32,
#else
    REGISTERS = 16,
#endif
    MOST_ROWS = REGISTERS / 4,
    MOST_ROWS_OF_4 = REGISTERS == 32 ? 6 : 2,
    MOST_VECTORS = 4
};

static inline cr_real multiply_add(cr_real a, cr_real b, cr_real c)
{
#if defined(CR_FLOAT64) && defined(FP_FAST_FMA)
    return fma(a, b, c);
#elif !defined(CR_FLOAT64) && defined(FP_FAST_FMAF)
    return fmaf(a, b, c);
#else
    return a * b + c;
#endif
}

/* c[r][0..width) += Σ over k of a[r][k] b[b_rows[k]..], row by row, since rows of C may
 * overlap. The loops over r and j are unrolled, and `sum` lives in registers. */
typedef void tile(size_t depth, const cr_real *const a[], const cr_real *b,
                  const size_t *b_rows, cr_real *const c[]);
#define TILE(rows, vectors)                                                              \
    static void tile_##rows##_##vectors(                                                 \
        size_t depth, const cr_real *const a[], const cr_real *restrict b,               \
        const size_t *restrict b_rows, cr_real *const c[])                               \
    {                                                                                    \
        enum { WIDTH = (vectors)*CR_TILE_LANES };                                        \
        cr_real sum[rows][WIDTH] = {{0}};                                                \
        const cr_real *restrict left[rows];                                              \
        for (size_t r = 0; r < (rows); r++)                                              \
            left[r] = a[r];                                                              \
        for (size_t k = 0; k < depth; k++) {                                             \
            const cr_real *restrict right = b + b_rows[k];                               \
            for (size_t r = 0; r < (rows); r++) {                                        \
                const cr_real factor = left[r][k];                                       \
                for (size_t j = 0; j < WIDTH; j++)                                       \
                    sum[r][j] = multiply_add(factor, right[j], sum[r][j]);               \
            }                                                                            \
        }                                                                                \
        for (size_t r = 0; r < (rows); r++) {                                            \
            cr_real *to = c[r];                                                          \
            for (size_t j = 0; j < WIDTH; j++)                                           \
                to[j] += sum[r][j];                                                      \
        }                                                                                \
    }

TILE(2, 2)
TILE(3, 2)
TILE(4, 2)
TILE(5, 2)
TILE(6, 2)
TILE(7, 2)
TILE(8, 2)
TILE(2, 3)
TILE(3, 3)
TILE(4, 3)
TILE(5, 3)
TILE(6, 3)
TILE(7, 3)
TILE(8, 3)
TILE(2, 4)
TILE(3, 4)
TILE(4, 4)
TILE(5, 4)
TILE(6, 4)

/* [vectors][rows] */
static tile *const tiles[MOST_VECTORS + 1][9] = {
    [2] = {NULL, NULL, tile_2_2, tile_3_2, tile_4_2, tile_5_2, tile_6_2, tile_7_2,
           tile_8_2},
    [3] = {NULL, NULL, tile_2_3, tile_3_3, tile_4_3, tile_5_3, tile_6_3, tile_7_3,
           tile_8_3},
    [4] = {NULL, NULL, tile_2_4, tile_3_4, tile_4_4, tile_5_4, tile_6_4},
};

static size_t row(const cr_tile_rows *rows, size_t i)
{
    return rows->at ? rows->at[i] : i * rows->stride;
}

/* Rows first to first + rows of C, and columns column to column + count, of which a tile
 * of so many vectors does as many or more. Where
 * it does more, it does them on the side. */
static void add_tile(const cr_tile_product *p, size_t first, size_t rows, size_t column,
                     size_t count, size_t vectors)
{
    cr_real aside[MOST_ROWS][MOST_VECTORS * CR_TILE_LANES];
    const cr_real *a[MOST_ROWS];
    cr_real *c[MOST_ROWS], *to_aside[MOST_ROWS];
    bool whole = count == vectors * CR_TILE_LANES;
    for (size_t r = 0; r < rows; r++) {
        a[r] = p->a + row(&p->a_rows, first + r);
        c[r] = p->c + row(&p->c_rows, first + r) + column;
    }
    if (whole && rows > 1) {
        tiles[vectors][rows](p->depth, a, p->b + column, p->b_rows, c);
        return;
    }
    memset(aside, 0, sizeof aside);
    for (size_t r = 0; r < MOST_ROWS; r++)
        to_aside[r] = aside[r];
    a[1] = rows == 1 ? a[0] : a[1]; /* there is no tile of one row */
    tiles[vectors][rows == 1 ? 2 : rows](p->depth, a, p->b + column, p->b_rows, to_aside);
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < count; j++)
            c[r][j] += aside[r][j];
}

/* Vectors of the next tile where so many are left. */
static size_t choose_vectors(size_t left)
{
    return left < 2 ? 2 : left < MOST_VECTORS + 1 ? left : 3;
}

void cr_tile_add_product(const cr_tile_product *product)
{
    const cr_tile_product *p = product;
    for (size_t column = 0, width = 0; column < p->n; column += width) {
        size_t left = p->n - column;
        size_t vectors = choose_vectors((left + CR_TILE_LANES - 1) / CR_TILE_LANES);
        width = vectors * CR_TILE_LANES < left ? vectors * CR_TILE_LANES : left;
        size_t most = vectors == 4 ? MOST_ROWS_OF_4 : MOST_ROWS;
        size_t parts = (p->m + most - 1) / most; /* that differ by a row at most */
        for (size_t i = 0; i < parts; i++) {
            size_t first = p->m * i / parts, last = p->m * (i + 1) / parts;
            add_tile(p, first, last - first, column, width, vectors);
        }
    }
}

void cr_tile_transpose(size_t rows, size_t columns, const cr_real *restrict from,
                       size_t from_stride, cr_real *restrict to, size_t to_stride)
{
    enum { BLOCK = 16 }; /* rows and columns that stay in the cache */
    for (size_t j = 0; j < columns; j += BLOCK)
        for (size_t i = 0; i < rows; i += BLOCK) {
            size_t height = rows - i < BLOCK ? rows - i : BLOCK;
            size_t width = columns - j < BLOCK ? columns - j : BLOCK;
            for (size_t v = 0; v < width; v++)
                for (size_t u = 0; u < height; u++)
                    to[(j + v) * to_stride + i + u] = from[(i + u) * from_stride + j + v];
        }
}

cr_real cr_tile_dot(size_t n, const cr_real *restrict a, const cr_real *restrict b)
{
    enum { SUMS = 4 * CR_TILE_LANES };
    cr_real sum[SUMS] = {0};
    size_t whole = n / SUMS * SUMS;
    for (size_t i = 0; i < whole; i += SUMS)
        for (size_t k = 0; k < SUMS; k++)
            sum[k] = multiply_add(a[i + k], b[i + k], sum[k]);
    for (size_t i = whole; i < n; i++)
        sum[i - whole] = multiply_add(a[i], b[i], sum[i - whole]);
    for (size_t width = SUMS / 2; width > 0; width /= 2)
        for (size_t k = 0; k < width; k++)
            sum[k] += sum[k + width];
    return sum[0];
}
