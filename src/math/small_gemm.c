#include "math/small_gemm.h"

#include "base/processor.h"
#include "base/size.h"
#include "math/tile.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Bytes and number of the processor's vectors. */
#if defined(__AVX512F__)
#define BYTES 64
#elif defined(__AVX__)
#define BYTES 32
#else
#define BYTES 16
#endif
#if defined(__AVX512F__) || defined(__ARM_NEON)
#define REGISTERS 32
#else
#define REGISTERS 16
#endif

/* Values of a vector. */
#ifdef CR_FLOAT64
#define LANES (BYTES / 8)
#else
#define LANES (BYTES / 4)
#endif

enum {
    MOST_ROWS = 8, /* of a tile */
    MOST_VECTORS = REGISTERS == 32 ? 4 : 3,
    MOST_SUMS = REGISTERS * 3 / 4, /* of a tile, each a vector: in the registers */
    PANEL = MOST_VECTORS * LANES,  /* columns of B that are used for all rows of A, ... */
    DEEP = 256,                    /* ... of a sum so many values at a time */
    MOST_DOTS = 4,                 /* columns of a product that are sums of vectors */
    DOT_ROWS = 4,
    SHORTEST_DOT = 2 * LANES,
    LONGEST_DOT = 1024,
    LEAST_SIDEWAYS = 16 /* terms of a sum for which turning C over pays */
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

/* vector_L has L values. scale_add_L is a · b + c of them, rectify_L max(0, v), where NaN
 * stays NaN, and pass_L v where y is positive, else 0. */
#define VECTOR(L)                                                                        \
    typedef cr_real vector_##L __attribute__((vector_size((L) * sizeof(cr_real)),        \
                                              aligned(sizeof(cr_real)), may_alias));     \
    typedef bits bits_##L __attribute__((vector_size((L) * sizeof(cr_real))));           \
    static inline vector_##L scale_add_##L(cr_real a, vector_##L b, vector_##L c)        \
    {                                                                                    \
        vector_##L sum;                                                                  \
        for (size_t i = 0; i < (L); i++)                                                 \
            sum[i] = multiply_add(a, b[i], c[i]);                                        \
        return sum;                                                                      \
    }                                                                                    \
    static inline vector_##L rectify_##L(vector_##L v)                                   \
    {                                                                                    \
        return (vector_##L)((bits_##L)v & ~(v < 0));                                     \
    }                                                                                    \
    static inline vector_##L pass_##L(vector_##L v, vector_##L y)                        \
    {                                                                                    \
        return (vector_##L)((bits_##L)v & (y > 0));                                      \
    }

/* X for each length of vectors: the processor's, and those for fewer columns. */
#if LANES == 16
#define WIDE(X) X(16)
#define NARROW(X) X(2) X(4) X(8)
#elif LANES == 8
#define WIDE(X) X(8)
#define NARROW(X) X(2) X(4)
#elif LANES == 4
#define WIDE(X) X(4)
#define NARROW(X) X(2)
#else
#define WIDE(X) X(2)
#define NARROW(X)
#endif

#ifdef CR_FLOAT64
typedef int64_t bits;
#else
typedef int32_t bits;
#endif

typedef cr_real vector_1;
#define scale_add_1 multiply_add

static inline cr_real rectify_1(cr_real v)
{
    return v < 0 ? 0 : v;
}

static inline cr_real pass_1(cr_real v, cr_real y)
{
    return y > 0 ? v : 0;
}

NARROW(VECTOR)
WIDE(VECTOR)

/* A tile of C and the sums that make it. Its rows are whole vectors, of which the last
 * begins at `end`: where columns do not fill it, it does some of the one before again. */
typedef struct piece {
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
} piece;

typedef void tile(const piece *p);

#define FOR_ROWS(R) CR_UNROLL for (size_t r = 0; r < (R); r++)
#define FOR_VECTORS(V) CR_UNROLL for (size_t j = 0; j < (V); j++)
#define AT(L, V) (j + 1 < (V) ? j * (L) : end)

/* sum += a column of A by a row of B; FACTOR is the column's value in row r */
#define ADD(L, R, V, FACTOR)                                                             \
    vector_##L row[V];                                                                   \
    FOR_VECTORS(V) row[j] = *(const vector_##L *)(b + AT(L, V));                         \
    FOR_ROWS(R) FOR_VECTORS(V) sum[r][j] = scale_add_##L(FACTOR, row[j], sum[r][j]);

/* C from the sums. All of a row is read before any of it is written, since vectors may
 * overlap. */
#define SCALE(L, R, V)                                                                   \
    const cr_real alpha = p->alpha, beta = p->beta;                                      \
    cr_real *c = p->c;                                                                   \
    const size_t c_row = p->c_row;                                                       \
    FOR_ROWS(R) FOR_VECTORS(V) sum[r][j] *= alpha;                                       \
    if (beta != 0)                                                                       \
        FOR_ROWS(R)                                                                      \
    FOR_VECTORS(V)                                                                       \
    sum[r][j] =                                                                          \
        scale_add_##L(beta, *(const vector_##L *)(c + r * c_row + AT(L, V)), sum[r][j]);
#define FINISH(L, R, V)                                                                  \
    if (p->rectify)                                                                      \
        FOR_ROWS(R) FOR_VECTORS(V) sum[r][j] = rectify_##L(sum[r][j]);                   \
    if (p->where) {                                                                      \
        const cr_real *y = p->where;                                                     \
        const size_t y_row = p->where_row;                                               \
        FOR_ROWS(R)                                                                      \
        FOR_VECTORS(V)                                                                   \
        sum[r][j] =                                                                      \
            pass_##L(sum[r][j], *(const vector_##L *)(y + r * y_row + AT(L, V)));        \
    }
#define STORE(L, R, V)                                                                   \
    FOR_ROWS(R) FOR_VECTORS(V) * (vector_##L *)(c + r * c_row + AT(L, V)) = sum[r][j];

#define TILE(L, V, R)                                                                    \
    CR_NOT_COUNTED static void as_is_##L##_##V##_##R(const piece *p)                     \
    {                                                                                    \
        vector_##L sum[R][V];                                                            \
        const cr_real *restrict left[R], *restrict b = p->b;                             \
        const size_t b_row = p->b_row, end = p->end;                                     \
        FOR_ROWS(R) left[r] = p->a + r * p->a_row;                                       \
        if (p->bias)                                                                     \
            FOR_ROWS(R)                                                                  \
        FOR_VECTORS(V) sum[r][j] = *(const vector_##L *)(p->bias + AT(L, V));            \
        else FOR_ROWS(R) FOR_VECTORS(V) sum[r][j] = (vector_##L){0};                     \
        for (size_t k = 0, depth = p->depth; k < depth; k++, b += b_row) {               \
            ADD(L, R, V, left[r][k])                                                     \
        }                                                                                \
        SCALE(L, R, V)                                                                   \
        FINISH(L, R, V)                                                                  \
        STORE(L, R, V)                                                                   \
    }                                                                                    \
    CR_NOT_COUNTED static void transposed_##L##_##V##_##R(const piece *p)                \
    {                                                                                    \
        vector_##L sum[R][V];                                                            \
        const cr_real *restrict a = p->a, *restrict b = p->b;                            \
        const size_t a_row = p->a_row, b_row = p->b_row, end = p->end;                   \
        FOR_ROWS(R) FOR_VECTORS(V) sum[r][j] = (vector_##L){0};                          \
        for (size_t k = 0, depth = p->depth; k < depth; k++, b += b_row, a += a_row) {   \
            ADD(L, R, V, a[r])                                                           \
        }                                                                                \
        SCALE(L, R, V)                                                                   \
        STORE(L, R, V)                                                                   \
    }

#define TILES(L, V)                                                                      \
    TILE(L, V, 1)                                                                        \
    TILE(L, V, 2)                                                                        \
    TILE(L, V, 3)                                                                        \
    TILE(L, V, 4) TILE(L, V, 5) TILE(L, V, 6) TILE(L, V, 7) TILE(L, V, 8)

#define NARROW_TILES(L) TILES(L, 1) TILES(L, 2)
#define WIDE_TILES(L) TILES(L, 1) TILES(L, 2) TILES(L, 3) TILES(L, 4)

TILES(1, 1)
NARROW(NARROW_TILES)
WIDE(WIDE_TILES)

/* Tiles of so many vectors of so many values: [A is transposed][rows]. */
typedef struct tile_set {
    size_t lanes, vectors;
    tile *of[2][MOST_ROWS + 1];
} tile_set;

#define OF(kind, L, V)                                                                   \
    {                                                                                    \
        NULL, kind##_##L##_##V##_1, kind##_##L##_##V##_2, kind##_##L##_##V##_3,          \
            kind##_##L##_##V##_4, kind##_##L##_##V##_5, kind##_##L##_##V##_6,            \
            kind##_##L##_##V##_7, kind##_##L##_##V##_8                                   \
    }
#define SET(L, V)                                                                        \
    {                                                                                    \
        L, V,                                                                            \
        {                                                                                \
            OF(as_is, L, V), OF(transposed, L, V)                                        \
        }                                                                                \
    }
#define NARROW_SETS(L) SET(L, 1), SET(L, 2),
#define WIDE_SETS(L) SET(L, 1), SET(L, 2), SET(L, 3), SET(L, 4),

static const tile_set narrow[] = {SET(1, 1), NARROW(NARROW_SETS)};
static const tile_set wide[] = {WIDE(WIDE_SETS)};

/* The tiles for the next of n columns. */
static const tile_set *choose_tiles(size_t n)
{
    size_t vectors = (n + LANES - 1) / LANES, i = 0;
    if (n >= LANES)
        return &wide[(vectors == MOST_VECTORS + 1
                          ? (vectors + 1) / 2
                          : cr_size_smaller(vectors, MOST_VECTORS)) -
                     1];
    while (n > narrow[i].lanes * narrow[i].vectors)
        i++;
    return &narrow[i];
}

/* m rows of C from one panel of B: `first` is the tile of the first of them. */
static void multiply_panel(const tile_set *tiles, cr_transpose trans_a, size_t m,
                           const piece *first)
{
    size_t most = cr_size_smaller(MOST_ROWS, MOST_SUMS / tiles->vectors);
    size_t parts = (m + most - 1) / most; /* that differ by a row at most */
    bool transposed = trans_a == CR_TRANSPOSED;
    piece p = *first;
    for (size_t i = 0; i < parts; i++) {
        size_t at = m * i / parts, rows = m * (i + 1) / parts - at;
        p.a = first->a + (transposed ? at : at * p.a_row);
        p.c = first->c + at * p.c_row;
        p.where = first->where ? first->where + at * p.where_row : NULL;
        tiles->of[transposed][rows](&p);
    }
}

/* `width` columns of C. */
static void multiply_columns(const cr_gemm *o, const tile_set *tiles, size_t column,
                             size_t width)
{
    cr_real turned[DEEP * PANEL];
    piece p = {.depth = o->k,
               .end = width - tiles->lanes,
               .a = o->a,
               .a_row = o->lda,
               .b = o->b + column,
               .b_row = o->ldb,
               .c = o->c + column,
               .c_row = o->ldc,
               .alpha = (cr_real)o->alpha,
               .beta = (cr_real)o->beta,
               .bias = o->bias ? o->bias + column : NULL,
               .where = o->where ? o->where + column : NULL,
               .where_row = o->ldc,
               .rectify = o->rectify};
    if (o->trans_b == CR_TRANSPOSED) {
        cr_tile_transpose(width, o->k, o->b + column * o->ldb, o->ldb, turned, PANEL);
        p.b = turned;
        p.b_row = PANEL;
    }
    multiply_panel(tiles, o->trans_a, o->m, &p);
}

/* For sums of up to DEEP terms, as the next. */
static void multiply_tiles(const cr_gemm *o)
{
    for (size_t column = 0, width = 0; column < o->n; column += width) {
        const tile_set *tiles = choose_tiles(o->n - column);
        width = cr_size_smaller(tiles->vectors * tiles->lanes, o->n - column);
        multiply_columns(o, tiles, column, width);
    }
}

/* Cᵀ = op(B)ᵀ op(A)ᵀ, for a C that is narrower than a vector: with A transposed its rows
 * are columns of C. Each value is the same sum as it would be in C. */
static void multiply_sideways(const cr_gemm *o)
{
    enum { MOST = 256 };
    cr_real c[LANES * MOST];
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
                                  : multiply_add(beta, to[j], c[j * MOST + i]);
        }
    }
}

#define WIDEST(L) typedef vector_##L vector;
WIDE(WIDEST)

static inline vector multiply_add_vectors(vector a, vector b, vector c)
{
    vector sum;
    for (size_t i = 0; i < LANES; i++)
        sum[i] = multiply_add(a[i], b[i], c[i]);
    return sum;
}

static inline cr_real sum_of(vector v)
{
    cr_real sums[LANES];
    memcpy(sums, &v, sizeof v);
    CR_UNROLL
    for (size_t width = LANES / 2; width > 0; width /= 2)
        for (size_t j = 0; j < width; j++)
            sums[j] += sums[j + width];
    return sums[0];
}

/* A few columns of B, each as whole vectors; the last of them ends with the column, and
 * is 0 where it repeats values of the one before. */
typedef struct dots {
    size_t vectors, end; /* where the last vector begins */
    const vector *columns[MOST_DOTS];
} dots;

#define DOTS(R, N)                                                                       \
    CR_NOT_COUNTED static void dots_##R##_##N(const dots *d, const piece *p)             \
    {                                                                                    \
        vector sum[R][N];                                                                \
        const cr_real *restrict left[R];                                                 \
        FOR_ROWS(R) left[r] = p->a + r * p->a_row;                                       \
        FOR_ROWS(R) FOR_VECTORS(N) sum[r][j] = (vector){0};                              \
        for (size_t k = 0, last = d->vectors - 1; k <= last; k++) {                      \
            size_t at = k < last ? k * LANES : d->end;                                   \
            FOR_ROWS(R)                                                                  \
            {                                                                            \
                vector a = *(const vector *)(left[r] + at);                              \
                FOR_VECTORS(N)                                                           \
                sum[r][j] = multiply_add_vectors(a, d->columns[j][k], sum[r][j]);        \
            }                                                                            \
        }                                                                                \
        const cr_real alpha = p->alpha, beta = p->beta;                                  \
        const bool rectify = p->rectify;                                                 \
        cr_real value[R][N], bias[N];                                                    \
        FOR_VECTORS(N) bias[j] = p->bias ? p->bias[j] : 0;                               \
        FOR_ROWS(R) FOR_VECTORS(N) value[r][j] = alpha * sum_of(sum[r][j]) + bias[j];    \
        FOR_ROWS(R)                                                                      \
        {                                                                                \
            cr_real *to = p->c + r * p->c_row;                                           \
            FOR_VECTORS(N)                                                               \
            {                                                                            \
                cr_real c = value[r][j];                                                 \
                c = beta == 0 ? c : multiply_add(beta, to[j], c);                        \
                to[j] = rectify ? rectify_1(c) : c;                                      \
            }                                                                            \
        }                                                                                \
    }

DOTS(1, 1)
DOTS(1, 2)
DOTS(1, 3)
DOTS(1, 4)
DOTS(4, 1)
DOTS(4, 2)
DOTS(4, 3)
DOTS(4, 4)

static void (*const dot_tiles[2][MOST_DOTS])(const dots *d, const piece *p) = {
    {dots_1_1, dots_1_2, dots_1_3, dots_1_4}, {dots_4_1, dots_4_2, dots_4_3, dots_4_4}};

/* A C of few columns: each value is the sum of one vector. */
static void multiply_dots(const cr_gemm *o)
{
    cr_real columns[MOST_DOTS][LONGEST_DOT];
    size_t vectors = (o->k + LANES - 1) / LANES;
    dots d = {.vectors = vectors, .end = o->k - LANES};
    for (size_t j = 0; j < o->n; j++) {
        cr_real *column = columns[j];
        d.columns[j] = (const vector *)column;
        for (size_t k = 0; k < (vectors - 1) * LANES; k++)
            column[k] = o->b[k * o->ldb + j];
        for (size_t k = 0; k < LANES; k++)
            column[(vectors - 1) * LANES + k] =
                d.end + k < (vectors - 1) * LANES ? 0 : o->b[(d.end + k) * o->ldb + j];
    }
    piece p = {.a_row = o->lda,
               .c_row = o->ldc,
               .alpha = (cr_real)o->alpha,
               .beta = (cr_real)o->beta,
               .bias = o->bias,
               .rectify = o->rectify};
    for (size_t i = 0, rows = 0; i < o->m; i += rows) {
        rows = i + DOT_ROWS <= o->m ? DOT_ROWS : 1;
        p.a = o->a + i * o->lda;
        p.c = o->c + i * o->ldc;
        dot_tiles[rows > 1][o->n - 1](&d, &p);
    }
}

void cr_small_gemm(const cr_gemm *product)
{
    const cr_gemm *o = product;
    bool a_as_is = o->trans_a == CR_AS_IS, b_as_is = o->trans_b == CR_AS_IS;
    if (a_as_is && b_as_is && !o->where && o->n <= MOST_DOTS && o->k >= SHORTEST_DOT &&
        o->k <= LONGEST_DOT) {
        multiply_dots(o);
        return;
    }
    bool sideways =
        !a_as_is && b_as_is && o->n < LANES && o->m >= LANES && o->k >= LEAST_SIDEWAYS;
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
        (sideways ? multiply_sideways : multiply_tiles)(&part);
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
