#include "math/gemm_shallow.h"

#include "base/processor.h"

enum { DEEPEST = CR_VECTORS_REGISTERS == 32 ? 4 : 2, MOST_VECTORS = 4 };

typedef void panel(const cr_gemm_tile *p, size_t m);

#define FOR_VECTORS(V) CR_UNROLL for (size_t j = 0; j < (V); j++)
#define AT(L, V) (j + 1 < (V) ? j * (L) : end)

#define PANEL(L, V, K)                                                                   \
    CR_NOT_COUNTED static void panel_##L##_##V##_##K(const cr_gemm_tile *p, size_t m)    \
    {                                                                                    \
        const size_t end = p->end, a_row = p->a_row, c_row = p->c_row,                   \
                     where_row = p->where_row;                                           \
        const cr_real alpha = p->alpha, beta = p->beta;                                  \
        const cr_real *a = p->a, *where = p->where;                                      \
        const bool rectify = p->rectify;                                                 \
        cr_real *c = p->c;                                                               \
        cr_vector_##L b[K][V], bias[V];                                                  \
        FOR_VECTORS(V)                                                                   \
        bias[j] =                                                                        \
            p->bias ? *(const cr_vector_##L *)(p->bias + AT(L, V)) : (cr_vector_##L){0}; \
        CR_UNROLL                                                                        \
        for (size_t k = 0; k < (K); k++)                                                 \
            FOR_VECTORS(V)                                                               \
        b[k][j] = *(const cr_vector_##L *)(p->b + k * p->b_row + AT(L, V));              \
        for (size_t i = 0; i < m; i++, a += a_row, c += c_row) {                         \
            cr_vector_##L sum[V];                                                        \
            FOR_VECTORS(V) sum[j] = bias[j];                                             \
            CR_UNROLL                                                                    \
            for (size_t k = 0; k < (K); k++)                                             \
                FOR_VECTORS(V) sum[j] = cr_scale_add_##L(a[k], b[k][j], sum[j]);         \
            if (alpha != 1)                                                              \
                FOR_VECTORS(V) sum[j] *= alpha;                                          \
            if (beta != 0)                                                               \
                FOR_VECTORS(V)                                                           \
            sum[j] =                                                                     \
                cr_scale_add_##L(beta, *(const cr_vector_##L *)(c + AT(L, V)), sum[j]);  \
            if (rectify)                                                                 \
                FOR_VECTORS(V) sum[j] = cr_rectify_##L(sum[j]);                          \
            if (where) {                                                                 \
                FOR_VECTORS(V)                                                           \
                sum[j] =                                                                 \
                    cr_pass_##L(sum[j], *(const cr_vector_##L *)(where + AT(L, V)));     \
                where += where_row;                                                      \
            }                                                                            \
            FOR_VECTORS(V) * (cr_vector_##L *)(c + AT(L, V)) = sum[j];                   \
        }                                                                                \
    }

#define PANELS(L, V) PANEL(L, V, 1) PANEL(L, V, 2) PANEL(L, V, 3) PANEL(L, V, 4)
#define WIDE_PANELS(L) PANELS(L, 1) PANELS(L, 2) PANELS(L, 3) PANELS(L, 4)
CR_VECTORS_WIDE(WIDE_PANELS)

#define OF(L, V)                                                                         \
    {                                                                                    \
        panel_##L##_##V##_1, panel_##L##_##V##_2, panel_##L##_##V##_3,                   \
            panel_##L##_##V##_4                                                          \
    }
#define WIDE_OF(L) OF(L, 1), OF(L, 2), OF(L, 3), OF(L, 4)

/* [vectors - 1][terms - 1] */
static panel *const panels[MOST_VECTORS][4] = {CR_VECTORS_WIDE(WIDE_OF)};

bool cr_gemm_shallow_fit(const cr_gemm_tile_set *tiles, size_t depth)
{
    return depth <= DEEPEST && tiles->lanes == CR_VECTORS_LANES &&
           tiles->vectors <= MOST_VECTORS;
}

void cr_gemm_shallow_multiply(const cr_gemm_tile_set *tiles, const cr_gemm_tile *first,
                              size_t m)
{
    panels[tiles->vectors - 1][first->depth - 1](first, m);
}
