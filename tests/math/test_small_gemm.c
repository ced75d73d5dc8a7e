/* Products of our own kernels against the plain sum, and against themselves. */
#include "fixture.h"
#include "math/small_gemm.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Values that are no whole numbers, so that their order in a sum shows in its bits. */
static void fill(size_t n, uint32_t seed, cr_real *values)
{
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525 + 1013904223;
        values[i] = (cr_real)((double)(seed >> 8) / (1 << 23) - 1);
    }
}

static double at(cr_transpose transposed, const cr_real *x, size_t stride, size_t i,
                 size_t j)
{
    return transposed ? x[j * stride + i] : x[i * stride + j];
}

/* A product with rows of memory of their own length, each in its own block, so that the
 * sanitizers see what is read outside. */
typedef struct sample {
    cr_gemm p;
    cr_real *a, *b, *c, *before;
    size_t c_size;
} sample;

static void make(sample *s, size_t gap)
{
    cr_gemm *p = &s->p;
    size_t a_rows = p->trans_a ? p->k : p->m, a_columns = p->trans_a ? p->m : p->k;
    size_t b_rows = p->trans_b ? p->n : p->k, b_columns = p->trans_b ? p->k : p->n;
    p->lda = a_columns + gap;
    p->ldb = b_columns + gap;
    p->ldc = p->n + gap;
    size_t a_size = (a_rows - 1) * p->lda + a_columns;
    size_t b_size = (b_rows - 1) * p->ldb + b_columns;
    s->c_size = (p->m - 1) * p->ldc + p->n;
    s->a = test_malloc(a_size * sizeof *s->a);
    s->b = test_malloc(b_size * sizeof *s->b);
    s->c = test_malloc(s->c_size * sizeof *s->c);
    s->before = test_malloc(s->c_size * sizeof *s->c);
    fill(a_size, 1, s->a);
    fill(b_size, 2, s->b);
    fill(s->c_size, 3, s->before);
    memcpy(s->c, s->before, s->c_size * sizeof *s->c);
    p->a = s->a;
    p->b = s->b;
    p->c = s->c;
}

static void discard(sample *s)
{
    test_free(s->a);
    test_free(s->b);
    test_free(s->c);
    test_free(s->before);
}

/* Every value of C within the rounding of its sum, and nothing else written. */
static void check(const sample *s)
{
    const cr_gemm *p = &s->p;
    const double epsilon = sizeof(cr_real) == 4 ? FLT_EPSILON : DBL_EPSILON;
    for (size_t i = 0; i < p->m; i++)
        for (size_t j = 0; j < p->n; j++) {
            long double sum = 0, size = 0;
            for (size_t k = 0; k < p->k; k++) {
                double term = at(p->trans_a, p->a, p->lda, i, k) *
                              at(p->trans_b, p->b, p->ldb, k, j);
                sum += term;
                size += fabs(term);
            }
            double before = s->before[i * p->ldc + j];
            double wanted =
                (double)(p->alpha * sum) + (p->beta == 0 ? 0 : p->beta * before);
            double bound = epsilon *
                           (fabs(p->alpha) * (double)size + fabs(p->beta * before) + 1) *
                           (2 + sqrt((double)p->k));
            if (fabs(s->c[i * p->ldc + j] - wanted) > bound)
                fail_msg("%d%d %zu %zu %zu: C[%zu, %zu] is %g, not %g", p->trans_a,
                         p->trans_b, p->m, p->n, p->k, i, j, (double)s->c[i * p->ldc + j],
                         wanted);
        }
    for (size_t i = 0; i < s->c_size; i++)
        if (i % p->ldc >= p->n)
            assert_true(s->c[i] == s->before[i]);
}

/* With sanitizers a product takes twenty times as long: there it is every fifth. */
#ifdef __SANITIZE_ADDRESS__
enum { STEP = 5 };
#else
enum { STEP = 1 };
#endif

/* Calls visit with products around every edge: of tiles, vectors and long sums. */
static void for_each_shape(void (*visit)(sample *s))
{
    static const size_t ms[] = {1, 2, 7, 8, 9, 17, 33, 70},
                        ks[] = {1, 2, 3, 16, 31, 40, 256, 257, 300};
    static const size_t ns[] = {1,  2,  3,  4,  5,  7,  8,  9,  10,  15,
                                16, 17, 31, 33, 48, 64, 65, 80, 100, 130};
    size_t count = 0;
    for (size_t i = 0; i < sizeof ms / sizeof *ms; i++)
        for (size_t j = 0; j < sizeof ns / sizeof *ns; j++)
            for (size_t k = 0; k < sizeof ks / sizeof *ks; k++)
                for (int kind = 0; kind < 4; kind++) {
                    if (count++ % STEP > 0)
                        continue;
                    sample s = {.p = {.trans_a = kind & 1 ? CR_TRANSPOSED : CR_AS_IS,
                                      .trans_b = kind & 2 ? CR_TRANSPOSED : CR_AS_IS,
                                      .m = ms[i],
                                      .n = ns[j],
                                      .k = ks[k]}};
                    visit(&s);
                }
}

static void visit_alpha_and_beta(sample *s)
{
    static const double factors[][2] = {{1, 0}, {-0.25, 1}, {0.5, 0.75}};
    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
        s->p.alpha = factors[i][0];
        s->p.beta = factors[i][1];
        make(s, i);
        cr_small_gemm(&s->p);
        check(s);
        discard(s);
    }
}

static void test_small_gemm_is_the_product(void **state)
{
    (void)state;
    for_each_shape(visit_alpha_and_beta);
}

static void test_small_gemm_overwrites_what_beta_0_leaves(void **state)
{
    (void)state;
    sample s = {.p = {.m = 9, .n = 37, .k = 5, .alpha = 1}};
    make(&s, 0);
    for (size_t i = 0; i < s.c_size; i++)
        s.c[i] = (cr_real)NAN;
    cr_small_gemm(&s.p);
    check(&s);
    discard(&s);
}

/* Rows of C do not depend on how many there are. */
static void visit_rows(sample *s)
{
    s->p.alpha = 0.3;
    s->p.beta = 0.7;
    make(s, 0);
    cr_small_gemm(&s->p);
    cr_real *whole = test_malloc(s->c_size * sizeof *whole);
    memcpy(whole, s->c, s->c_size * sizeof *whole);
    memcpy(s->c, s->before, s->c_size * sizeof *s->c);
    cr_gemm part = s->p;
    for (size_t i = 0; i < s->p.m; i += part.m) {
        part.m = s->p.m - i < 3 ? s->p.m - i : 3;
        part.a = s->p.a + (s->p.trans_a ? i : i * s->p.lda);
        part.c = s->c + i * s->p.ldc;
        cr_small_gemm(&part);
    }
    assert_memory_equal(whole, s->c, s->c_size * sizeof *whole);
    test_free(whole);
    discard(s);
}

/* Rows of B that are so long that columns of it are copied, beside those that are not. */
static void test_small_gemm_is_the_product_of_long_rows(void **state)
{
    static const size_t ms[] = {63, 64, 70}, ks[] = {31, 32, 300};
    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 3; k++) {
            sample s = {.p = {.trans_a = i == 2 ? CR_TRANSPOSED : CR_AS_IS,
                              .m = ms[i],
                              .n = 300,
                              .k = ks[k]}};
            visit_alpha_and_beta(&s);
            visit_rows(&s);
        }
}

static void test_small_gemm_has_the_same_bits_however_rows_are_split(void **state)
{
    (void)state;
    for_each_shape(visit_rows);
}

static void test_small_gemm_keeps_nan_in_its_row(void **state)
{
    (void)state;
    for (size_t n = 1; n < 40; n++) {
        sample s = {.p = {.m = 5, .n = n, .k = 37, .alpha = 1}};
        make(&s, 0);
        s.a[2 * s.p.lda + 36] = (cr_real)NAN;
        cr_small_gemm(&s.p);
        for (size_t i = 0; i < 5; i++)
            for (size_t j = 0; j < n; j++)
                assert_int_equal(isnan(s.c[i * s.p.ldc + j]), i == 2);
        discard(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_gemm_is_the_product),
        cmocka_unit_test(test_small_gemm_is_the_product_of_long_rows),
        cmocka_unit_test(test_small_gemm_overwrites_what_beta_0_leaves),
        cmocka_unit_test(test_small_gemm_has_the_same_bits_however_rows_are_split),
        cmocka_unit_test(test_small_gemm_keeps_nan_in_its_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
