/* Layers alone: the lecture's examples by their numbers, extremes, and where gradients
 * go. */
#include "fixture.h"
#include "graph/workspace.h"

/* One layer alone on given input and upstream gradient. */
typedef struct alone {
    fixture f;
    cr_workspace *workspace;
    cr_pass pass;
} alone;

static void alone_create(alone *a, const char *json, const cr_shape *shape, size_t rows,
                         const double *x)
{
    if (!fixture_create(&a->f, json, shape, 0, true))
        fail_msg("%s", a->f.err.text);
    a->workspace = cr_workspace_create(a->f.model.network, rows, 1, true, NULL);
    a->pass = (cr_pass){.rows = rows, .batch_rows = rows, .shares = 1};
    for (size_t i = 0; i < rows * cr_shape_size(shape); i++)
        a->workspace->values[0][i] = (cr_real)x[i];
}

static void alone_run(alone *a, const double *upstream)
{
    const cr_network *network = a->f.model.network;
    cr_workspace_forward(&a->pass, a->workspace);
    size_t size = a->pass.rows * network->values[network->output].size;
    for (size_t i = 0; i < size; i++)
        a->workspace->gradients[network->output][i] = (cr_real)upstream[i];
    cr_workspace_backward(&a->pass, a->workspace);
}

static void alone_finish(alone *a)
{
    cr_workspace_destroy(a->workspace);
    fixture_finish(&a->f);
}

static void assert_values(const cr_real *found, const double *expected, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!(fabs((double)found[i] - expected[i]) <=
              1e-6)) /* a few roundings of float32 */
            fail_msg("value %zu: %.9g, expected %.9g", i, (double)found[i], expected[i]);
}

static void test_relu_lecture_example_e(void **state)
{
    (void)state;
    alone a;
    alone_create(&a, "{\"model\": {\"layers\": [{\"type\": \"relu\"}]}}",
                 &(cr_shape){1, {4}}, 1, (double[]){1, -2, 3, -1});
    alone_run(&a, (double[]){4, -1, 5, 9});
    assert_values(a.workspace->values[1], (double[]){1, 0, 3, 0}, 4);
    assert_values(a.workspace->gradients[0], (double[]){4, 0, 5, 0}, 4);
    alone_finish(&a);
}

static void test_linear_lecture_example_f(void **state)
{
    (void)state;
    alone a;
    alone_create(&a,
                 "{\"model\": {\"layers\": [{\"type\": \"linear\", \"units\": 4, "
                 "\"bias\": false}]}}",
                 &(cr_shape){1, {3}}, 2, (double[]){2, 1, -3, -3, 4, 2});
    const double w[] = {3, 2, 1, -1, 2, 1, 3, 2, 3, 2, 1, -2};
    for (size_t i = 0; i < 12; i++)
        a.f.model.network->parameters[i] = (cr_real)w[i];
    const double up[] = {2, 3, -3, 9, -8, 1, 4, 6};
    alone_run(&a, up);
    assert_values(a.workspace->values[1], (double[]){-1, -1, 2, 6, 5, 2, 11, 7}, 8);
    /* dX = dY Wᵀ and dW = Xᵀ dY, written out */
    double dx[6] = {0}, dw[12] = {0};
    const double x[] = {2, 1, -3, -3, 4, 2};
    for (size_t n = 0; n < 2; n++)
        for (size_t d = 0; d < 3; d++)
            for (size_t m = 0; m < 4; m++) {
                dx[n * 3 + d] += up[n * 4 + m] * w[d * 4 + m];
                dw[d * 4 + m] += x[n * 3 + d] * up[n * 4 + m];
            }
    assert_true(dx[0] == 0 && dx[5] == -30); /* the two that the lecture gives */
    assert_values(a.workspace->gradients[0], dx, 6);
    cr_real gradient[16] = {0};
    cr_workspace_gradient(&a.pass, a.workspace, &(cr_gradient_sink){gradient, 1, 0, 0});
    assert_values(gradient, dw, 12);
    alone_finish(&a);
}

static void test_squared_norm_lecture_example_g(void **state)
{
    (void)state;
    alone a;
    alone_create(&a,
                 "{\"model\": {\"layers\": [{\"type\": \"linear\", \"units\": 2, "
                 "\"bias\": false}, "
                 "{\"type\": \"squared_norm\"}]}}",
                 &(cr_shape){1, {2}}, 1, (double[]){0.2, 0.4});
    /* the lecture's q = W x with x a column is our row x Wᵀ */
    const double w[] = {0.1, -0.3, 0.5, 0.8};
    for (size_t i = 0; i < 4; i++)
        a.f.model.network->parameters[i] = (cr_real)w[i];
    alone_run(&a, (double[]){1});
    assert_values(a.workspace->values[1], (double[]){0.22, 0.26}, 2);
    assert_values(a.workspace->values[2], (double[]){0.116}, 1);
    assert_values(a.workspace->gradients[1], (double[]){0.44, 0.52}, 2);
    assert_values(a.workspace->gradients[0], (double[]){-0.112, 0.636}, 2);
    cr_real gradient[16] = {0};
    cr_workspace_gradient(&a.pass, a.workspace, &(cr_gradient_sink){gradient, 1, 0, 0});
    assert_values(gradient, (double[]){0.088, 0.104, 0.176, 0.208},
                  4); /* ∂f/∂W transposed */
    alone_finish(&a);
}

static void test_sigmoid_and_tanh_at_extremes(void **state)
{
    (void)state;
    static const char *const types[] = {"sigmoid", "tanh"};
    for (size_t i = 0; i < 2; i++) {
        char json[80];
        snprintf(json, sizeof json, "{\"model\": {\"layers\": [{\"type\": \"%s\"}]}}",
                 types[i]);
        alone a;
        alone_create(&a, json, &(cr_shape){1, {3}}, 1, (double[]){-1e4, 0, 1e4});
        alone_run(&a, (double[]){1, 1, 1});
        double low = i == 0 ? 0 : -1, middle = i == 0 ? 0.5 : 0;
        assert_values(a.workspace->values[1], (double[]){low, middle, 1}, 3);
        assert_values(a.workspace->gradients[0], (double[]){0, i == 0 ? 0.25 : 1, 0}, 3);
        alone_finish(&a);
    }
}

static void test_gradient_sink_accumulates_and_splits(void **state)
{
    (void)state;
    alone a;
    enum { IN = 40, OUT = 3, ROWS = 4 };
    double x[ROWS * IN], up[ROWS * OUT];
    for (size_t i = 0; i < ROWS * IN; i++)
        x[i] = (double)(i % 7) - 3;
    for (size_t i = 0; i < ROWS * OUT; i++)
        up[i] = (double)(i % 5) - 2;
    alone_create(&a, "{\"model\": {\"layers\": [{\"type\": \"linear\", \"units\": 3}]}}",
                 &(cr_shape){1, {IN}}, ROWS, x);
    alone_run(&a, up);
    cr_real whole[160], parts[160];
    for (size_t i = 0; i < 160; i++)
        whole[i] = parts[i] = (cr_real)i;
    cr_gradient_sink sink = {whole, -0.5, 1, 0.25};
    cr_workspace_gradient(&a.pass, a.workspace, &sink);
    sink.block = parts;
    a.pass.shares = 2;
    for (a.pass.share = 0; a.pass.share < 2; a.pass.share++)
        cr_workspace_gradient(&a.pass, a.workspace, &sink);
    for (size_t d = 0; d < IN; d++)
        for (size_t m = 0; m < OUT; m++) {
            double g = 0;
            for (size_t n = 0; n < ROWS; n++)
                g += x[n * IN + d] * up[n * OUT + m];
            double expected = -0.5 * g + 0.25 * (double)(d * OUT + m);
            assert_true(fabs((double)whole[d * OUT + m] - expected) <
                        1e-4); /* sums of ±9 in float32 */
            assert_true(fabs((double)parts[d * OUT + m] - expected) < 1e-4);
        }
    for (size_t m = 0; m < OUT; m++) {
        double g = 0;
        for (size_t n = 0; n < ROWS; n++)
            g += up[n * OUT + m];
        assert_true(fabs((double)whole[128 + m] - (128 + (double)m - 0.5 * g)) < 1e-4);
        assert_true(parts[128 + m] == whole[128 + m]);
    }
    alone_finish(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_relu_lecture_example_e),
        cmocka_unit_test(test_linear_lecture_example_f),
        cmocka_unit_test(test_squared_norm_lecture_example_g),
        cmocka_unit_test(test_sigmoid_and_tanh_at_extremes),
        cmocka_unit_test(test_gradient_sink_accumulates_and_splits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
