/* Every layer and loss of the tables by its gradients, in double precision. */
#include "fixture.h"
#include "inspect/gradcheck.h"

typedef struct tally {
    const char *about;
    size_t tensors, values;
    double worst;
} tally;

static void check_found(void *user, const cr_gradcheck *found)
{
    tally *t = user;
    if (!(found->error <= CR_GRADCHECK_TOLERANCE))
        fail_msg("%s: %s: error %g (value %zu: analytic %g, numerical %g)", t->about,
                 found->tensor, found->error, found->worst, found->worst_analytic,
                 found->worst_numerical);
    if (!(found->norm > 0))
        fail_msg("%s: %s: the gradient is all zero", t->about, found->tensor);
    if (found->checked == 0)
        fail_msg("%s: %s: nothing was checked", t->about, found->tensor);
    t->tensors++;
    t->values += found->checked;
}

/* Fills the batch and the targets with draws, then checks all gradients. */
static void check_gradients(const char *about, fixture *f, cr_penalty penalty)
{
    enum { ROWS = 5 };
    const cr_loss_type *loss = f->model.loss.type;
    cr_evaluator *e = cr_evaluator_create(&f->model, ROWS, 1, true, &f->err);
    assert_non_null(e);
    cr_network_init(f->model.network, 1);
    cr_network *network = f->model.network;
    fixture_draw("parameters", 0.5, network->parameter_size, network->parameters);
    fixture_draw("data", 1, ROWS * network->values[0].size, e->workspace->values[0]);
    for (size_t i = 0; e->loss.targets.labels && i < ROWS; i++)
        e->loss.targets.labels[i] = (int32_t)(i % e->loss.outputs);
    if (e->loss.targets.values)
        fixture_draw("targets", 1, ROWS * e->loss.outputs, e->loss.targets.values);
    tally t = {.about = about};
    assert_true(
        cr_gradcheck_run(e, loss, ROWS, 0, 1, &penalty, check_found, &t, &f->err));
    assert_true(t.tensors >= 2 && t.values > ROWS);
    cr_evaluator_destroy(e);
}

/* What a type needs besides its name: options that it requires, and a layer in front that
 * brings its input to where it is defined. A new type without such needs is tested
 * without being named here. */
static const struct {
    const char *type, *options, *before;
} needs[] = {
    {"linear", ", \"units\": 4", NULL},
    {"scale", ", \"by\": -1.5", NULL},
    {"shift", ", \"by\": 0.5", NULL},
    {"power", ", \"exponent\": 3", NULL},
    {"value", ", \"value\": [[1, -2, 0.5], [0.25, 3, -1]], \"trainable\": true", NULL},
    {"log", "", "exp"},
    {"reciprocal", "", "exp"},
};

/* The layer behind linear ones (one for each input) and before a squared error with
 * random targets, so that the upstream gradient is of no special form. The batch goes
 * past it as well, since a layer may take no input. */
static void check_layer(const cr_layer_type *type, const cr_shape *shape)
{
    cr_text json = {0};
    const char *options = "", *before = "tanh";
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++)
        if (strcmp(needs[i].type, type->name) == 0) {
            options = needs[i].options;
            before = needs[i].before ? needs[i].before : before;
        }
    cr_text_add(&json, "{\"model\": {\"layers\": [");
    for (size_t i = 0; i < type->min_inputs; i++)
        cr_text_add(&json,
                    "{\"type\": \"linear\", \"name\": \"to%zu\", \"units\": 6, "
                    "\"inputs\": [\"data\"]}, "
                    "{\"type\": \"%s\", \"name\": \"in%zu\"}, ",
                    i, before, i);
    cr_text_add(&json, "{\"type\": \"%s\", \"name\": \"it\"%s, \"inputs\": [", type->name,
                options);
    for (size_t i = 0; i < type->min_inputs; i++)
        cr_text_add(&json, "%s\"in%zu\"", i ? ", " : "", i);
    cr_text_add(
        &json,
        "]}, {\"type\": \"concat\", \"name\": \"join\", \"inputs\": [\"it\", \"data\"]}, "
        "{\"type\": \"linear\"}]}, \"loss\": {\"type\": \"l2\"}}");
    fixture f;
    if (!fixture_create(&f, json.data, shape, 3, true))
        fail_msg("%s: %s", type->name, f.err.text);
    check_gradients(type->name, &f, (cr_penalty){.l2 = 0.1, .l1 = 0.03});
    fixture_finish(&f);
    cr_text_finish(&json);
}

static void test_gradients_of_every_layer(void **state)
{
    (void)state;
    const cr_shape flat = {1, {7}}, image = {3, {2, 3, 2}};
    assert_true(cr_layer_type_count > 0);
    for (size_t i = 0; i < cr_layer_type_count; i++) {
        check_layer(cr_layer_types[i], &flat);
        check_layer(cr_layer_types[i], &image);
    }
}

static void test_gradients_of_every_loss(void **state)
{
    (void)state;
    const cr_shape shape = {1, {6}};
    assert_true(cr_loss_type_count > 0);
    for (size_t i = 0; i < cr_loss_type_count; i++) {
        char json[300];
        snprintf(json, sizeof json,
                 "{\"model\": {\"layers\": [{\"type\": \"linear\", \"units\": 5}, "
                 "{\"type\": \"relu\"}, "
                 "{\"type\": \"linear\"}]}, \"loss\": {\"type\": \"%s\"}}",
                 cr_loss_types[i]->name);
        fixture f;
        if (!fixture_create(&f, json, &shape, 4, true))
            fail_msg("%s", f.err.text);
        check_gradients(cr_loss_types[i]->name, &f, (cr_penalty){.l2 = 0.01});
        fixture_finish(&f);
    }
}

/* A gradient that is wrong must be found: relu's backward taken for tanh's. */
static void wrong_backward(const cr_pass *pass, const cr_layer_io *io)
{
    for (size_t i = 0; i < pass->rows * io->output_size; i++)
        io->dx[0][i] = io->dy[0][i] * (1 - io->y[i]);
}

static double found_error;

static void keep_worst(void *user, const cr_gradcheck *found)
{
    (void)user;
    found_error = fmax(found_error, found->error);
}

static void test_gradcheck_finds_a_wrong_gradient(void **state)
{
    (void)state;
    fixture f;
    const cr_shape shape = {1, {3}};
    assert_true(fixture_create(&f,
                               "{\"model\": {\"layers\": [{\"type\": \"linear\", "
                               "\"units\": 4}, {\"type\": \"tanh\"},"
                               "{\"type\": \"linear\"}]}, \"loss\": {\"type\": \"l2\"}}",
                               &shape, 2, true));
    cr_layer_type broken = *f.model.network->nodes[1].type;
    broken.backward = wrong_backward;
    f.model.network->nodes[1].type = &broken;
    cr_evaluator *e = cr_evaluator_create(&f.model, 2, 1, true, &f.err);
    cr_network_init(f.model.network, 1);
    fixture_draw("data", 1, 6, e->workspace->values[0]);
    found_error = 0;
    const cr_penalty none = {0};
    assert_true(
        cr_gradcheck_run(e, f.model.loss.type, 2, 0, 1, &none, keep_worst, NULL, &f.err));
    assert_true(found_error > 0.01);
    cr_evaluator_destroy(e);
    fixture_finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradients_of_every_layer),
        cmocka_unit_test(test_gradients_of_every_loss),
        cmocka_unit_test(test_gradcheck_finds_a_wrong_gradient),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
