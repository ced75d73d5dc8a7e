/* Layers against PyTorch's (golden/layers.py): outputs, gradients, running statistics;
 * norms of values far from 0 against NumPy's (golden/offsets.py); and dropout by its
 * statistics. */
#include "golden_file.h"
#include "graph/workspace.h"

typedef struct golden {
    cr_document document;
    size_t rows, size;
} golden;

static void read_numbers(const cr_json *list, size_t count, cr_real *out)
{
    const cr_json *item = cr_json_first(list);
    for (size_t i = 0; i < count; i++, item = cr_json_next(item)) {
        assert_non_null(item);
        out[i] = (cr_real)cr_json_number(item);
    }
    assert_null(item);
}

static void compare(const cr_json *c, const char *key, const cr_real *found)
{
    const cr_json *list = cr_json_get(c, key);
    size_t i = 0;
    for (const cr_json *v = list ? cr_json_first(list) : NULL; v; v = cr_json_next(v)) {
        /* a few roundings of float32, of values up to 6 */
        double tolerance = sizeof(cr_real) == 4 ? 3e-6 : 1e-12;
        if (fabs((double)found[i] - cr_json_number(v)) > tolerance)
            fail_msg("%s: %s, value %zu: %.9g, PyTorch has %.9g",
                     cr_json_string(cr_json_get(cr_json_get(c, "config"), "type")), key,
                     i, (double)found[i], cr_json_number(v));
        i++;
    }
}

static const cr_segment *parameter(const cr_network *network, const char *name)
{
    const cr_layer_plan *plan = &network->nodes[0].plan;
    for (size_t i = 0; i < plan->parameter_count; i++)
        if (strcmp(plan->parameters[i].name, name) == 0)
            return &plan->parameters[i];
    return NULL;
}

static void load_parameter(const cr_json *c, const char *name, cr_network *network)
{
    const cr_segment *segment = parameter(network, name);
    if (segment)
        read_numbers(cr_json_get(c, name), segment->size,
                     network->parameters + segment->offset);
}

static void check_case(const golden *g, const cr_json *c)
{
    fixture f;
    cr_text json = {0};
    char *config = cr_json_print(cr_json_get(c, "config"), false);
    const cr_shape shape = cr_shape_flat(g->size);
    cr_text_add(&json, "{\"model\": {\"layers\": [%s]}}", config);
    if (!fixture_create(&f, json.data, &shape, 0, true))
        fail_msg("%s", f.err.text);
    cr_network *network = f.model.network;
    cr_network_init(network, 1);
    cr_workspace *w = cr_workspace_create(network, g->rows, 1, true, NULL);
    cr_pass pass = {
        .training = true, .rows = g->rows, .batch_rows = g->rows, .shares = 1};
    load_parameter(c, "weight", network);
    load_parameter(c, "bias", network);
    size_t count = g->rows * g->size;
    read_numbers(cr_json_get(g->document.root, "x"), count, w->values[0]);
    cr_workspace_forward(&pass, w);
    read_numbers(cr_json_get(g->document.root, "upstream"), count,
                 w->gradients[network->output]);
    cr_workspace_backward(&pass, w);
    cr_real *gradients = cr_alloc(network->parameter_size, sizeof(cr_real), NULL);
    cr_workspace_gradient(&pass, w, &(cr_gradient_sink){gradients, 1, 0, 0});
    compare(c, "y", w->values[network->output]);
    compare(c, "dx", w->gradients[0]);
    if (parameter(network, "weight")) {
        compare(c, "dweight", gradients + parameter(network, "weight")->offset);
        compare(c, "dbias", gradients + parameter(network, "bias")->offset);
    }
    const cr_node *node = &network->nodes[0];
    if (node->type->commit)
        node->type->commit(&pass, &w->io[0], network->buffers);
    for (size_t i = 0; i < node->plan.buffer_count; i++)
        compare(c, node->plan.buffers[i].name,
                network->buffers + node->plan.buffers[i].offset);
    pass.training = false;
    cr_workspace_forward(&pass, w);
    compare(c, "y_evaluation", w->values[network->output]);
    cr_free(gradients);
    cr_free(config);
    cr_workspace_destroy(w);
    fixture_finish(&f);
    cr_text_finish(&json);
}

static void test_layers_are_those_of_pytorch(void **state)
{
    (void)state;
    char path[512];
    golden g;
    snprintf(path, sizeof path, "%s/layers.json", getenv("CHAINRULE_GOLDEN"));
    assert_true(cr_document_read(&g.document, path, NULL));
    g.rows = (size_t)cr_json_number(cr_json_get(g.document.root, "rows"));
    g.size = (size_t)cr_json_number(cr_json_get(g.document.root, "size"));
    size_t cases = 0;
    bool seen[128] = {false};
    for (const cr_json *c = cr_json_first(cr_json_get(g.document.root, "cases")); c;
         c = cr_json_next(c), cases++) {
        /* a variant's name is that of the case, its type stands in the config */
        const char *type = cr_json_get_string(cr_json_get(c, "config"), "type");
        for (size_t i = 0; i < cr_layer_type_count; i++)
            seen[i] |= strcmp(cr_layer_types[i]->name, type) == 0;
        check_case(&g, c);
    }
    assert_true(cases >= 13);
    for (size_t i = 0; i < cr_layer_type_count; i++)
        if (cr_layer_types[i]->activation && !seen[i])
            fail_msg("%s: an activation without a case in golden/layers.py",
                     cr_layer_types[i]->name);
    cr_document_finish(&g.document);
}

/* Passes x through a norm alone, and compares what comes out. With batch_norm's default
 * momentum of 0.1 its running figures are a tenth of the batch's. */
static void check_norm(const cr_json *c, const char *type)
{
    enum { MOST = 1024 };
    double x[MOST], y[MOST], mean[MOST], variance[MOST];
    const cr_json *norm = cr_json_get(c, type);
    size_t size = (size_t)golden_number(c, "size");
    size_t count = golden_numbers(norm, "x", MOST, x), rows = count / size;
    golden_numbers(norm, "mean", MOST, mean);
    golden_numbers(norm, "variance", MOST, variance);
    assert_int_equal(golden_numbers(norm, "y", MOST, y), count);
    char json[128];
    fixture f;
    const cr_shape shape = cr_shape_flat(size);
    snprintf(json, sizeof json, "{\"model\": {\"layers\": [{\"type\": \"%s\"}]}}", type);
    assert_true(fixture_create(&f, json, &shape, 0, true));
    cr_network *network = f.model.network;
    cr_network_init(network, 1);
    cr_workspace *w = cr_workspace_create(network, rows, 1, true, NULL);
    cr_pass pass = {.training = true, .rows = rows, .batch_rows = rows, .shares = 1};
    for (size_t i = 0; i < count; i++)
        w->values[0][i] = (cr_real)x[i];
    cr_workspace_forward(&pass, w);
    /* the mean is rounded to the step from one float32 to the next */
    double half = sizeof(cr_real) == 4 ? golden_number(c, "step") / 2 : 0;
    double tolerance = half / golden_number(norm, "least_deviation") + 2e-5;
    for (size_t i = 0; i < count; i++)
        if (!(fabs((double)w->values[network->output][i] - y[i]) <= tolerance))
            fail_msg("%s, value %zu: %.9g, NumPy has %.9g", type, i,
                     (double)w->values[network->output][i], y[i]);
    const cr_node *node = &network->nodes[0];
    if (node->type->commit)
        node->type->commit(&pass, &w->io[0], network->buffers);
    for (size_t i = 0; i < size && node->type->commit; i++) {
        const cr_real *at = network->buffers + i;
        double running_mean = (double)at[node->plan.buffers[0].offset];
        double running_variance = (double)at[node->plan.buffers[1].offset];
        double expected = 0.9 + 0.1 * variance[i];
        assert_true(fabs(running_mean - 0.1 * mean[i]) <= half + 1e-9);
        assert_true(fabs(running_variance - expected) <= 2e-5 * expected);
    }
    cr_workspace_destroy(w);
    fixture_finish(&f);
}

static void test_norms_are_those_of_numpy_at_every_offset(void **state)
{
    (void)state;
    cr_document file = golden_read("offsets.json");
    const cr_json *norms = cr_json_get(file.root, "norms");
    assert_int_equal(cr_json_count(norms), 3);
    for (const cr_json *c = cr_json_first(norms); c; c = cr_json_next(c)) {
        check_norm(c, "batch_norm");
        check_norm(c, "layer_norm");
    }
    cr_document_finish(&file);
}

enum { ROWS = 200, UNITS = 301 };

/* A batch of ones through dropout. */
static cr_real *drop(uint64_t seed, size_t step, bool training, fixture *f,
                     cr_workspace **w)
{
    const cr_shape shape = cr_shape_flat(UNITS);
    assert_true(fixture_create(
        f, "{\"model\": {\"layers\": [{\"type\": \"dropout\", \"rate\": 0.3}]}}", &shape,
        0, true));
    *w = cr_workspace_create(f->model.network, ROWS, 1, true, NULL);
    for (size_t i = 0; i < (size_t)ROWS * UNITS; i++)
        (*w)->values[0][i] = (*w)->gradients[1][i] = 1;
    cr_pass pass = {.training = training,
                    .seed = seed,
                    .step = step,
                    .rows = ROWS,
                    .batch_rows = ROWS,
                    .shares = 1};
    cr_workspace_forward(&pass, *w);
    cr_workspace_backward(&pass, *w);
    return (*w)->values[1];
}

static void test_dropout_drops_its_share(void **state)
{
    (void)state;
    fixture f, g;
    cr_workspace *w, *v;
    const size_t n = (size_t)ROWS * UNITS;
    const cr_real *y = drop(1, 7, true, &f, &w);
    size_t dropped = 0, neighbours = 0;
    for (size_t i = 0; i < n; i++) {
        assert_true(y[i] == 0 || fabs((double)y[i] - 1 / 0.7) < 1e-6);
        assert_true(y[i] == w->gradients[0][i]); /* the gradient goes the same way */
        dropped += y[i] == 0;
        neighbours += i > 0 && y[i] == 0 && y[i - 1] == 0;
    }
    /* 4 standard deviations: √(60200 · 0.3 · 0.7) = 112, √(60200 · 0.09 · 0.91) = 70 */
    assert_true(fabs((double)dropped - 0.3 * (double)n) < 4 * 112);
    assert_true(fabs((double)neighbours - 0.09 * (double)n) < 4 * 75);
    const cr_real *again = drop(1, 7, true, &g, &v);
    assert_memory_equal(y, again, n * sizeof *y);
    cr_workspace_destroy(v);
    fixture_finish(&g);
    for (size_t i = 0; i < 2; i++) { /* another step, another seed */
        size_t same = 0;
        const cr_real *other = drop(1 + i, 8 - i, true, &g, &v);
        for (size_t k = 0; k < n; k++)
            same += other[k] == y[k];
        assert_true(fabs((double)same - 0.58 * (double)n) < 4 * 122); /* 0.3² + 0.7² */
        cr_workspace_destroy(v);
        fixture_finish(&g);
    }
    const cr_real *all = drop(1, 7, false, &g, &v);
    for (size_t i = 0; i < n; i++)
        assert_true(all[i] == 1);
    cr_workspace_destroy(v);
    fixture_finish(&g);
    cr_workspace_destroy(w);
    fixture_finish(&f);
}

/* The rows of a batch may be done in parts. */
static void test_dropout_does_not_depend_on_the_split(void **state)
{
    (void)state;
    fixture f;
    cr_workspace *w;
    const cr_real *y = drop(3, 2, true, &f, &w);
    cr_real *whole = cr_alloc((size_t)ROWS * UNITS, sizeof *whole, NULL);
    memcpy(whole, y, (size_t)ROWS * UNITS * sizeof *whole);
    for (size_t first = 0; first < ROWS; first += 40) {
        cr_pass pass = {true, 3, 2, first, 40, ROWS, 0, 1};
        cr_workspace_forward(&pass, w);
    }
    assert_memory_equal(y, whole, (size_t)ROWS * UNITS * sizeof *whole);
    cr_free(whole);
    cr_workspace_destroy(w);
    fixture_finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layers_are_those_of_pytorch),
        cmocka_unit_test(test_norms_are_those_of_numpy_at_every_offset),
        cmocka_unit_test(test_dropout_drops_its_share),
        cmocka_unit_test(test_dropout_does_not_depend_on_the_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
