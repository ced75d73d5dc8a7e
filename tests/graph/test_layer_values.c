/* Layers against PyTorch's (golden/layers.py): outputs, gradients, running statistics, alone
 * and by a team; norms of values far from 0 against NumPy's (golden/offsets.py); and dropout
 * by its statistics. */
#include "golden_file.h"
#include "graph/workspace.h"

static void read_numbers(const cr_json *list, size_t count, cr_real *out)
{
    const cr_json *item = cr_json_first(list);
    for (size_t i = 0; i < count; i++, item = cr_json_next(item)) {
        assert_non_null(item);
        out[i] = (cr_real)cr_json_number(item);
    }
    assert_null(item);
}

static double worst; /* difference of any case, of its tensor's size */

/* Of tensors up to 1 the difference itself, of larger ones as a share of the largest value. */
static void compare(const cr_json *c, const char *name, const cr_json *list, size_t count,
                    const cr_real *found)
{
    /* what was asked for; float32 rounds at 6e-8, and sums a few hundred products */
    const double tolerance = sizeof(cr_real) == 4 ? 1e-6 : 1e-12;
    double size = 1, difference = 0;
    size_t i = 0, at = 0;
    for (const cr_json *v = cr_json_first(list); v; v = cr_json_next(v), i++) {
        assert_true(i < count);
        double expected = cr_json_number(v), d = fabs((double)found[i] - expected);
        size = fmax(size, fabs(expected));
        at = d <= difference ? at : i;
        difference = d <= difference ? difference : d;
    }
    assert_int_equal(i, count);
    worst = fmax(worst, difference / size);
    if (!(difference / size <= tolerance)) {
        char *layers = cr_json_print(cr_json_get(c, "layers"), false);
        fail_msg("%s: %s, value %zu: %.9g differs from PyTorch's by %g", layers, name, at,
                 (double)found[at], difference);
    }
}

/* A network with a case's layers, batch and parameters, passed over by a team. */
typedef struct run {
    fixture f;
    size_t rows;
    cr_workspace *workspace;
    cr_real *gradients;
    cr_team *team;
    bool training;
} run;

static void load(void *user, const cr_segment *segment, cr_real *block)
{
    const cr_json *values = cr_json_get(user, segment->full_name);
    if (values)
        read_numbers(values, segment->size, block + segment->offset);
}

static void run_create(run *r, const cr_json *c, size_t members)
{
    cr_text json = {0};
    char *layers = cr_json_print(cr_json_get(c, "layers"), false);
    cr_shape shape = {0};
    for (const cr_json *d = cr_json_first(cr_json_get(c, "shape")); d;
         d = cr_json_next(d))
        shape.dim[shape.rank++] = (size_t)cr_json_number(d);
    cr_text_add(&json, "{\"model\": {\"layers\": %s}}", layers);
    if (!fixture_create(&r->f, json.data, &shape, 0, true))
        fail_msg("%s", r->f.err.text);
    cr_network *network = r->f.model.network;
    r->rows = (size_t)cr_json_number(cr_json_get(c, "rows"));
    r->team = members > 1 ? cr_team_create(members, NULL) : NULL;
    r->workspace = cr_workspace_create(network, r->rows, members, true, NULL);
    r->gradients = cr_alloc(network->parameter_size, sizeof(cr_real), NULL);
    cr_network_init(network, 1, NULL);
    cr_network_visit(network, load, (void *)(uintptr_t)cr_json_get(c, "parameters"));
    read_numbers(cr_json_get(c, "x"), r->rows * network->values[0].size,
                 r->workspace->values[0]);
    read_numbers(cr_json_get(c, "upstream"),
                 r->rows * network->values[network->output].size,
                 r->workspace->gradients[network->output]);
    cr_free(layers);
    cr_text_finish(&json);
}

static void run_finish(run *r)
{
    cr_team_destroy(r->team);
    cr_free(r->gradients);
    cr_workspace_destroy(r->workspace);
    fixture_finish(&r->f);
}

static cr_pass share_of(const run *r, size_t share, size_t shares)
{
    cr_pass batch = {.training = r->training, .rows = r->rows, .batch_rows = r->rows};
    batch.team = r->team;
    return cr_pass_share(&batch, share, shares);
}

static void pass_share(void *context, size_t share, size_t shares)
{
    run *r = context;
    const cr_pass pass = share_of(r, share, shares);
    if (pass.rows == 0)
        return;
    cr_workspace_forward(&pass, r->workspace);
    cr_workspace_backward(&pass, r->workspace);
}

static void gradient_share(void *context, size_t share, size_t shares)
{
    run *r = context;
    const cr_pass pass = share_of(r, share, shares);
    cr_workspace_gradient(&pass, r->workspace,
                          &(cr_gradient_sink){r->gradients, 1, 0, 0});
}

static void compare_segments(const cr_json *c, const run *r)
{
    const cr_network *network = r->f.model.network;
    const cr_json *gradients = cr_json_get(c, "gradients");
    size_t compared = 0;
    for (size_t i = 0; i < network->node_count; i++) {
        const cr_layer_plan *plan = &network->nodes[i].plan;
        for (size_t k = 0; k < plan->parameter_count; k++, compared++) {
            const cr_segment *s = &plan->parameters[k];
            compare(c, s->full_name, cr_json_get(gradients, s->full_name), s->size,
                    r->gradients + s->offset);
        }
        for (size_t k = 0; k < plan->buffer_count; k++) {
            const cr_segment *s = &plan->buffers[k];
            compare(c, s->full_name, cr_json_get(cr_json_get(c, "buffers"), s->full_name),
                    s->size, network->buffers + s->offset);
        }
    }
    assert_int_equal(compared, cr_json_count(gradients));
}

static void check_case(const cr_json *c, size_t members)
{
    run r = {.training = true};
    run_create(&r, c, members);
    const cr_network *network = r.f.model.network;
    const cr_workspace *w = r.workspace;
    size_t inputs = r.rows * network->values[0].size;
    size_t outputs = r.rows * network->values[network->output].size;
    cr_team_run(r.team, pass_share, &r);
    cr_team_run(r.team, gradient_share, &r);
    const cr_pass last = share_of(&r, members - 1, members);
    for (size_t i = 0; i < network->node_count; i++)
        if (network->nodes[i].type->commit)
            network->nodes[i].type->commit(&last, &w->io[i], network->buffers);
    compare(c, "y", cr_json_get(c, "y"), outputs, w->values[network->output]);
    compare(c, "dx", cr_json_get(c, "dx"), inputs, w->gradients[0]);
    compare_segments(c, &r);
    if (cr_json_get(c, "y_evaluation")) {
        r.training = false;
        cr_team_run(r.team, pass_share, &r);
        compare(c, "y_evaluation", cr_json_get(c, "y_evaluation"), outputs,
                w->values[network->output]);
        compare(c, "dx_evaluation", cr_json_get(c, "dx_evaluation"), inputs,
                w->gradients[0]);
    }
    run_finish(&r);
}

/* Alone, and by a team: of most batches the last member has all rows, of some each has
 * several. */
static void test_layers_are_those_of_pytorch(void **state)
{
    (void)state;
    cr_document file = golden_read("layers.json");
    size_t cases = 0;
    bool seen[128] = {false};
    for (const cr_json *c = cr_json_first(cr_json_get(file.root, "cases")); c;
         c = cr_json_next(c), cases++) {
        for (const cr_json *layer = cr_json_first(cr_json_get(c, "layers")); layer;
             layer = cr_json_next(layer))
            for (size_t i = 0; i < cr_layer_type_count; i++)
                seen[i] |= strcmp(cr_layer_types[i]->name,
                                  cr_json_get_string(layer, "type")) == 0;
        for (size_t members = 1; members <= 3; members++)
            check_case(c, members);
    }
    print_message("%zu cases, worst difference %.2g\n", cases, worst);
    assert_true(cases >= 46);
    for (size_t i = 0; i < cr_layer_type_count; i++)
        if (cr_layer_types[i]->activation && !seen[i])
            fail_msg("%s: an activation without a case in golden/layers.py",
                     cr_layer_types[i]->name);
    cr_document_finish(&file);
}

enum { MOST = 1024 };

/* The running figures after one batch: with batch_norm's default momentum of 0.1 a tenth of
 * its own. half: by how much a mean may be rounded. */
static void check_running(const cr_json *norm, const cr_network *network, double half)
{
    double mean[MOST], variance[MOST];
    const cr_segment *buffers = network->nodes[0].plan.buffers;
    size_t count = golden_numbers(norm, "mean", MOST, mean);
    assert_int_equal(golden_numbers(norm, "variance", MOST, variance), count);
    assert_int_equal(buffers[0].size, count);
    for (size_t i = 0; i < count; i++) {
        double running_mean = (double)network->buffers[buffers[0].offset + i];
        double running_variance = (double)network->buffers[buffers[1].offset + i];
        double expected = 0.9 + 0.1 * variance[i];
        assert_true(fabs(running_mean - 0.1 * mean[i]) <= half + 1e-9);
        assert_true(fabs(running_variance - expected) <= 2e-5 * expected);
    }
}

/* Passes x through a norm alone, and compares what comes out; or each of its columns as a
 * channel of one line. */
static void check_norm(const cr_json *c, const char *type, bool line)
{
    double x[MOST], y[MOST];
    const cr_json *norm = cr_json_get(c, type);
    size_t size = (size_t)golden_number(c, "size");
    size_t count = golden_numbers(norm, "x", MOST, x), rows = count / size;
    assert_int_equal(golden_numbers(norm, "y", MOST, y), count);
    char json[128];
    fixture f;
    const cr_shape shape = line ? cr_shape_matrix(size, rows) : cr_shape_flat(size);
    snprintf(json, sizeof json, "{\"model\": {\"layers\": [{\"type\": \"%s\"}]}}", type);
    assert_true(fixture_create(&f, json, &shape, 0, true));
    cr_network *network = f.model.network;
    cr_network_init(network, 1, NULL);
    size_t batch = line ? 1 : rows;
    cr_workspace *w = cr_workspace_create(network, batch, 1, true, NULL);
    cr_pass pass = {.training = true, .rows = batch, .batch_rows = batch, .shares = 1};
    for (size_t i = 0; i < count; i++)
        w->values[0][line ? i % size * rows + i / size : i] = (cr_real)x[i];
    cr_workspace_forward(&pass, w);
    /* the mean is rounded to the step from one float32 to the next */
    double half = sizeof(cr_real) == 4 ? golden_number(c, "step") / 2 : 0;
    double tolerance = half / golden_number(norm, "least_deviation") + 2e-5;
    for (size_t i = 0; i < count; i++) {
        size_t at = line ? i % size * rows + i / size : i;
        if (!(fabs((double)w->values[network->output][at] - y[i]) <= tolerance))
            fail_msg("%s, value %zu: %.9g, NumPy has %.9g", type, i,
                     (double)w->values[network->output][at], y[i]);
    }
    const cr_layer_type *t = network->nodes[0].type;
    if (t->commit) {
        t->commit(&pass, &w->io[0], network->buffers);
        check_running(norm, network, half);
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
        check_norm(c, "batch_norm", false);
        check_norm(c, "batch_norm", true);
        check_norm(c, "layer_norm", false);
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
        cr_pass pass = {.training = true,
                        .seed = 3,
                        .step = 2,
                        .first_row = first,
                        .rows = 40,
                        .batch_rows = ROWS,
                        .shares = 1};
        cr_workspace_forward(&pass, w);
    }
    assert_memory_equal(y, whole, (size_t)ROWS * UNITS * sizeof *whole);
    cr_free(whole);
    cr_workspace_destroy(w);
    fixture_finish(&f);
}

/* 7 channels of 3 x 5 places, forward and backward, in two parts. */
static void test_dropout_of_channels(void **state)
{
    (void)state;
    enum { CHANNELS = 7, PLANE = 15 };
    const size_t n = (size_t)ROWS * CHANNELS;
    const cr_shape shape = {3, {CHANNELS, 3, 5}};
    fixture f;
    assert_true(fixture_create(&f,
                               "{\"model\": {\"layers\": [{\"type\": \"dropout\", "
                               "\"rate\": 0.3, \"channels\": true}]}}",
                               &shape, 0, true));
    cr_workspace *w = cr_workspace_create(f.model.network, ROWS, 1, true, NULL);
    for (size_t i = 0; i < n * PLANE; i++)
        w->values[0][i] = w->gradients[1][i] = 1;
    for (size_t first = 0; first < ROWS; first += ROWS / 2) {
        cr_pass pass = {true, 5, 2, first, ROWS / 2, ROWS, 0, 1, NULL, 0};
        cr_workspace_forward(&pass, w);
        cr_workspace_backward(&pass, w);
    }
    size_t dropped = 0, alike = 0;
    for (size_t c = 0; c < n; c++) {
        const cr_real *y = w->values[1] + c * PLANE, *dx = w->gradients[0] + c * PLANE;
        assert_true(y[0] == 0 || fabs((double)y[0] - 1 / 0.7) < 1e-6);
        for (size_t i = 0; i < PLANE; i++)
            assert_true(y[i] == y[0] && dx[i] == y[0]);
        dropped += y[0] == 0;
        alike += c >= CHANNELS && y[0] == y[-(CHANNELS * PLANE)];
    }
    /* 4 standard deviations: √(1400 · 0.3 · 0.7) = 17, √(1393 · 0.58 · 0.42) = 18 */
    assert_true(fabs((double)dropped - 0.3 * (double)n) < 4 * 17);
    assert_true(fabs((double)alike - 0.58 * (double)n) < 4 * 19);
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
        cmocka_unit_test(test_dropout_of_channels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
