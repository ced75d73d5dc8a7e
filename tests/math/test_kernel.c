/* Element-wise loops against the plain formula in double. */
#include "fixture.h"
#include "math/kernel.h"

static void test_exponentials_are_accurate(void **state)
{
    (void)state;
    enum { N = 200001 };
    static cr_real x[N];
    for (size_t i = 0; i < N; i++)
        x[i] = (cr_real)(-87 + 175 * (double)i / (N - 1));
    double worst = 0;
    static cr_real y[N];
    memcpy(y, x, sizeof y);
    cr_kernel_exp(N, y);
    for (size_t i = 0; i < N; i++) {
        double expected = exp((double)x[i]);
        worst = fmax(worst, fabs((double)y[i] - expected) / expected);
    }
    print_message("worst relative error %.3g\n", worst);
    assert_true(worst <
                2e-7); /* what the header promises: under two units in the last place */
}

static void test_exponentials_at_the_ends(void **state)
{
    (void)state;
    cr_real x[] = {
        0, -1e30f, 1e30f, (cr_real)NAN, -(cr_real)INFINITY, (cr_real)INFINITY, -88, 89};
    cr_kernel_exp(8, x);
    assert_true(x[0] == 1);
    assert_true(x[1] >= 0 && x[1] < 2e-38 && x[4] >= 0 && x[4] < 2e-38 && x[6] < 2e-38);
    assert_true(x[2] > 1e38 && x[5] > 1e38 && x[7] > 1e38);
    assert_true(isnan(x[3]));
}

static void test_tanh_is_accurate(void **state)
{
    (void)state;
    enum { N = 200001 };
    static cr_real x[N], y[N];
    double worst = 0;
    for (size_t i = 0; i < N; i++) { /* as many points near 0 as far from it */
        double u = 2 * (double)i / (N - 1) - 1;
        x[i] = (cr_real)(12 * u * u * u);
    }
    cr_kernel_tanh(N, x, y);
    for (size_t i = 0; i < N; i++) {
        double expected = tanh((double)x[i]);
        assert_true(fabs((double)y[i]) <= 1);
        if (expected != 0)
            worst = fmax(worst, fabs((double)y[i] / expected - 1));
    }
    print_message("worst relative error %.3g\n", worst);
    assert_true(worst < 3e-7); /* what the header promises */
    const cr_real ends[] = {(cr_real)NAN, (cr_real)INFINITY, -(cr_real)INFINITY, 0};
    cr_kernel_tanh(4, ends, y);
    assert_true(isnan(y[0]) && y[1] == 1 && y[2] == -1 && y[3] == 0);
}

/* The largest relative difference from the exact value over [low, high], with as many
 * points near 0 as far from it. */
static double worst_of(void (*kernel)(size_t, const cr_real *, cr_real *),
                       double (*exact)(double), double low, double high)
{
    enum { N = 200001 };
    static cr_real x[N], y[N];
    double worst = 0;
    for (size_t i = 0; i < N; i++) {
        double u = 2 * (double)i / (N - 1) - 1;
        x[i] = (cr_real)(u < 0 ? -low * u * u * u : high * u * u * u);
    }
    kernel(N, x, y);
    for (size_t i = 0; i < N; i++) {
        double expected = exact((double)x[i]);
        if (expected != 0)
            worst = fmax(worst, fabs((double)y[i] / expected - 1));
    }
    print_message("worst relative error %.3g\n", worst);
    return worst;
}

static double exact_softplus(double x)
{
    return fmax(x, 0) + log1p(exp(-fabs(x)));
}

static void test_expm1_and_softplus_are_accurate(void **state)
{
    (void)state;
    assert_true(worst_of(cr_kernel_expm1, expm1, -20, 80) <
                4e-7); /* what the header promises */
    assert_true(worst_of(cr_kernel_softplus, exact_softplus, -80, 100) < 4e-7);
    const cr_real ends[] = {(cr_real)NAN, (cr_real)INFINITY, -(cr_real)INFINITY, 0};
    cr_real y[4];
    cr_kernel_expm1(4, ends, y);
    assert_true(isnan(y[0]) && y[1] > 1e38 && y[2] == -1 && y[3] == 0);
    cr_kernel_softplus(4, ends, y);
    assert_true(isnan(y[0]) && isinf(y[1]) && y[2] >= 0 && y[2] < 2e-38);
}

static void test_normal_is_accurate(void **state)
{
    (void)state;
    enum { N = 200001 };
    static cr_real x[N], share[N], density[N];
    double tail = 0, all = 0, bell = 0;
    for (size_t i = 0; i < N; i++) {
        double u = 2 * (double)i / (N - 1) - 1;
        x[i] = (cr_real)(12 * u * u * u);
    }
    cr_kernel_normal(N, x, share, density);
    for (size_t i = 0; i < N; i++) {
        double v = (double)x[i], expected = 0.5 * erfc(-v / sqrt(2));
        double exact_bell = exp(-v * v / 2) / sqrt(8 * atan(1));
        double apart = fabs((double)share[i] - expected);
        all = fmax(all, apart);
        tail = v < 0 ? fmax(tail, apart / expected) : tail;
        bell = fmax(bell, fabs((double)density[i] / exact_bell - 1));
    }
    print_message("worst error %.3g; relative %.3g, of the density %.3g\n", all, tail,
                  bell);
    assert_true(all < 2e-7 && tail < 1e-5 && bell < 1e-5); /* as the header says */
    const cr_real ends[] = {(cr_real)NAN, (cr_real)INFINITY, -(cr_real)INFINITY, 0, -13};
    cr_kernel_normal(5, ends, share, density);
    assert_true(isnan(share[0]) && share[1] == 1 && share[2] == 0 && density[1] == 0);
    assert_true(fabs((double)share[3] - 0.5) < 1e-7 && share[4] >= 0 && share[4] < 1e-37);
}

static void test_sum_rows(void **state)
{
    (void)state;
    enum { ROWS = 7, COLUMNS = 300 };
    cr_real x[ROWS * COLUMNS], sums[COLUMNS];
    fixture_draw("x", 1, ROWS * COLUMNS, x);
    for (size_t j = 0; j < COLUMNS; j++)
        sums[j] = (cr_real)j;
    cr_kernel_sum_rows(ROWS, COLUMNS, 2, x, -1, sums);
    for (size_t j = 0; j < COLUMNS; j++) {
        double expected = -(double)j;
        for (size_t i = 0; i < ROWS; i++)
            expected += 2 * (double)x[i * COLUMNS + j];
        assert_true(fabs((double)sums[j] - expected) <
                    1e-4); /* float32, of numbers up to 300 */
    }
    cr_real overwritten[] = {(cr_real)NAN};
    cr_kernel_sum_rows(2, 1, 1, (cr_real[]){1, 2}, 0, overwritten);
    assert_true(overwritten[0] == 3);
}

static void test_fill_and_add_rows(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {{1, 1},   {300, 3},  {32, 10}, {7, 256},
                                      {5, 257}, {2, 1100}, {0, 4}};
    static cr_real b[1100], filled[2200], added[2200];
    fixture_draw("b", 1, 1100, b);
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        size_t rows = sizes[s][0], columns = sizes[s][1];
        for (size_t i = 0; i < 2200; i++)
            filled[i] = added[i] = (cr_real)i;
        if (rows > 0)
            cr_kernel_fill_rows(rows, columns, b, filled);
        cr_kernel_add_rows(rows, columns, b, added);
        for (size_t i = 0; i < 2200; i++) {
            bool inside = i < rows * columns;
            assert_true(filled[i] == (inside ? b[i % columns] : (cr_real)i));
            assert_true(added[i] == (inside ? (cr_real)i + b[i % columns] : (cr_real)i));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exponentials_are_accurate),
        cmocka_unit_test(test_exponentials_at_the_ends),
        cmocka_unit_test(test_tanh_is_accurate),
        cmocka_unit_test(test_expm1_and_softplus_are_accurate),
        cmocka_unit_test(test_normal_is_accurate),
        cmocka_unit_test(test_sum_rows),
        cmocka_unit_test(test_fill_and_add_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
