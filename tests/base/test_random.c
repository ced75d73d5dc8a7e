/* Philox against published vectors and an independent implementation; draws against their
 * definitions. */
#include "fixture.h"
#include "golden/golden.h"

static void test_random_block_known_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden_philox / sizeof golden_philox[0]; i++) {
        const uint32_t *c = golden_philox[i].counter, *k = golden_philox[i].key;
        uint32_t out[4];
        cr_random_block((uint64_t)k[1] << 32 | k[0], (cr_purpose)c[3], c[2],
                        (uint64_t)c[1] << 32 | c[0], out);
        assert_memory_equal(out, golden_philox[i].output, sizeof out);
    }
}

static void test_random_normal_moments(void **state)
{
    (void)state;
    enum { N = 100000 };
    static double x[N];
    cr_random_normal(7, CR_FOR_INIT, 3, 0, N, x);
    double mean = 0, variance = 0, fourth = 0;
    for (size_t i = 0; i < N; i++)
        mean += x[i] / N;
    for (size_t i = 0; i < N; i++) {
        double d = x[i] - mean;
        variance += d * d / N;
        fourth += d * d * d * d / N;
    }
    /* 5 standard errors: of the mean 1/√N, of the variance √(2/N), of the fourth moment
     * √(96/N) */
    assert_true(fabs(mean) < 5 * sqrt(1.0 / N));
    assert_true(fabs(variance - 1) < 5 * sqrt(2.0 / N));
    assert_true(fabs(fourth - 3) < 5 * sqrt(96.0 / N));
}

static void test_random_normal_does_not_depend_on_where_one_starts(void **state)
{
    (void)state;
    double all[100], some[31];
    cr_random_normal(7, CR_FOR_INIT, 3, 0, 100, all);
    cr_random_normal(7, CR_FOR_INIT, 3, 42, 31, some);
    assert_memory_equal(some, all + 42, sizeof some);
}

/* Shorter and longer, of more streams than are kept, and past what is kept of one. */
static void test_kept_draws_are_those_that_would_be_made(void **state)
{
    (void)state;
    enum { MOST = 20000 };
    static double x[MOST], y[MOST];
    cr_kept_draws *kept = cr_kept_draws_create(NULL);
    assert_non_null(kept);
    for (uint32_t i = 0; i < 200; i++) {
        uint64_t first = i * 74 % 3000, seed = i % 7;
        uint32_t stream = i % 5;
        size_t count = i == 150 ? MOST : i * 37 % 1000;
        cr_random_normal(seed, CR_FOR_INIT, stream, first, count, x);
        cr_kept_draws_normal(i % 11 ? kept : NULL, seed, stream, first, count, y);
        assert_memory_equal(y, x, count * sizeof *x);
    }
    cr_kept_draws_destroy(kept);
}

static void test_random_uniform_range(void **state)
{
    (void)state;
    double x[1001], mean = 0;
    cr_random_uniform(1, CR_FOR_SPLIT, 0, 0, 1001, x);
    for (size_t i = 0; i < 1001; i++) {
        assert_true(x[i] >= 0 && x[i] < 1);
        mean += x[i] / 1001;
    }
    assert_true(fabs(mean - 0.5) < 5 * sqrt(1.0 / 12 / 1001)); /* 5 standard errors */
}

static void test_random_shuffle_is_a_permutation(void **state)
{
    (void)state;
    enum { N = 1500 }; /* more than one run of draws */
    uint32_t rows[N];
    bool seen[N] = {false};
    for (uint32_t i = 0; i < N; i++)
        rows[i] = i;
    cr_random_shuffle(1, CR_FOR_SHUFFLE, 0, N, rows);
    size_t moved = 0;
    for (uint32_t i = 0; i < N; i++) {
        assert_true(rows[i] < N && !seen[rows[i]]);
        seen[rows[i]] = true;
        moved += rows[i] != i;
    }
    assert_true(moved > N - 20); /* one row stays on the average */
}

static void test_random_shuffle_orders_are_equally_likely(void **state)
{
    (void)state;
    size_t count[6] = {0};
    enum { TRIALS = 60000 };
    for (uint32_t trial = 0; trial < TRIALS; trial++) {
        uint32_t r[3] = {0, 1, 2};
        cr_random_shuffle(5, CR_FOR_SHUFFLE, trial, 3, r);
        count[r[0] * 2 + (r[1] > r[2])]++;
    }
    double chi = 0;
    for (size_t i = 0; i < 6; i++) {
        double d = (double)count[i] - TRIALS / 6.0;
        chi += d * d / (TRIALS / 6.0);
    }
    assert_true(chi < 25.7); /* 99.99 % point of chi-squared with 5 degrees of freedom */
}

static void test_random_streams_differ(void **state)
{
    (void)state;
    uint32_t a[4], b[4];
    assert_int_not_equal(cr_random_stream("linear1.weight"),
                         cr_random_stream("linear2.weight"));
    cr_random_block(1, CR_FOR_INIT, 1, 0, a);
    cr_random_block(1, CR_FOR_SHUFFLE, 1, 0, b);
    assert_memory_not_equal(a, b, sizeof a);
    cr_random_block(2, CR_FOR_INIT, 1, 0, b);
    assert_memory_not_equal(a, b, sizeof a);
}

static void test_blocks_are_those_drawn_one_by_one(void **state)
{
    (void)state;
    enum { BLOCKS = 37 };               /* two vectors and some more */
    const uint64_t first = 0xFFFFFFF0u; /* the counter's upper half changes on the way */
    uint32_t many[4 * BLOCKS], one[4];
    cr_random_blocks(99, CR_FOR_DROPOUT, 7, first, BLOCKS, many);
    for (size_t i = 0; i < BLOCKS; i++) {
        cr_random_block(99, CR_FOR_DROPOUT, 7, first + i, one);
        assert_memory_equal(many + 4 * i, one, sizeof one);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_are_those_drawn_one_by_one),
        cmocka_unit_test(test_random_block_known_answers),
        cmocka_unit_test(test_random_normal_moments),
        cmocka_unit_test(test_random_normal_does_not_depend_on_where_one_starts),
        cmocka_unit_test(test_kept_draws_are_those_that_would_be_made),
        cmocka_unit_test(test_random_uniform_range),
        cmocka_unit_test(test_random_shuffle_is_a_permutation),
        cmocka_unit_test(test_random_shuffle_orders_are_equally_likely),
        cmocka_unit_test(test_random_streams_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
