/* Wiring, copies, workspaces; and the lecture's flat code (example D) as a layer of the
 * test's own. */
#include "base/text.h"
#include "config/document.h"
#include "fixture.h"
#include "graph/workspace.h"
#include "inspect/gradcheck.h"

#include <stdlib.h>

/* An add gate, since a value with several consumers needs something to join them again.
 */
static bool add_plan(cr_layer_plan *plan, cr_error *err)
{
    (void)err;
    plan->output = plan->inputs[0];
    return true;
}

static void add_forward(const cr_pass *pass, const cr_layer_io *io)
{
    for (size_t i = 0; i < pass->rows * io->output_size; i++) {
        io->y[i] = 0;
        for (size_t k = 0; k < io->input_count; k++)
            io->y[i] += io->x[k][i];
    }
}

static void add_backward(const cr_pass *pass, const cr_layer_io *io)
{
    for (size_t k = 0; k < io->input_count; k++)
        if (io->dx[k])
            memcpy(io->dx[k], io->dy[0], pass->rows * io->output_size * sizeof(cr_real));
}

static const cr_layer_type add = {
    .name = "test_add",
    .min_inputs = 2,
    .max_inputs = CR_ANY_NUMBER,
    .plan = add_plan,
    .forward = add_forward,
    .backward = add_backward,
};

/* As fixture_create, but layers whose name begins with "add" become add gates. */
static bool create_with_adds(fixture *f, const char *json, const cr_shape *shape)
{
    *f = (fixture){0};
    f->reader = (cr_reader){.document = &f->model.document,
                            .directory = (char[]){""},
                            .err = &f->err,
                            .warnings = &f->warnings};
    char *text = cr_text_copy(json, strlen(json), NULL);
    assert_true(cr_document_parse(&f->model.document, "test.json", text, strlen(text),
                                  CR_E_CONFIG, &f->err));
    cr_model_section_read(&f->reader, f->model.document.root, &f->model.section);
    for (size_t i = 0; i < f->model.section.layer_count; i++)
        if (strncmp(f->model.section.layers[i].name, "add", 3) == 0)
            f->model.section.layers[i].type = &add;
    f->encoding = (cr_encoding){.shape = *shape, .features = cr_shape_size(shape)};
    f->model.encoding = &f->encoding;
    f->model.network = cr_network_create(&f->reader, &f->model.section, shape, 0, true);
    return f->model.network != NULL;
}

#define LAYERS(list) "{\"model\": {\"layers\": [" list "]}}"

/* y = 3 tanh(x) + tanh(tanh(x)), with tanh(x) used four times, listed out of order. */
static const char shared[] = LAYERS(
    "{\"type\": \"tanh\", \"name\": \"add\", \"inputs\": [\"t\", \"t\", \"tt\", \"t\"]},"
    "{\"type\": \"tanh\", \"name\": \"tt\", \"inputs\": [\"t\"]},"
    "{\"type\": \"tanh\", \"name\": \"t\", \"inputs\": [\"data\"]}");

static void test_value_with_several_consumers(void **state)
{
    (void)state;
    fixture f;
    if (!create_with_adds(&f, shared, &(cr_shape){1, {2}}))
        fail_msg("%s", f.err.text);
    const cr_network *n = f.model.network;
    assert_int_equal(n->node_count, 4); /* the three and a copy */
    cr_workspace *w = cr_workspace_create(n, 1, 1, true, NULL);
    const double x[] = {0.3, -1.2};
    for (size_t i = 0; i < 2; i++)
        w->values[0][i] = (cr_real)x[i];
    cr_pass pass = {.rows = 1, .batch_rows = 1, .shares = 1};
    cr_workspace_forward(&pass, w);
    for (size_t i = 0; i < 2; i++)
        w->gradients[n->output][i] = 1;
    cr_workspace_backward(&pass, w);
    for (size_t i = 0; i < 2; i++) {
        double t = tanh(x[i]), tt = tanh(t);
        double gradient = (3 + (1 - tt * tt)) * (1 - t * t);
        assert_true(fabs((double)w->values[n->output][i] - (3 * t + tt)) <
                    1e-6); /* float32 */
        assert_true(fabs((double)w->gradients[0][i] - gradient) < 1e-6);
    }
    cr_workspace_destroy(w);
    fixture_finish(&f);
}

/* The lecture's example D: f = sigmoid(w0 x0 + w1 x1 + w2), line by line. The example is
 * (w0, x0, w1, x1, w2). */
static cr_real sigmoid(cr_real x)
{
    return (cr_real)(1 / (1 + exp(-(double)x)));
}

static void flat_forward(const cr_pass *pass, const cr_layer_io *io)
{
    (void)pass;
    const cr_real *v = io->x[0];
    cr_real s0 = v[0] * v[1], s1 = v[2] * v[3];
    cr_real s2 = s0 + s1;
    cr_real s3 = s2 + v[4];
    io->y[0] = sigmoid(s3);
}

/* The copy of the notes that writes * for both +. */
static void broken_forward(const cr_pass *pass, const cr_layer_io *io)
{
    (void)pass;
    const cr_real *v = io->x[0];
    cr_real s0 = v[0] * v[1], s1 = v[2] * v[3];
    cr_real s2 = s0 * s1;
    cr_real s3 = s2 * v[4];
    io->y[0] = sigmoid(s3);
}

static void flat_backward(const cr_pass *pass, const cr_layer_io *io)
{
    (void)pass;
    const cr_real *v = io->x[0];
    cr_real *d = io->dx[0];
    cr_real grad_s3 = io->dy[0][0] * io->y[0] * (1 - io->y[0]);
    cr_real grad_w2 = grad_s3, grad_s2 = grad_s3;
    cr_real grad_s0 = grad_s2, grad_s1 = grad_s2;
    d[0] = grad_s0 * v[1];
    d[1] = grad_s0 * v[0];
    d[2] = grad_s1 * v[3];
    d[3] = grad_s1 * v[2];
    d[4] = grad_w2;
}

static void keep_worst(void *user, const cr_gradcheck *found)
{
    double *worst = user;
    *worst = fmax(*worst, found->error);
}

/* Runs example D with the given forward; returns the gradient check's worst error, and
 * the gradient of the inputs. */
static double run_flat(void (*forward)(const cr_pass *, const cr_layer_io *),
                       const double v[5], double *y, double gradient[5])
{
    fixture f;
    assert_true(
        fixture_create(&f, LAYERS("{\"type\": \"squared_norm\"}"), &(cr_shape){1, {5}}, 0,
                       true)); /* five numbers to one: its plan is what flat code needs */
    cr_layer_type flat = *f.model.network->nodes[0].type;
    flat.forward = forward;
    flat.backward = flat_backward;
    f.model.network->nodes[0].type = &flat;
    f.model.loss.type =
        &cr_loss_l2; /* only for its target's room: the check runs without a loss */
    cr_evaluator *e = cr_evaluator_create(&f.model, 1, 1, true, &f.err);
    for (size_t i = 0; i < 5; i++)
        e->workspace->values[0][i] = (cr_real)v[i];
    double worst = 0;
    assert_true(
        cr_gradcheck_run(e, NULL, 1, 0, 1, &(cr_penalty){0}, keep_worst, &worst, &f.err));
    *y = (double)e->workspace->values[1][0];
    for (size_t i = 0; i < 5; i++)
        gradient[i] = (double)e->workspace->gradients[0][i];
    cr_evaluator_destroy(e);
    fixture_finish(&f);
    return worst;
}

static void test_flat_code_lecture_example_d(void **state)
{
    (void)state;
    double y = 0, gradient[5];
    double worst =
        run_flat(flat_forward, (const double[]){2, -1, -3, -2, -3}, &y, gradient);
    const double expected[] = {-0.1966119332, 0.3932238665, -0.3932238665, -0.5898357998,
                               0.1966119332};
    assert_true(fabs(y - 0.7310585786) < 1e-6);
    for (size_t i = 0; i < 5; i++)
        assert_true(fabs(gradient[i] - expected[i]) < 1e-6);
#ifdef CR_FLOAT64
    assert_true(worst <= CR_GRADCHECK_TOLERANCE);
#else
    (void)worst;
#endif
}

static void test_flat_code_broken_twin_is_caught(void **state)
{
    (void)state;
    double y = 0, gradient[5];
    /* half the lecture's values: at its own, the wrong forward pass saturates and all
     * gradients vanish */
    const double v[] = {1, -0.5, -1.5, -1, -1.5};
    assert_true(run_flat(broken_forward, v, &y, gradient) > 0.1);
#ifdef CR_FLOAT64
    assert_true(run_flat(flat_forward, v, &y, gradient) <= CR_GRADCHECK_TOLERANCE);
#endif
}

static void check_refused(const char *json, size_t targets, const char *message)
{
    fixture f;
    assert_false(fixture_create(&f, json, &(cr_shape){1, {4}}, targets, false));
    if (!strstr(f.err.text, message))
        fail_msg("said \"%s\", expected \"%s\"", f.err.text, message);
    fixture_finish(&f);
}

static void test_create_refuses_wrong_wiring(void **state)
{
    (void)state;
    check_refused(LAYERS("{\"type\": \"tanh\", \"name\": \"a\", \"inputs\": [\"b\"]},"
                         "{\"type\": \"tanh\", \"name\": \"b\"}"),
                  0, "form a cycle: ");
    check_refused(
        LAYERS("{\"type\": \"tanh\", \"inputs\": [\"relu1\"]}, {\"type\": \"relu\"}"), 0,
        "form a cycle: relu1 -> tanh1 -> relu1; a graph goes one way");
    check_refused(LAYERS("{\"type\": \"tanh\", \"name\": \"hidden\"}, "
                         "{\"type\": \"relu\", \"inputs\": [\"hiden\"]}"),
                  0,
                  "test.json:1:87: model.layers.1.inputs.0: unknown input \"hiden\"; did "
                  "you mean \"hidden\"?");
    check_refused(LAYERS("{\"type\": \"tanh\", \"name\": \"a\"}, {\"type\": \"tanh\", "
                         "\"name\": \"a\"}"),
                  0, "the name \"a\" is taken by model.layers.0");
    check_refused(
        LAYERS("{\"type\": \"tanh\"}, {\"type\": \"relu\", \"inputs\": [\"data\"]}"), 0,
        "nothing uses \"tanh1\", \"relu1\"");
    check_refused(LAYERS("{\"type\": \"tanh\", \"inputs\": [\"data\", \"data\"]}"), 0,
                  "\"tanh1\" has 2 inputs; tanh takes 1");
    check_refused(LAYERS("{\"type\": \"tanh\", \"name\": \"data\"}"), 0,
                  "\"data\" cannot be a name");
    check_refused(LAYERS("{\"type\": \"tanh\", \"name\": \"2x\"}"), 0,
                  "\"2x\" cannot be a name");
    check_refused(LAYERS(""), 0, "the list is empty");
    check_refused(LAYERS("{\"type\": \"linear\", \"units\": 7}"), 3,
                  "puts out 7 values for an example, but the target takes 3");
    check_refused(LAYERS("{\"type\": \"linear\"}, {\"type\": \"linear\"}"), 3,
                  "\"units\" is missing");
}

static void test_create_names_and_segments(void **state)
{
    (void)state;
    fixture f;
    assert_true(fixture_create(
        &f,
        LAYERS("{\"type\": \"linear\", \"units\": 5}, {\"type\": \"relu\"}, "
               "{\"type\": \"linear\", \"trainable\": false}"),
        &(cr_shape){3, {1, 2, 2}}, 3, false));
    const cr_network *n = f.model.network;
    assert_int_equal(n->parameter_count, 4 * 5 + 5 + 5 * 3 + 3);
    assert_string_equal(n->nodes[0].plan.parameters[0].full_name, "linear1.weight");
    assert_string_equal(n->nodes[2].plan.parameters[1].full_name, "linear2.bias");
    assert_true(n->nodes[0].plan.parameters[0].regularized);
    assert_false(n->nodes[0].plan.parameters[1].regularized);
    assert_true(n->nodes[0].trainable);
    assert_false(n->nodes[2].trainable);
    assert_false(n->values[0].has_gradient); /* nobody needs the batch's */
    for (size_t i = 0; i < n->node_count; i++)
        for (size_t k = 0; k < n->nodes[i].plan.parameter_count; k++)
            assert_int_equal(n->nodes[i].plan.parameters[k].offset % 16, 0);
    fixture_finish(&f);
}

static void test_init_he_and_xavier(void **state)
{
    (void)state;
    static const struct {
        const char *init;
        double std;
    } cases[] = {
        {"\"he\"", 0.1},      /* √(2/200) */
        {"\"xavier\"", 0.08}, /* √(2/(200 + 112.5)) */
        {"\"zeros\"", 0},
        {"{\"type\": \"normal\", \"std\": 0.3}", 0.3},
    };
    for (size_t i = 0; i < 4; i++) {
        char json[160];
        snprintf(json, sizeof json,
                 LAYERS("{\"type\": \"linear\", \"units\": 112, \"init\": %s}"),
                 cases[i].init);
        fixture f;
        assert_true(fixture_create(&f, json, &(cr_shape){1, {200}}, 0, false));
        cr_network_init(f.model.network, 3, NULL);
        double sum = 0;
        for (size_t k = 0; k < 200 * 112; k++)
            sum += pow((double)f.model.network->parameters[k], 2);
        double std = sqrt(sum / (200 * 112));
        /* 5 standard errors of a standard deviation over 22,400 draws: 2.4 % */
        assert_true(fabs(std - cases[i].std) <= 0.025 * cases[i].std + 1e-12);
        fixture_finish(&f);
    }
}

static void test_rows_of_a_pass_alone(void **state)
{
    (void)state;
    fixture f;
    assert_true(fixture_create(
        &f,
        LAYERS("{\"type\": \"linear\", \"units\": 6}, {\"type\": \"tanh\"}, "
               "{\"type\": \"linear\", \"units\": 2}"),
        &(cr_shape){1, {5}}, 0, true));
    cr_network_init(f.model.network, 1, NULL);
    enum { ROWS = 32 };
    cr_workspace *whole = cr_workspace_create(f.model.network, ROWS, 1, true, NULL);
    cr_workspace *split = cr_workspace_create(f.model.network, ROWS, 2, true, NULL);
    fixture_draw("x", 1, ROWS * 5, whole->values[0]);
    fixture_draw("x", 1, ROWS * 5, split->values[0]);
    size_t out = f.model.network->output;
    fixture_draw("up", 1, ROWS * 2, whole->gradients[out]);
    fixture_draw("up", 1, ROWS * 2, split->gradients[out]);
    cr_pass pass = {.rows = ROWS, .batch_rows = ROWS, .shares = 1};
    cr_workspace_forward(&pass, whole);
    cr_workspace_backward(&pass, whole);
    pass.rows = ROWS / 2;
    for (size_t half = 0; half < 2; half++) {
        pass.first_row = half * ROWS / 2;
        pass.share = half;
        cr_workspace_forward(&pass, split);
        cr_workspace_backward(&pass, split);
    }
    for (size_t i = 0; i < ROWS * 2; i++)
        assert_true(fabs((double)(whole->values[out][i] - split->values[out][i])) <
                    1e-6); /* float32 */
    for (size_t i = 0; i < ROWS * 5; i++)
        assert_true(fabs((double)(whole->gradients[0][i] - split->gradients[0][i])) <
                    1e-6);
    cr_workspace_destroy(whole);
    cr_workspace_destroy(split);
    fixture_finish(&f);
}

/* The reference is the same network with every layer by itself. */
static void check_joined(const char *products)
{
    fixture f;
    char config[1024];
    snprintf(
        config, sizeof config,
        "{\"model\": {\"products\": \"%s\", \"layers\": ["
        "{\"type\": \"linear\", \"units\": 20}, {\"type\": \"relu\"}, "
        "{\"type\": \"linear\", \"units\": 9, \"bias\": false}, {\"type\": \"relu\"}, "
        "{\"type\": \"linear\", \"name\": \"shared\", \"units\": 7}, "
        "{\"type\": \"relu\", \"name\": \"cut\"}, "
        "{\"type\": \"add\", \"inputs\": [\"cut\", \"shared\"]}, "
        "{\"type\": \"linear\", \"units\": 3}, {\"type\": \"relu\"}]}}",
        products);
    assert_true(fixture_create(&f, config, &(cr_shape){1, {5}}, 0, true));
    cr_network *network = f.model.network;
    fixture_draw("parameters", 1, network->parameter_size, network->parameters);
    enum { ROWS = 19 };
    cr_workspace *plain = cr_workspace_create(network, ROWS, 1, true, NULL);
    cr_workspace *fast = cr_workspace_create(network, ROWS, 1, true, NULL);
    cr_workspace_join(fast);
    size_t forward = 0, backward = 0, out = network->output;
    for (size_t i = 0; i < network->node_count; i++) {
        forward += fast->io[i].forward_done;
        backward += fast->io[i].backward_done;
    }
    assert_int_equal(forward,
                     3); /* not the one whose input somebody else reads as well */
    assert_int_equal(backward, 2); /* nor the last */
    fixture_draw("x", 1, ROWS * 5, plain->values[0]);
    fixture_draw("x", 1, ROWS * 5, fast->values[0]);
    fixture_draw("up", 1, ROWS * 3, plain->gradients[out]);
    fixture_draw("up", 1, ROWS * 3, fast->gradients[out]);
    cr_pass pass = {.rows = ROWS, .batch_rows = ROWS, .shares = 1};
    cr_real *gradients[2];
    for (size_t i = 0; i < 2; i++) {
        cr_workspace *w = i ? fast : plain;
        gradients[i] = test_calloc(network->parameter_size, sizeof(cr_real));
        cr_workspace_forward(&pass, w);
        cr_workspace_backward(&pass, w);
        cr_workspace_gradient(&pass, w, &(cr_gradient_sink){gradients[i], 1, 0, 0});
    }
    for (size_t i = 0; i < ROWS * 3; i++) /* float32, of sums of some numbers up to 1 */
        assert_true(fabs((double)(plain->values[out][i] - fast->values[out][i])) < 1e-4);
    for (size_t i = 0; i < ROWS * 5; i++)
        assert_true(fabs((double)(plain->gradients[0][i] - fast->gradients[0][i])) <
                    1e-4);
    for (size_t i = 0; i < network->parameter_size; i++)
        assert_true(fabs((double)(gradients[0][i] - gradients[1][i])) < 1e-3);
    test_free(gradients[0]);
    test_free(gradients[1]);
    cr_workspace_destroy(plain);
    cr_workspace_destroy(fast);
    fixture_finish(&f);
}

static void test_join_changes_no_output(void **state)
{
    (void)state;
    check_joined("auto");
    check_joined("blas");
}

static void test_first_bad_names_the_layer(void **state)
{
    (void)state;
    fixture f;
    assert_true(fixture_create(
        &f, LAYERS("{\"type\": \"linear\", \"units\": 2}, {\"type\": \"relu\"}"),
        &(cr_shape){1, {2}}, 0, false));
    cr_workspace *w = cr_workspace_create(f.model.network, 1, 1, false, NULL);
    char what[160];
    cr_pass pass = {.rows = 1, .batch_rows = 1, .shares = 1};
    cr_workspace_forward(&pass, w);
    assert_null(cr_workspace_first_bad(w, 1, what));
    w->values[0][0] = (cr_real)INFINITY;
    f.model.network->parameters[0] = 1;
    cr_workspace_forward(&pass, w);
    assert_string_equal(cr_workspace_first_bad(w, 1, what)->name, "linear1");
    assert_string_equal(what, "the output of layer linear1");
    f.model.network->parameters[1] = (cr_real)NAN;
    assert_string_equal(cr_workspace_first_bad(w, 1, what)->name, "linear1");
    assert_string_equal(what, "parameter \"linear1.weight\" of layer linear1");
    cr_workspace_destroy(w);
    fixture_finish(&f);
}

static void test_workspace_is_linear_in_its_size(void **state)
{
    (void)state;
    enum {
        SIZE = 4096,
        ROWS = 100
    }; /* the lecture's: its Jacobian would be 409,600 × 409,600 */
    fixture f;
    assert_true(fixture_create(&f, LAYERS("{\"type\": \"relu\"}"), &(cr_shape){1, {SIZE}},
                               0, true));
    cr_workspace *w = cr_workspace_create(f.model.network, ROWS, 1, true, NULL);
    assert_int_equal(w->bytes, 4 * SIZE * ROWS * sizeof(cr_real)); /* x, y, dx, dy */
    cr_workspace_destroy(w);
    fixture_finish(&f);
}

static void test_workspace_count_is_what_create_takes(void **state)
{
    (void)state;
    fixture f;
    assert_true(fixture_create(
        &f, LAYERS("{\"type\": \"linear\", \"units\": 20}, {\"type\": \"batch_norm\"}"),
        &(cr_shape){1, {5}}, 0, true));
    cr_workspace_bytes of = {0};
    cr_workspace *w = cr_workspace_create(f.model.network, 19, 2, true, NULL);
    assert_true(cr_workspace_count(f.model.network, 19, 2, true, &of, NULL));
    assert_memory_equal(&of, &w->of, sizeof of);
    assert_int_equal(of.values + of.gradients + of.kept + of.scratch, w->bytes);
    /* 2^40 rows are counted where no machine has the memory */
    assert_true(cr_workspace_count(f.model.network, (size_t)1 << 40, 1, true, &of, NULL));
    assert_int_equal(of.values, ((size_t)45 << 40) * sizeof(cr_real));
    cr_workspace_destroy(w);
    fixture_finish(&f);
}

/* Each concat doubles the values; 2⁶⁴ of them would be counted as none. */
static void test_create_refuses_too_many_values(void **state)
{
    (void)state;
    cr_text layers = {0};
    for (int i = 0; i < 64; i++)
        cr_text_add(
            &layers,
            "%s{\"type\": \"concat\", \"name\": \"c%d\", \"inputs\": [\"%s%.0d\", "
            "\"%s%.0d\"]}",
            i ? ", " : "", i + 1, i ? "c" : "data", i, i ? "c" : "data", i);
    cr_text json = {0};
    cr_text_add(&json, "{\"model\": {\"layers\": [%s]}}", layers.data);
    fixture f;
    assert_false(fixture_create(&f, json.data, &(cr_shape){1, {1}}, 0, false));
    assert_non_null(strstr(f.err.text, "\"c49\" puts out too many values"));
    fixture_finish(&f);
    cr_text_finish(&layers);
    cr_text_finish(&json);
}

/* A reshaped value and its gradient are those of its input; but a consumer of a value that
 * has several has a gradient of its own. */
static void test_reshaped_values_cost_no_memory(void **state)
{
    (void)state;
    fixture f;
    assert_true(fixture_create(
        &f,
        LAYERS("{\"type\": \"reshape\", \"shape\": [-1, 2]}, {\"type\": \"tanh\"}, "
               "{\"type\": \"flatten\"}, {\"type\": \"reshape\", \"shape\": [2, 2]}, "
               "{\"type\": \"add\", \"inputs\": [\"reshape2\", \"tanh1\"]}"),
        &(cr_shape){1, {4}}, 0, true));
    const cr_network *n = f.model.network;
    cr_workspace *w = cr_workspace_create(n, 3, 1, true, NULL);
    size_t at[8];
    const char *names[] = {"reshape1", "tanh1", "flatten1", "reshape2"};
    for (size_t k = 0; k < 4; k++)
        for (size_t i = 0; i < n->node_count; i++)
            if (strcmp(n->nodes[i].name, names[k]) == 0)
                at[k] = n->nodes[i].output;
    assert_ptr_equal(w->values[at[0]], w->values[0]);
    assert_ptr_equal(w->gradients[at[0]], w->gradients[0]);
    assert_ptr_equal(w->values[at[3]], w->values[at[1]]);
    assert_ptr_equal(w->gradients[at[3]], w->gradients[at[2]]);
    assert_ptr_not_equal(w->gradients[at[2]], w->gradients[at[1]]);
    fixture_draw("x", 1, 12, w->values[0]);
    const cr_pass pass = {.rows = 3, .batch_rows = 3, .shares = 1};
    cr_workspace_forward(&pass, w);
    for (size_t i = 0; i < 12; i++) {
        assert_true(w->values[n->output][i] == 2 * w->values[at[1]][i]);
        w->gradients[n->output][i] = 1;
    }
    cr_workspace_backward(&pass, w);
    for (size_t i = 0; i < 12; i++) {
        cr_real y = w->values[at[1]][i];
        assert_true(w->gradients[at[1]][i] == 2);
        assert_true(fabs((double)(w->gradients[0][i] - 2 * (1 - y * y))) < 1e-6);
    }
    cr_workspace_destroy(w);
    fixture_finish(&f);
}

static void test_create_refuses_shapes_that_do_not_fit(void **state)
{
    (void)state;
    check_refused(
        LAYERS("{\"type\": \"reshape\", \"shape\": [3, -1]}"), 0,
        "an example of its input is 4, 4 values, which \"shape\" does not hold: "
        "it takes a multiple of 3");
    check_refused(LAYERS("{\"type\": \"reshape\", \"shape\": [1, 2, 3]}"), 0,
                  "does not hold: it takes 6");
    check_refused(LAYERS("{\"type\": \"reshape\", \"shape\": [2147483647, 2147483647, "
                         "2147483647]}"),
                  0, "does not hold");
    for (const char *const *shape =
             (const char *const[]){"[]", "[-1, -1]", "[2, 0]", "[1, 2, 2, 1]", "[2.5]",
                                   "[-2]", "[\"4\"]", NULL};
         *shape; shape++) {
        char json[200];
        snprintf(json, sizeof json, LAYERS("{\"type\": \"reshape\", \"shape\": %s}"),
                 *shape);
        check_refused(json, 0,
                      "expected a list of one to three "
                      "whole numbers, of which one may be -1");
    }
    check_refused(
        LAYERS("{\"type\": \"upsample\", \"scale\": 2}"), 0,
        "it takes images [channels, height, width], but an example of its input "
        "is 4");
    check_refused(LAYERS("{\"type\": \"global_avg_pool\"}"), 0, "it takes images");
    check_refused(LAYERS("{\"type\": \"reshape\", \"shape\": [2, 2]}, {\"type\": "
                         "\"upsample\", \"scale\": [2, 2]}"),
                  0, "its input is a line, [channels, length], whose \"scale\" is one");
    check_refused(LAYERS("{\"type\": \"upsample\", \"scale\": 0}"), 0,
                  "expected a whole number from 1 to 65535, or two");
    check_refused(LAYERS("{\"type\": \"dropout\", \"channels\": true}"), 0,
                  "an example of its input is 4 values without channels");
#define TWO_SHAPES                                                                       \
    "{\"type\": \"reshape\", \"shape\": [1, 2, 2]}, {\"type\": \"reshape\", \"shape\": " \
    "[2, 1, 2], \"inputs\": [\"data\"]}, "
    check_refused(LAYERS(TWO_SHAPES "{\"type\": \"concat\", \"inputs\": [\"reshape1\", "
                                    "\"reshape2\"]}"),
                  0, "its inputs have the shapes 1x2x2 and 2x1x2; channels are joined");
    check_refused(LAYERS(TWO_SHAPES "{\"type\": \"add\", \"inputs\": [\"reshape1\", "
                                    "\"reshape2\"]}"),
                  0, "its inputs have the shapes 1x2x2 and 2x1x2; they must be equal");
}

static void test_create_refuses_too_many_layers(void **state)
{
    (void)state;
    cr_text json = {0};
    cr_text_add(&json, "{\"model\": {\"layers\": [{}");
    for (int i = 1; i < 3000; i++)
        cr_text_add(&json, ", {}");
    cr_text_add(&json, "]}}");
    check_refused(json.data, 0, "model.layers: 3000 layers; the most is 2048");
    cr_text_finish(&json);
}

static void test_workspace_refuses_what_cannot_be_counted(void **state)
{
    (void)state;
    fixture f;
    assert_true(fixture_create(&f, LAYERS("{\"type\": \"relu\"}"),
                               &(cr_shape){1, {(size_t)1 << 48}}, 0, true));
    cr_error err = CR_ERROR_INIT; /* 4 × 2⁴⁸ × 2¹⁴ values would be counted as none */
    assert_null(cr_workspace_create(f.model.network, (size_t)1 << 14, 1, true, &err));
    assert_int_equal(err.code, CR_E_MEMORY);
    cr_workspace_bytes of;
    assert_false(
        cr_workspace_count(f.model.network, (size_t)1 << 14, 1, true, &of, NULL));
    fixture_finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_value_with_several_consumers),
        cmocka_unit_test(test_flat_code_lecture_example_d),
        cmocka_unit_test(test_flat_code_broken_twin_is_caught),
        cmocka_unit_test(test_create_refuses_wrong_wiring),
        cmocka_unit_test(test_create_names_and_segments),
        cmocka_unit_test(test_init_he_and_xavier),
        cmocka_unit_test(test_rows_of_a_pass_alone),
        cmocka_unit_test(test_join_changes_no_output),
        cmocka_unit_test(test_first_bad_names_the_layer),
        cmocka_unit_test(test_workspace_is_linear_in_its_size),
        cmocka_unit_test(test_workspace_count_is_what_create_takes),
        cmocka_unit_test(test_create_refuses_too_many_values),
        cmocka_unit_test(test_reshaped_values_cost_no_memory),
        cmocka_unit_test(test_create_refuses_shapes_that_do_not_fit),
        cmocka_unit_test(test_create_refuses_too_many_layers),
        cmocka_unit_test(test_workspace_refuses_what_cannot_be_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
