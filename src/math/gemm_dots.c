#include "math/gemm_dots.h"

#include "base/processor.h"
#include "math/gemm_tile.h"

#include <string.h>

enum {
    MOST_DOTS = 4, /* columns */
    DOT_ROWS = 4,
    SHORTEST_DOT = 2 * CR_VECTORS_LANES,
    LONGEST_DOT = 1024
};

#define FOR_ROWS(R) CR_UNROLL for (size_t r = 0; r < (R); r++)
#define FOR_VECTORS(V) CR_UNROLL for (size_t j = 0; j < (V); j++)

static inline cr_real sum_of(cr_vector v)
{
    cr_real sums[CR_VECTORS_LANES];
    memcpy(sums, &v, sizeof v);
    CR_UNROLL
    for (size_t width = CR_VECTORS_LANES / 2; width > 0; width /= 2)
        for (size_t j = 0; j < width; j++)
            sums[j] += sums[j + width];
    return sums[0];
}

/* A few columns of B, each as whole vectors; the last of them ends with the column, and
 * is 0 where it repeats values of the one before. */
typedef struct dots {
    size_t vectors, end; /* where the last cr_vector begins */
    const cr_vector *columns[MOST_DOTS];
} dots;

#define DOTS(R, N)                                                                       \
    CR_NOT_COUNTED static void dots_##R##_##N(const dots *d, const cr_gemm_tile *p)      \
    {                                                                                    \
        cr_vector sum[R][N];                                                             \
        const cr_real *restrict left[R];                                                 \
        FOR_ROWS(R) left[r] = p->a + r * p->a_row;                                       \
        FOR_ROWS(R) FOR_VECTORS(N) sum[r][j] = (cr_vector){0};                           \
        for (size_t k = 0, last = d->vectors - 1; k <= last; k++) {                      \
            size_t at = k < last ? k * CR_VECTORS_LANES : d->end;                        \
            FOR_ROWS(R)                                                                  \
            {                                                                            \
                cr_vector a = *(const cr_vector *)(left[r] + at);                        \
                FOR_VECTORS(N)                                                           \
                sum[r][j] = cr_vectors_multiply_add(a, d->columns[j][k], sum[r][j]);     \
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
                c = beta == 0 ? c : cr_multiply_add(beta, to[j], c);                     \
                to[j] = rectify ? cr_rectify_1(c) : c;                                   \
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

static void (*const dot_tiles[2][MOST_DOTS])(const dots *d, const cr_gemm_tile *p) = {
    {dots_1_1, dots_1_2, dots_1_3, dots_1_4}, {dots_4_1, dots_4_2, dots_4_3, dots_4_4}};

void cr_gemm_dots_multiply(const cr_gemm *product)
{
    const cr_gemm *o = product;
    cr_real columns[MOST_DOTS][LONGEST_DOT];
    size_t vectors = (o->k + CR_VECTORS_LANES - 1) / CR_VECTORS_LANES;
    dots d = {.vectors = vectors, .end = o->k - CR_VECTORS_LANES};
    for (size_t j = 0; j < o->n; j++) {
        cr_real *column = columns[j];
        d.columns[j] = (const cr_vector *)column;
        for (size_t k = 0; k < (vectors - 1) * CR_VECTORS_LANES; k++)
            column[k] = o->b[k * o->ldb + j];
        for (size_t k = 0; k < CR_VECTORS_LANES; k++)
            column[(vectors - 1) * CR_VECTORS_LANES + k] =
                d.end + k < (vectors - 1) * CR_VECTORS_LANES
                    ? 0
                    : o->b[(d.end + k) * o->ldb + j];
    }
    cr_gemm_tile p = {.a_row = o->lda,
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

bool cr_gemm_dots_fit(const cr_gemm *product)
{
    const cr_gemm *o = product;
    return o->trans_a == CR_AS_IS && o->trans_b == CR_AS_IS && !o->where &&
           o->n <= MOST_DOTS && o->k >= SHORTEST_DOT && o->k <= LONGEST_DOT;
}
