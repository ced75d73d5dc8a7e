#include "math/tile.h"

#include "base/processor.h"
#include "base/size.h"
#include "math/multiply_add.h"

#include <string.h>

/* Tiles have 2 to MOST_ROWS rows of 2 to MOST_VECTORS vectors: so many that sums and a row
 * of B stay in the registers. */
enum {
    MOST_ROWS = CR_VECTORS_REGISTERS / 4,
    MOST_VECTORS = CR_VECTORS_REGISTERS == 32 ? 4 : 3,
    MOST_ROWS_OF_4 = 6,
    FEW = 32
};

/* c[r][0..width) += Σ over k of a[r][k] b[b_rows[k]..], or = start[r] + that, row by row,
 * since rows of C may overlap. The loops over r and j are unrolled, and `sum` lives in
 * registers. */
typedef void tile(size_t depth, const cr_real *const a[], const cr_real *b,
                  const size_t *b_rows, cr_real *const c[], const cr_real *start);
#define TILE(rows, vectors)                                                              \
    CR_NOT_COUNTED static void tile_##rows##_##vectors(                                  \
        size_t depth, const cr_real *const a[], const cr_real *restrict b,               \
        const size_t *restrict b_rows, cr_real *const c[], const cr_real *start)         \
    {                                                                                    \
        enum { WIDTH = (vectors)*CR_TILE_LANES };                                        \
        cr_real sum[rows][WIDTH];                                                        \
        const cr_real *restrict left[rows];                                              \
        CR_UNROLL                                                                        \
        for (size_t r = 0; r < (rows); r++) {                                            \
            const cr_real first = start ? start[r] : 0;                                  \
            left[r] = a[r];                                                              \
            for (size_t j = 0; j < WIDTH; j++)                                           \
                sum[r][j] = first;                                                       \
        }                                                                                \
        for (size_t k = 0; k < depth; k++) {                                             \
            const cr_real *restrict right = b + b_rows[k];                               \
            CR_UNROLL                                                                    \
            for (size_t r = 0; r < (rows); r++) {                                        \
                const cr_real factor = left[r][k];                                       \
                for (size_t j = 0; j < WIDTH; j++)                                       \
                    sum[r][j] = cr_multiply_add(factor, right[j], sum[r][j]);            \
            }                                                                            \
        }                                                                                \
        CR_UNROLL                                                                        \
        for (size_t r = 0; r < (rows); r++) {                                            \
            cr_real *to = c[r];                                                          \
            for (size_t j = 0; j < WIDTH; j++)                                           \
                to[j] = start ? sum[r][j] : to[j] + sum[r][j];                           \
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
static tile *const tiles[5][9] = {
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
 * of so many vectors does as many or more. Where it does more, it does them on the side.
 */
static void add_tile(const cr_tile_product *p, size_t first, size_t rows, size_t column,
                     size_t count, size_t vectors)
{
    cr_real aside[MOST_ROWS][MOST_VECTORS * CR_TILE_LANES];
    const cr_real *a[MOST_ROWS];
    cr_real *c[MOST_ROWS], *to[MOST_ROWS], start[MOST_ROWS] = {0};
    bool whole = count == vectors * CR_TILE_LANES && rows > 1;
    bool stores = p->start && p->depth < FEW; /* takes longer than what is stored */
    for (size_t r = 0; r < rows; r++) {
        a[r] = p->a + row(&p->a_rows, first + r);
        c[r] = p->c + row(&p->c_rows, first + r) + column;
        start[r] = p->start ? p->start[first + r] : 0;
        for (size_t j = 0; j < vectors && stores; j++)
            CR_PREFETCH(c[r] + count + j * CR_TILE_LANES);
    }
    if (whole) {
        tiles[vectors][rows](p->depth, a, p->b + column, p->b_rows, c,
                             p->start ? start : NULL);
        return;
    }
    for (size_t r = 0; r < MOST_ROWS; r++)
        to[r] = aside[r];
    a[1] = rows == 1 ? a[0] : a[1]; /* there is no tile of one row */
    tiles[vectors][rows == 1 ? 2 : rows](p->depth, a, p->b + column, p->b_rows, to,
                                         start);
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < count; j++)
            c[r][j] = p->start ? aside[r][j] : c[r][j] + aside[r][j];
}

/* Vectors of the next tile where so many are left, and one may have `most`. */
static size_t choose_vectors(size_t left, size_t most)
{
    return left < 2 ? 2 : left <= most ? left : left == 4 ? 2 : 3;
}

/* Rows first to last of C, from left to right, by tiles of up to so many vectors. */
static void multiply_rows(const cr_tile_product *p, size_t first, size_t last,
                          size_t vectors)
{
    for (size_t column = 0, width = 0; column < p->n; column += width) {
        size_t left = (p->n - column + CR_TILE_LANES - 1) / CR_TILE_LANES;
        size_t many = choose_vectors(left, vectors);
        width = cr_size_smaller(many * CR_TILE_LANES, p->n - column);
        add_tile(p, first, last - first, column, width, many);
    }
}

/* Columns from `column` on of C, from above, by tiles of so many vectors. */
static void multiply_columns(const cr_tile_product *p, size_t column, size_t width,
                             size_t vectors)
{
    size_t most = vectors == 4 ? MOST_ROWS_OF_4 : MOST_ROWS;
    size_t parts = (p->m + most - 1) / most; /* that differ by a row at most */
    for (size_t i = 0; i < parts; i++) {
        size_t first = p->m * i / parts, last = p->m * (i + 1) / parts;
        add_tile(p, first, last - first, column, width, vectors);
    }
}

/* A small B stays in the cache, and C is written row by row; else a few columns of B do. */
void cr_tile_multiply(const cr_tile_product *product)
{
    enum { SMALL = 16 * 1024 };
    const cr_tile_product *p = product;
    size_t parts = (p->m + MOST_ROWS - 1) / MOST_ROWS;
    if (p->depth * p->n <= SMALL) {
        for (size_t i = 0; i < parts; i++)
            multiply_rows(p, p->m * i / parts, p->m * (i + 1) / parts, 3);
        return;
    }
    for (size_t column = 0, width = 0; column < p->n; column += width) {
        size_t left = (p->n - column + CR_TILE_LANES - 1) / CR_TILE_LANES;
        size_t vectors = choose_vectors(left, MOST_VECTORS);
        width = cr_size_smaller(vectors * CR_TILE_LANES, p->n - column);
        multiply_columns(p, column, width, vectors);
    }
}

/* A square that is transposed at once. */
enum { SIDE = 16 };

/* The two halves of a square's values in turns. Done log2(SIDE) times that is a transpose,
 * since it moves each value's place, as a binary number, round by one digit. */
CR_NOT_COUNTED static void take_turns(const cr_real *restrict from, cr_real *restrict to)
{
    enum { HALF = SIDE * SIDE / 2 };
    for (size_t i = 0; i < HALF; i++) {
        to[2 * i] = from[i];
        to[2 * i + 1] = from[HALF + i];
    }
}

CR_NOT_COUNTED static void transpose_square(const cr_real *from, size_t from_stride,
                                            cr_real *to, size_t to_stride)
{
    cr_real square[SIDE * SIDE], other[SIDE * SIDE];
    for (size_t i = 0; i < SIDE; i++)
        memcpy(square + i * SIDE, from + i * from_stride, SIDE * sizeof *from);
    take_turns(square, other);
    take_turns(other, square);
    take_turns(square, other);
    take_turns(other, square);
    for (size_t i = 0; i < SIDE; i++)
        memcpy(to + i * to_stride, square + i * SIDE, SIDE * sizeof *to);
}

void cr_tile_transpose(size_t rows, size_t columns, const cr_real *from,
                       size_t from_stride, cr_real *to, size_t to_stride)
{
    for (size_t i = 0; i < rows; i += SIDE)
        for (size_t j = 0; j < columns; j += SIDE) {
            const cr_real *square = from + i * from_stride + j;
            cr_real *turned = to + j * to_stride + i;
            size_t height = rows - i < SIDE ? rows - i : SIDE;
            size_t width = columns - j < SIDE ? columns - j : SIDE;
            if (height == SIDE && width == SIDE) {
                transpose_square(square, from_stride, turned, to_stride);
                continue;
            }
            for (size_t v = 0; v < width; v++)
                for (size_t u = 0; u < height; u++)
                    turned[v * to_stride + u] = square[u * from_stride + v];
        }
}

CR_NOT_COUNTED cr_real cr_tile_dot(size_t n, const cr_real *restrict a,
                                   const cr_real *restrict b)
{
    enum { SUMS = 4 * CR_TILE_LANES };
    cr_real sum[SUMS] = {0};
    size_t whole = n / SUMS * SUMS;
    for (size_t i = 0; i < whole; i += SUMS)
        for (size_t k = 0; k < SUMS; k++)
            sum[k] = cr_multiply_add(a[i + k], b[i + k], sum[k]);
    for (size_t i = whole; i < n; i++)
        sum[i - whole] = cr_multiply_add(a[i], b[i], sum[i - whole]);
    for (size_t width = SUMS / 2; width > 0; width /= 2)
        for (size_t k = 0; k < width; k++)
            sum[k] += sum[k + width];
    return sum[0];
}
