#include "math/gemm_dots.h"

#include "base/processor.h"
#include "math/gemm_tile.h"

#include <string.h>

enum {
    MOST_DOTS = CR_VECTORS_LANES < 4 ? CR_VECTORS_LANES : 4, /* columns */
    SHORTEST_DOT = CR_VECTORS_LANES,
    LONGEST_DOT = 1024
};

#define FOR_ROWS(R) CR_UNROLL for (size_t r = 0; r < (R); r++)
#define FOR_VECTORS(V) CR_UNROLL for (size_t j = 0; j < (V); j++)

/* Lane p of the halves of two vectors' blocks of 2 w lanes, block after block of one and of
 * the other: their first halves for h = 0, else their second ones. */
#define TAKEN(p, w, h)                                                                   \
    (p) / (w) % 2 * CR_VECTORS_LANES + (p) / (2 * (w)) * 2 * (w) + (p) % (w) + (h) * (w)
#define TAKEN_2(p, w, h) TAKEN(p, w, h), TAKEN((p) + 1, w, h)
#define TAKEN_4(p, w, h) TAKEN_2(p, w, h), TAKEN_2((p) + 2, w, h)
#define TAKEN_8(p, w, h) TAKEN_4(p, w, h), TAKEN_4((p) + 4, w, h)
#define TAKEN_16(p, w, h) TAKEN_8(p, w, h), TAKEN_8((p) + 8, w, h)

/* Of 2 w vectors, w of the sums of halves of their blocks. */
#define ADD_HALVES(L, v, w)                                                              \
    CR_UNROLL for (size_t i = 0; i < (w); i++) v[i] =                                    \
        __builtin_shufflevector(v[i], v[i + (w)], TAKEN_##L(0, w, 0)) +                  \
        __builtin_shufflevector(v[i], v[i + (w)], TAKEN_##L(0, w, 1));

/* The sums of L vectors, each in its own lane of v[0]. */
#define ADD_2(L, v) ADD_HALVES(L, v, 1)
#define ADD_4(L, v) ADD_HALVES(L, v, 2) ADD_2(L, v)
#define ADD_8(L, v) ADD_HALVES(L, v, 4) ADD_4(L, v)
#define ADD_16(L, v) ADD_HALVES(L, v, 8) ADD_8(L, v)
#define LANES(L)                                                                         \
    static inline cr_vector sums_of(cr_vector v[L])                                      \
    {                                                                                    \
        ADD_##L(L, v) return v[0];                                                       \
    }                                                                                    \
    static inline cr_vector scale_add(cr_real a, cr_vector b, cr_vector c)               \
    {                                                                                    \
        return cr_scale_add_##L(a, b, c);                                                \
    }                                                                                    \
    static inline cr_vector rectify(cr_vector v)                                         \
    {                                                                                    \
        return cr_rectify_##L(v);                                                        \
    }
CR_VECTORS_WIDE(LANES)

/* A few columns of B, each as whole vectors; the last of them ends with the column, and
 * is 0 where it repeats values of the one before. */
typedef struct dots {
    size_t vectors, end; /* where the last cr_vector begins */
    const cr_vector *columns[MOST_DOTS];
    cr_vector bias; /* of as many rows as there are dots in a vector */
} dots;

/* R rows of C, which are R N values on end. */
#define DOTS(name, N, R)                                                                 \
    CR_NOT_COUNTED static void name##_##N(const dots *d, const cr_gemm_tile *p)          \
    {                                                                                    \
        cr_vector sum[CR_VECTORS_LANES], c = {0};                                        \
        const cr_real *restrict left[R];                                                 \
        FOR_ROWS(R) left[r] = p->a + r * p->a_row;                                       \
        FOR_ROWS(CR_VECTORS_LANES) sum[r] = (cr_vector){0};                              \
        for (size_t k = 0, last = d->vectors - 1; k <= last; k++) {                      \
            size_t at = k < last ? k * CR_VECTORS_LANES : d->end;                        \
            FOR_ROWS(R)                                                                  \
            {                                                                            \
                cr_vector a = *(const cr_vector *)(left[r] + at);                        \
                CR_IN_REGISTER(a);                                                       \
                FOR_VECTORS(N)                                                           \
                sum[r * (N) + j] =                                                       \
                    cr_vectors_multiply_add(a, d->columns[j][k], sum[r * (N) + j]);      \
            }                                                                            \
        }                                                                                \
        cr_vector value = scale_add(p->alpha, sums_of(sum), d->bias);                    \
        if (p->beta != 0) {                                                              \
            memcpy(&c, p->c, (R) * (N) * sizeof(cr_real));                               \
            value = scale_add(p->beta, c, value);                                        \
        }                                                                                \
        value = p->rectify ? rectify(value) : value;                                     \
        memcpy(p->c, &value, (R) * (N) * sizeof(cr_real));                               \
    }
#define ALL_DOTS(N) DOTS(many, N, CR_VECTORS_LANES / (N)) DOTS(one, N, 1)
ALL_DOTS(1)
ALL_DOTS(2)
#if CR_VECTORS_LANES < 4
#define EACH(name) name##_1, name##_2
#else
ALL_DOTS(3)
ALL_DOTS(4)
#define EACH(name) name##_1, name##_2, name##_3, name##_4
#endif

/* [several rows][columns - 1] */
static void (*const dot_tiles[2][MOST_DOTS])(const dots *d, const cr_gemm_tile *p) = {
    {EACH(one)}, {EACH(many)}};

/* Column j of B, as whole vectors. */
static void take_column(const cr_gemm *o, const dots *d, size_t j, cr_real *column)
{
    size_t whole = (d->vectors - 1) * CR_VECTORS_LANES;
    for (size_t k = 0; k < whole; k++)
        column[k] = o->b[k * o->ldb + j];
    for (size_t k = 0; k < CR_VECTORS_LANES; k++)
        column[whole + k] = d->end + k < whole ? 0 : o->b[(d->end + k) * o->ldb + j];
}

void cr_gemm_dots_multiply(const cr_gemm *product)
{
    const cr_gemm *o = product;
    cr_real columns[MOST_DOTS][LONGEST_DOT], bias[CR_VECTORS_LANES] = {0};
    size_t vectors = (o->k + CR_VECTORS_LANES - 1) / CR_VECTORS_LANES;
    size_t many = CR_VECTORS_LANES / o->n;
    dots d = {.vectors = vectors, .end = o->k - CR_VECTORS_LANES};
    for (size_t j = 0; j < o->n; j++) {
        d.columns[j] = (const cr_vector *)columns[j];
        take_column(o, &d, j, columns[j]);
        for (size_t r = 0; o->bias && r < many; r++)
            bias[r * o->n + j] = o->bias[j];
    }
    memcpy(&d.bias, bias, sizeof bias);
    cr_gemm_tile p = {.a_row = o->lda,
                      .alpha = (cr_real)o->alpha,
                      .beta = (cr_real)o->beta,
                      .rectify = o->rectify};
    for (size_t i = 0, rows = 0; i < o->m; i += rows) {
        rows = i + many <= o->m ? many : 1;
        p.a = o->a + i * o->lda;
        p.c = o->c + i * o->n;
        dot_tiles[rows > 1][o->n - 1](&d, &p);
    }
}

bool cr_gemm_dots_fit(const cr_gemm *product)
{
    const cr_gemm *o = product;
    return o->trans_a == CR_AS_IS && o->trans_b == CR_AS_IS && !o->where &&
           o->ldc == o->n && o->n <= MOST_DOTS && o->k >= SHORTEST_DOT &&
           o->k <= LONGEST_DOT;
}
