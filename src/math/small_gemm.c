#include "math/small_gemm.h"

#include "base/size.h"
#include "math/gemm_dots.h"
#include "math/gemm_shallow.h"
#include "math/gemm_tile.h"
#include "math/tile.h"

#include <string.h>

/* A few columns of B, a panel, are used for all rows of A before the next ones; of a long
 * sum, so many terms at a time that a panel stays in the cache. */
enum {
    PANEL = CR_GEMM_TILE_VECTORS * CR_VECTORS_LANES,
    DEEP = 256,
    LEAST_SIDEWAYS = 16,             /* terms of a sum for which turning C over pays */
    MOST_REST = CR_VECTORS_LANES / 4 /* columns that are done aside */
};

/* m rows of C from one panel of B: `first` is the tile of the first of them. */
static void multiply_panel(const cr_gemm_tile_set *tiles, cr_transpose trans_a, size_t m,
                           const cr_gemm_tile *first)
{
    size_t most = cr_size_smaller(tiles->rows, CR_GEMM_TILE_SUMS / tiles->vectors);
    size_t parts = (m + most - 1) / most; /* that differ by a row at most */
    bool transposed = trans_a == CR_TRANSPOSED;
    cr_gemm_tile p = *first;
    for (size_t i = 0; i < parts; i++) {
        size_t at = m * i / parts, rows = m * (i + 1) / parts - at;
        p.a = first->a + (transposed ? at : at * p.a_row);
        p.c = first->c + at * p.c_row;
        p.where = first->where ? first->where + at * p.where_row : NULL;
        tiles->of[transposed][rows](&p);
    }
}

/* Whether a panel of a B that is not transposed is copied to where its rows lie close
 * together: long rows are so far apart that few of a panel's stay in a small cache. */
static bool copies_panels(const cr_gemm *o)
{
    enum { LONG = 1024, LEAST_ROWS = 64, LEAST_TERMS = 32 }; /* LONG: bytes */
    return CR_VECTORS_REGISTERS < 32 && o->ldb * sizeof *o->b > LONG &&
           o->m >= LEAST_ROWS && o->k >= LEAST_TERMS;
}

/* `width` columns of C. */
static void multiply_columns(const cr_gemm *o, const cr_gemm_tile_set *tiles,
                             size_t column, size_t width)
{
    cr_real panel[DEEP * PANEL];
    const bool turns = o->trans_b == CR_TRANSPOSED, copies = !turns && copies_panels(o);
    cr_gemm_tile p = {.depth = o->k,
                      .end = width - tiles->lanes,
                      .a = o->a,
                      .a_row = o->lda,
                      .b = o->b + (turns ? column * o->ldb : column),
                      .b_row = o->ldb,
                      .c = o->c + column,
                      .c_row = o->ldc,
                      .alpha = (cr_real)o->alpha,
                      .beta = (cr_real)o->beta,
                      .bias = o->bias ? o->bias + column : NULL,
                      .where = o->where ? o->where + column : NULL,
                      .where_row = o->ldc,
                      .rectify = o->rectify};
    if (turns)
        cr_tile_transpose(width, o->k, p.b, o->ldb, panel, PANEL);
    for (size_t k = 0; copies && k < o->k; k++)
        memcpy(panel + k * PANEL, p.b + k * o->ldb, width * sizeof *panel);
    if (turns || copies) {
        p.b = panel;
        p.b_row = PANEL;
    }
    if (o->trans_a == CR_AS_IS && cr_gemm_shallow_fit(tiles, o->k))
        cr_gemm_shallow_multiply(tiles, &p, o->m);
    else
        multiply_panel(tiles, o->trans_a, o->m, &p);
}

/* For sums of up to DEEP terms, as the next. */
static void multiply_tiles(const cr_gemm *o)
{
    size_t most = o->m <= CR_GEMM_TILE_LOW && o->trans_b == CR_AS_IS
                      ? CR_GEMM_TILE_LOW_VECTORS
                      : CR_GEMM_TILE_VECTORS;
    for (size_t column = 0, width = 0; column < o->n; column += width) {
        const cr_gemm_tile_set *tiles = cr_gemm_tile_choose(o->n - column, most);
        width = cr_size_smaller(tiles->vectors * tiles->lanes, o->n - column);
        multiply_columns(o, tiles, column, width);
    }
}

/* n values, half a vector or more of them but not a whole one, as two halves. */
static void copy_row(size_t n, const cr_real *from, cr_real *to)
{
    enum { HALF = (CR_VECTORS_LANES + 1) / 2 };
    memcpy(to, from, HALF * sizeof *to);
    memcpy(to + n - HALF, from + n - HALF, HALF * sizeof *to);
}

/* For rows of C that lie on end, each shorter than a vector but longer than half of it:
 * with whole vectors, whose last values are of no meaning. They spill over into the next
 * row, which is done after it; the last rows are done aside. */
static void multiply_spilling(const cr_gemm *o)
{
    enum { ROW = CR_VECTORS_LANES, ASIDE = CR_GEMM_TILE_ROWS };
    const size_t n = o->n, last = (o->m - 1) / ASIDE * ASIDE;
    cr_real b[DEEP * ROW], c[ASIDE * ROW], where[ASIDE * ROW], bias[ROW] = {0};
    for (size_t k = 0; k + 1 < o->k; k++)
        memcpy(b + k * ROW, o->b + k * o->ldb, ROW * sizeof *b);
    memset(b + (o->k - 1) * ROW, 0, ROW * sizeof *b);
    copy_row(n, o->b + (o->k - 1) * o->ldb, b + (o->k - 1) * ROW);
    cr_gemm part = *o;
    part.m = last;
    part.n = part.ldb = ROW;
    part.b = b;
    if (o->bias) {
        copy_row(n, o->bias, bias);
        part.bias = bias;
    }
    if (last > 0)
        multiply_tiles(&part);
    part.m = o->m - last;
    part.a = o->a + last * o->lda;
    part.c = c;
    part.ldc = ROW;
    if (o->where)
        part.where = where;
    for (size_t i = 0; o->where && i < part.m; i++)
        copy_row(n, o->where + (last + i) * n, where + i * ROW);
    multiply_tiles(&part);
    for (size_t i = 0; i < part.m; i++)
        copy_row(n, c + i * ROW, o->c + (last + i) * n);
}

/* Cᵀ = op(B)ᵀ op(A)ᵀ, for a C that is narrower than a vector: with A transposed its rows
 * are columns of C. Each value is the same sum as it would be in C. */
static void multiply_sideways(const cr_gemm *o)
{
    enum { MOST = 256 };
    cr_real c[CR_VECTORS_LANES * MOST];
    for (size_t at = 0, width = 0; at < o->m; at += width) {
        width = cr_size_smaller(MOST, o->m - at);
        const cr_gemm sideways = {.trans_a = CR_TRANSPOSED,
                                  .m = o->n,
                                  .n = width,
                                  .k = o->k,
                                  .alpha = o->alpha,
                                  .a = o->b,
                                  .lda = o->ldb,
                                  .b = o->a + at,
                                  .ldb = o->lda,
                                  .c = c,
                                  .ldc = MOST};
        multiply_tiles(&sideways);
        const cr_real beta = (cr_real)o->beta;
        for (size_t i = 0; i < width; i++) {
            cr_real *to = o->c + (at + i) * o->ldc;
            for (size_t j = 0; j < o->n; j++)
                to[j] = beta == 0 ? c[j * MOST + i]
                                  : cr_multiply_add(beta, to[j], c[j * MOST + i]);
        }
    }
}

/* The last few columns aside, on which a whole vector would be spent in every row. */
static void multiply_with_rest(const cr_gemm *o)
{
    cr_gemm part = *o;
    part.n = o->n / CR_VECTORS_LANES * CR_VECTORS_LANES;
    multiply_tiles(&part);
    part.b += part.n;
    part.c += part.n;
    part.n = o->n - part.n;
    multiply_sideways(&part);
}

void cr_small_gemm(const cr_gemm *product)
{
    const cr_gemm *o = product;
    bool a_as_is = o->trans_a == CR_AS_IS, b_as_is = o->trans_b == CR_AS_IS;
    const size_t rest = o->n % CR_VECTORS_LANES;
    if (cr_gemm_dots_fit(o)) {
        cr_gemm_dots_multiply(o);
        return;
    }
    void (*multiply)(const cr_gemm *part) = multiply_tiles;
    if (a_as_is && b_as_is && o->n < CR_VECTORS_LANES && o->n > CR_VECTORS_LANES / 2 &&
        o->k <= DEEP && o->beta == 0 && o->ldc == o->n)
        multiply = multiply_spilling;
    else if (!a_as_is && b_as_is && o->n < CR_VECTORS_LANES && o->m >= CR_VECTORS_LANES &&
             o->k >= LEAST_SIDEWAYS)
        multiply = multiply_sideways;
    else if (!a_as_is && b_as_is && rest > 0 && rest <= MOST_REST &&
             o->n > 2 * CR_VECTORS_LANES && o->m >= 4 * CR_VECTORS_LANES &&
             o->k >= 4 * LEAST_SIDEWAYS)
        multiply = multiply_with_rest;
    cr_gemm part = *o;
    for (size_t first = 0; first < o->k; first += DEEP) {
        bool last = first + DEEP >= o->k;
        part.k = cr_size_smaller(DEEP, o->k - first);
        part.a = o->a + first * (a_as_is ? 1 : o->lda);
        part.b = o->b + first * (b_as_is ? o->ldb : 1);
        part.beta = first > 0 ? 1 : o->beta;
        part.bias = first > 0 ? NULL : o->bias;
        part.rectify = last && o->rectify;
        part.where = last ? o->where : NULL;
        multiply(&part);
    }
}

const char *cr_small_gemm_instructions(void)
{
#if defined(__AVX512F__)
    return "AVX-512";
#elif defined(__AVX2__) && defined(__FMA__)
    return "AVX2";
#elif defined(__AVX__)
    return "AVX";
#elif defined(__SSE2__)
    return "SSE2";
#elif defined(__ARM_NEON)
    return "NEON";
#else
    return "none";
#endif
}
