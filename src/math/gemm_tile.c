#include "math/gemm_tile.h"

#include "base/processor.h"
#include "base/size.h"

#define FOR_ROWS(R) CR_UNROLL for (size_t r = 0; r < (R); r++)
#define FOR_VECTORS(V) CR_UNROLL for (size_t j = 0; j < (V); j++)
#define AT(L, V) (j + 1 < (V) ? j * (L) : end)

/* sum += a column of A by a row of B; FACTOR is the column's value in row r */
#define ADD(L, R, V, FACTOR)                                                             \
    cr_vector_##L row[V];                                                                \
    FOR_VECTORS(V)                                                                       \
    {                                                                                    \
        row[j] = *(const cr_vector_##L *)(b + AT(L, V));                                 \
        CR_IN_REGISTER(row[j]);                                                          \
    }                                                                                    \
    FOR_ROWS(R) FOR_VECTORS(V) sum[r][j] = cr_scale_add_##L(FACTOR, row[j], sum[r][j]);

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
    sum[r][j] = cr_scale_add_##L(                                                        \
        beta, *(const cr_vector_##L *)(c + r * c_row + AT(L, V)), sum[r][j]);
#define FINISH(L, R, V)                                                                  \
    if (p->rectify)                                                                      \
        FOR_ROWS(R) FOR_VECTORS(V) sum[r][j] = cr_rectify_##L(sum[r][j]);                \
    if (p->where) {                                                                      \
        const cr_real *y = p->where;                                                     \
        const size_t y_row = p->where_row;                                               \
        FOR_ROWS(R)                                                                      \
        FOR_VECTORS(V)                                                                   \
        sum[r][j] =                                                                      \
            cr_pass_##L(sum[r][j], *(const cr_vector_##L *)(y + r * y_row + AT(L, V)));  \
    }
#define STORE(L, R, V)                                                                   \
    FOR_ROWS(R) FOR_VECTORS(V) * (cr_vector_##L *)(c + r * c_row + AT(L, V)) = sum[r][j];

#define TILE(L, V, R)                                                                    \
    CR_NOT_COUNTED static void as_is_##L##_##V##_##R(const cr_gemm_tile *p)              \
    {                                                                                    \
        cr_vector_##L sum[R][V];                                                         \
        const cr_real *restrict left[R], *restrict b = p->b;                             \
        const size_t b_row = p->b_row, end = p->end;                                     \
        FOR_ROWS(R) left[r] = p->a + r * p->a_row;                                       \
        if (p->bias)                                                                     \
            FOR_ROWS(R)                                                                  \
        FOR_VECTORS(V) sum[r][j] = *(const cr_vector_##L *)(p->bias + AT(L, V));         \
        else FOR_ROWS(R) FOR_VECTORS(V) sum[r][j] = (cr_vector_##L){0};                  \
        for (size_t k = 0, depth = p->depth; k < depth; k++, b += b_row) {               \
            ADD(L, R, V, left[r][k])                                                     \
        }                                                                                \
        SCALE(L, R, V)                                                                   \
        FINISH(L, R, V)                                                                  \
        STORE(L, R, V)                                                                   \
    }                                                                                    \
    CR_NOT_COUNTED static void transposed_##L##_##V##_##R(const cr_gemm_tile *p)         \
    {                                                                                    \
        cr_vector_##L sum[R][V];                                                         \
        const cr_real *restrict a = p->a, *restrict b = p->b;                            \
        const size_t a_row = p->a_row, b_row = p->b_row, end = p->end;                   \
        FOR_ROWS(R) FOR_VECTORS(V) sum[r][j] = (cr_vector_##L){0};                       \
        for (size_t k = 0, depth = p->depth; k < depth; k++, b += b_row, a += a_row) {   \
            ADD(L, R, V, a[r])                                                           \
        }                                                                                \
        SCALE(L, R, V)                                                                   \
        STORE(L, R, V)                                                                   \
    }

#define THREE_TILES(L, V) TILE(L, V, 1) TILE(L, V, 2) TILE(L, V, 3)
#define FOUR_TILES(L, V) THREE_TILES(L, V) TILE(L, V, 4)
#define SIX_TILES(L, V) FOUR_TILES(L, V) TILE(L, V, 5) TILE(L, V, 6)
#define EIGHT_TILES(L, V) SIX_TILES(L, V) TILE(L, V, 7) TILE(L, V, 8)

#define NARROW_TILES(L) EIGHT_TILES(L, 1) EIGHT_TILES(L, 2)
#define WIDE_TILES(L)                                                                    \
    EIGHT_TILES(L, 1) EIGHT_TILES(L, 2) EIGHT_TILES(L, 3) SIX_TILES(L, 4)
#define LOW_TILES(L)                                                                     \
    THREE_TILES(L, 5) THREE_TILES(L, 6) THREE_TILES(L, 7) THREE_TILES(L, 8)

FOUR_TILES(1, 1)
CR_VECTORS_NARROW(NARROW_TILES)
CR_VECTORS_WIDE(WIDE_TILES)
#if CR_VECTORS_REGISTERS == 32
CR_VECTORS_WIDE(LOW_TILES)
#endif

#define THREE_OF(kind, L, V)                                                             \
    NULL, kind##_##L##_##V##_1, kind##_##L##_##V##_2, kind##_##L##_##V##_3
#define FOUR_OF(kind, L, V) THREE_OF(kind, L, V), kind##_##L##_##V##_4
#define SIX_OF(kind, L, V) FOUR_OF(kind, L, V), kind##_##L##_##V##_5, kind##_##L##_##V##_6
#define EIGHT_OF(kind, L, V)                                                             \
    SIX_OF(kind, L, V), kind##_##L##_##V##_7, kind##_##L##_##V##_8
#define SET(L, V, rows, OF)                                                              \
    {                                                                                    \
        L, V, rows,                                                                      \
        {                                                                                \
            {OF(as_is, L, V)},                                                           \
            {                                                                            \
                OF(transposed, L, V)                                                     \
            }                                                                            \
        }                                                                                \
    }
#define NARROW_SETS(L) SET(L, 1, 8, EIGHT_OF), SET(L, 2, 8, EIGHT_OF),
#define WIDE_SETS(L)                                                                     \
    SET(L, 1, 8, EIGHT_OF), SET(L, 2, 8, EIGHT_OF), SET(L, 3, 8, EIGHT_OF),              \
        SET(L, 4, 6, SIX_OF),
#define LOW_SETS(L)                                                                      \
    SET(L, 5, 3, THREE_OF), SET(L, 6, 3, THREE_OF), SET(L, 7, 3, THREE_OF),              \
        SET(L, 8, 3, THREE_OF),

static const cr_gemm_tile_set narrow[] = {SET(1, 1, 4, FOUR_OF),
                                          CR_VECTORS_NARROW(NARROW_SETS)};
static const cr_gemm_tile_set wide[] = {CR_VECTORS_WIDE(WIDE_SETS)
#if CR_VECTORS_REGISTERS == 32
                                            CR_VECTORS_WIDE(LOW_SETS)
#endif
};

const cr_gemm_tile_set *cr_gemm_tile_choose(size_t n, size_t most)
{
    size_t vectors = (n + CR_VECTORS_LANES - 1) / CR_VECTORS_LANES, i = 0;
    if (n >= CR_VECTORS_LANES)
        return &wide[(vectors == most + 1 ? (vectors + 1) / 2
                                          : cr_size_smaller(vectors, most)) -
                     1];
    while (n > narrow[i].lanes * narrow[i].vectors)
        i++;
    if (i + 1 < sizeof narrow / sizeof *narrow && narrow[i + 1].lanes == n)
        i++; /* one vector in place of two */
    return &narrow[i];
}
