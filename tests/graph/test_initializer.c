/* Initialisers by the moments that their authors give, over many draws. */
#include "fixture.h"
#include "graph/initializer.h"

enum { INPUTS = 120, UNITS = 80, SIZE = INPUTS * UNITS };

static void fill(const char *json, size_t inputs, size_t units, cr_real *w)
{
    fixture f;
    cr_text text = {0};
    const cr_shape shape = cr_shape_flat(inputs);
    cr_text_add(&text,
                "{\"model\": {\"layers\": [{\"type\": \"linear\", \"units\": %zu, "
                "\"bias\": false, \"init\": %s}]}}",
                units, json);
    if (!fixture_create(&f, text.data, &shape, 0, false))
        fail_msg("%s", f.err.text);
    cr_network_init(f.model.network, 5, NULL);
    memcpy(w, f.model.network->parameters, inputs * units * sizeof *w);
    fixture_finish(&f);
    cr_text_finish(&text);
}

/* Mean 0, the variance that the definition gives, and the fourth moment of a normal (3)
 * or a uniform (1.8) distribution. */
static void check(const char *json, double variance, double kurtosis)
{
    static cr_real w[SIZE];
    double mean = 0, second = 0, fourth = 0;
    fill(json, INPUTS, UNITS, w);
    for (size_t i = 0; i < SIZE; i++) {
        double x = (double)w[i];
        mean += x / SIZE;
        second += x * x / SIZE;
        fourth += x * x * x * x / SIZE;
    }
    /* 4 standard deviations of each estimate, of 9600 draws */
    assert_true(fabs(mean) < 4 * sqrt(variance / SIZE));
    assert_true(fabs(second / variance - 1) < 4 * sqrt((kurtosis - 1) / SIZE));
    assert_true(fabs(fourth / (second * second) - kurtosis) < 0.3);
}

static void test_draws_have_their_variance(void **state)
{
    (void)state;
    check("\"he\"", 2.0 / INPUTS, 3);
    check("\"xavier\"", 2.0 / (INPUTS + UNITS), 3);
    check("\"lecun\"", 1.0 / INPUTS, 3);
    check("{\"type\": \"normal\", \"std\": 0.25}", 0.0625, 3);
    check("{\"type\": \"uniform\", \"limit\": 0.6}", 0.36 / 3, 1.8);
}

/* The fewer of rows and columns are orthonormal. */
static void check_orthonormal(size_t inputs, size_t units, const char *json, double gain)
{
    static cr_real w[SIZE];
    fill(json, inputs, units, w);
    bool columns = inputs >= units;
    size_t count = columns ? units : inputs, n = columns ? inputs : units;
    size_t across = columns ? 1 : units, along = columns ? units : 1;
    for (size_t a = 0; a < count; a++)
        for (size_t b = a; b < count; b++) {
            double dot = 0;
            for (size_t i = 0; i < n; i++)
                dot +=
                    (double)w[a * across + i * along] * (double)w[b * across + i * along];
            /* float32 products, 120 of them */
            assert_true(fabs(dot / (gain * gain) - (a == b)) < 1e-6);
        }
}

static void test_orthogonal_is_orthogonal(void **state)
{
    (void)state;
    check_orthonormal(INPUTS, UNITS, "\"orthogonal\"", 1);
    check_orthonormal(UNITS, INPUTS, "\"orthogonal\"", 1);
    check_orthonormal(UNITS, UNITS, "{\"type\": \"orthogonal\", \"gain\": 1.5}", 1.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_draws_have_their_variance),
        cmocka_unit_test(test_orthogonal_is_orthogonal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
