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
    if (found->verdict != CR_GRADCHECK_OK)
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

enum { ROWS = 5 };

/* Parameters, a batch and targets that are draws. */
static cr_evaluator *fill(fixture *f)
{
    cr_evaluator *e = cr_evaluator_create(&f->model, ROWS, 1, true, &f->err);
    assert_non_null(e);
    cr_network_init(f->model.network, 1, NULL);
    cr_network *network = f->model.network;
    fixture_draw("parameters", 0.5, network->parameter_size, network->parameters);
    fixture_draw("data", 1, ROWS * network->values[0].size, e->workspace->values[0]);
    for (size_t i = 0; e->loss.targets.labels && i < ROWS; i++)
        e->loss.targets.labels[i] = (int32_t)(i % e->loss.outputs);
    if (e->loss.targets.values)
        fixture_draw("targets", 1, ROWS * e->loss.outputs, e->loss.targets.values);
    return e;
}

static void check_gradients(const char *about, fixture *f, cr_penalty penalty)
{
    cr_evaluator *e = fill(f);
    tally t = {.about = about};
    assert_true(cr_gradcheck_run(e, f->model.loss.type, ROWS, 0, 1, &penalty, check_found,
                                 &t, &f->err));
    assert_true(t.tensors >= 2 && t.values > ROWS);
    cr_evaluator_destroy(e);
}

/* What a type needs besides its name: options that it requires, and a layer in front that
 * brings its input to where it is defined; or images, on which it then stands behind an
 * element-wise layer alone, with a row for each case. A new type without such needs is
 * tested without being named here. */
typedef struct need {
    const char *type, *options, *before;
    cr_shape image; /* rank 0: none */
} need;

static const need needs[] = {
    {"linear", ", \"units\": 4", "tanh", {0}},
    {"scale", ", \"by\": -1.5", "tanh", {0}},
    {"shift", ", \"by\": 0.5", "tanh", {0}},
    {"power", ", \"exponent\": 3", "tanh", {0}},
    {"value",
     ", \"value\": [[1, -2, 0.5], [0.25, 3, -1]], \"trainable\": true",
     "tanh",
     {0}},
    {"log", "", "exp", {0}},
    {"reciprocal", "", "exp", {0}},
    {"conv2d", ", \"filters\": 3, \"kernel\": 3", "tanh", {3, {2, 5, 4}}},
    {"conv2d", ", \"filters\": 3, \"kernel\": 1", "tanh", {3, {2, 3, 4}}},
    {"conv2d",
     ", \"filters\": 4, \"kernel\": [3, 2], \"stride\": [2, 1], \"padding\": [2, 1], "
     "\"dilation\": [1, 2], \"groups\": 2, \"init\": \"orthogonal\"",
     "tanh",
     {3, {4, 5, 4}}},
    {"conv2d",
     ", \"filters\": 4, \"kernel\": 3, \"stride\": 2, \"padding\": \"same\", "
     "\"groups\": 2, \"bias\": false",
     "tanh",
     {3, {2, 6, 5}}},
    {"conv2d",
     ", \"filters\": 3, \"kernel\": 3, \"padding\": \"same\", \"groups\": 3",
     "tanh",
     {3, {3, 4, 5}}},
    {"conv2d",
     ", \"filters\": 3, \"kernel\": 2, \"stride\": 3",
     "tanh",
     {3, {1, 6, 7}}}, /* some pixels are seen by nobody */
    {"conv1d", ", \"filters\": 3, \"kernel\": 3", "tanh", {2, {2, 7}}},
    {"conv1d",
     ", \"filters\": 4, \"kernel\": 3, \"stride\": 2, \"padding\": 2, \"dilation\": 2, "
     "\"groups\": 2",
     "tanh",
     {2, {2, 9}}},
    {"conv_transpose2d", ", \"filters\": 3, \"kernel\": 2", "tanh", {3, {2, 3, 4}}},
    {"conv_transpose2d",
     ", \"filters\": 4, \"kernel\": [3, 2], \"stride\": [2, 3], \"padding\": [1, 1], "
     "\"output_padding\": [1, 2], \"dilation\": [1, 2], \"groups\": 2",
     "tanh",
     {3, {2, 3, 3}}},
    {"conv_transpose2d",
     ", \"filters\": 2, \"kernel\": 1, \"bias\": false",
     "tanh",
     {3, {3, 2, 3}}},
    {"max_pool2d", ", \"size\": 2", "tanh", {3, {2, 5, 6}}},
    {"max_pool2d",
     ", \"size\": 3, \"stride\": [2, 1], \"padding\": 1",
     "tanh",
     {3, {2, 4, 5}}},
    {"avg_pool2d", ", \"size\": 2", "tanh", {3, {2, 4, 5}}},
    {"avg_pool2d",
     ", \"size\": [2, 3], \"stride\": [1, 2], \"padding\": 1",
     "tanh",
     {3, {2, 4, 5}}},
    {"global_avg_pool", "", "tanh", {3, {3, 2, 4}}},
    {"global_avg_pool", "", "tanh", {2, {3, 5}}},
    {"upsample", ", \"scale\": 2", "tanh", {3, {2, 3, 2}}},
    {"upsample", ", \"scale\": [1, 3]", "tanh", {3, {2, 2, 3}}},
    {"upsample", ", \"scale\": 3", "tanh", {2, {2, 4}}},
    {"reshape", ", \"shape\": [2, -1]", "tanh", {0}},
    {"reshape", ", \"shape\": [12]", "tanh", {3, {2, 3, 2}}},
    {"flatten", "", "tanh", {0}},
    {"flatten", "", "tanh", {3, {2, 3, 2}}},
    {"batch_norm", "", "tanh", {0}},
    {"batch_norm", "", "tanh", {3, {2, 3, 2}}},
    {"batch_norm", ", \"epsilon\": 0.01", "tanh", {2, {3, 4}}},
    {"dropout", "", "tanh", {0}},
    {"dropout", ", \"channels\": true, \"rate\": 0.3", "tanh", {3, {6, 2, 3}}},
    {"concat", "", "tanh", {0}},
    {"concat", "", "tanh", {3, {2, 3, 2}}},
    {"add", "", "tanh", {0}},
    {"add", "", "tanh", {3, {2, 3, 2}}},
};

static const need plain = {NULL, "", "tanh", {0}};

/* The type's case after `last`, of several; NULL: there is none. */
static const need *next_need(const cr_layer_type *type, const need *last)
{
    const need *end = needs + sizeof needs / sizeof needs[0];
    for (const need *n = last ? last + 1 : needs; n < end; n++)
        if (strcmp(n->type, type->name) == 0)
            return n;
    return NULL;
}

static const need *first_need(const cr_layer_type *type)
{
    const need *first = next_need(type, NULL);
    return first ? first : &plain;
}

/* The layer behind linear ones (one for each input) and before a squared error with
 * random targets, so that the upstream gradient is of no special form. The batch goes
 * past it as well, since a layer may take no input. */
static void create_around(fixture *f, const cr_layer_type *type, const need *n,
                          const cr_shape *shape)
{
    cr_text json = {0};
    cr_text_add(&json, "{\"model\": {\"layers\": [");
    for (size_t i = 0; i < type->min_inputs; i++)
        if (n->image.rank > 0)
            cr_text_add(
                &json,
                "{\"type\": \"%s\", \"name\": \"in%zu\", \"inputs\": [\"data\"]}, ",
                n->before, i);
        else
            cr_text_add(&json,
                        "{\"type\": \"linear\", \"name\": \"to%zu\", \"units\": 6, "
                        "\"inputs\": [\"data\"]}, "
                        "{\"type\": \"%s\", \"name\": \"in%zu\"}, ",
                        i, n->before, i);
    cr_text_add(&json, "{\"type\": \"%s\", \"name\": \"it\"%s, \"inputs\": [", type->name,
                n->options);
    for (size_t i = 0; i < type->min_inputs; i++)
        cr_text_add(&json, "%s\"in%zu\"", i ? ", " : "", i);
    cr_text_add(
        &json,
        "]}, {\"type\": \"linear\", \"name\": \"flat\", \"units\": 5}, {\"type\": "
        "\"linear\", "
        "\"name\": \"past\", \"units\": 2, \"inputs\": [\"data\"]}, "
        "{\"type\": \"concat\", \"name\": \"join\", \"inputs\": [\"flat\", \"past\"]}, "
        "{\"type\": \"linear\"}]}, \"loss\": {\"type\": \"l2\"}}");
    if (!fixture_create(f, json.data, n->image.rank > 0 ? &n->image : shape, 3, true))
        fail_msg("%s: %s", type->name, f->err.text);
    cr_text_finish(&json);
}

static void check_layer(const cr_layer_type *type, const need *n, const cr_shape *shape)
{
    fixture f;
    create_around(&f, type, n, shape);
    check_gradients(type->name, &f, (cr_penalty){.l2 = 0.1, .l1 = 0.03});
    fixture_finish(&f);
}

static void test_gradients_of_every_layer(void **state)
{
    (void)state;
    const cr_shape flat = {1, {7}}, image = {3, {2, 3, 2}};
    assert_true(cr_layer_type_count > 0);
    for (size_t i = 0; i < cr_layer_type_count; i++) {
        const cr_layer_type *type = cr_layer_types[i];
        for (const need *n = first_need(type); n;
             n = n == &plain ? NULL : next_need(type, n)) {
            check_layer(type, n, &flat);
            if (n->image.rank == 0)
                check_layer(type, n, &image);
        }
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

/* What a check of a network with a fault in it came to. */
typedef struct blame {
    size_t layers, wrong_layers, tensors, wrong, unexplained;
    char layer[40], cause[40]; /* of the last that is wrong */
    bool of_parameter;         /* the last wrong layer's worst value is one of those */
} blame;

static void keep_blame(void *user, const cr_gradcheck *found)
{
    blame *b = user;
    bool wrong = found->verdict == CR_GRADCHECK_WRONG;
    if (found->kind == CR_GRADCHECK_LAYER || found->kind == CR_GRADCHECK_LOSS) {
        b->layers++;
        b->wrong_layers += wrong;
        if (wrong) {
            snprintf(b->layer, sizeof b->layer, "%s", found->layer);
            b->of_parameter = found->worst_parameter != NULL;
        }
        return;
    }
    b->tensors++;
    b->wrong += wrong;
    b->unexplained += wrong && !found->cause;
    if (wrong && found->cause)
        snprintf(b->cause, sizeof b->cause, "%s", found->cause);
}

static blame check_faulty(fixture *f, cr_evaluator *e, const cr_loss_type *loss)
{
    blame b = {0};
    assert_true(
        cr_gradcheck_run(e, loss, ROWS, 0, 1, &(cr_penalty){0}, keep_blame, &b, &f->err));
    return b;
}

static const cr_layer_type *sound;
static const cr_loss_type *sound_loss;

static void faulty_backward(const cr_pass *pass, const cr_layer_io *io)
{
    sound->backward(pass, io);
    for (size_t k = 0; k < io->input_count; k++)
        for (size_t i = 0; io->dx[k] && i < pass->rows * io->input_size[k]; i++)
            io->dx[k][i] *= (cr_real)1.1;
}

static void faulty_gradient(const cr_pass *pass, const cr_layer_io *io,
                            const cr_gradient_sink *sink)
{
    cr_gradient_sink more = *sink;
    more.alpha *= 1.1;
    sound->gradient(pass, io, &more);
}

static void faulty_loss_backward(const cr_pass *pass, const cr_loss_io *io)
{
    sound_loss->backward(pass, io);
    for (size_t i = 0; i < pass->rows * io->outputs; i++)
        io->dscores[i] *= (cr_real)1.1;
}

static const cr_layer_type *find_type(const char *name)
{
    for (size_t i = 0; i < cr_layer_type_count; i++)
        if (strcmp(cr_layer_types[i]->name, name) == 0)
            return cr_layer_types[i];
    return NULL;
}

static cr_node *find_node(fixture *f, const char *name)
{
    for (size_t i = 0; i < f->model.network->node_count; i++)
        if (strcmp(f->model.network->nodes[i].name, name) == 0)
            return &f->model.network->nodes[i];
    return NULL;
}

/* One of the type's functions is wrong: that layer is blamed, for that, and nothing else
 * is. */
static void check_blame(const cr_layer_type *type, bool of_gradient)
{
    const cr_shape shape = {1, {7}};
    fixture f;
    create_around(&f, type, first_need(type), &shape);
    cr_node *it = find_node(&f, "it");
    cr_layer_type broken = *type;
    sound = type;
    broken.backward = of_gradient ? type->backward : faulty_backward;
    broken.gradient = of_gradient ? faulty_gradient : type->gradient;
    cr_evaluator *e = fill(&f);
    it->type = &broken;
    blame b = check_faulty(&f, e, f.model.loss.type);
    if (b.wrong_layers != 1 || strcmp(b.layer, "it") != 0 ||
        b.of_parameter != of_gradient)
        fail_msg("%s: %zu layers are blamed, the last %s", type->name, b.wrong_layers,
                 b.layer);
    if (b.wrong == 0 || b.wrong == b.tensors || b.unexplained > 0 ||
        strcmp(b.cause, "it") != 0)
        fail_msg("%s: %zu of %zu tensors are wrong, %zu without a cause", type->name,
                 b.wrong, b.tensors, b.unexplained);
    cr_evaluator_destroy(e);
    fixture_finish(&f);
}

static void test_gradcheck_blames_the_layer_whose_function_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < cr_layer_type_count; i++) {
        const cr_layer_type *type = cr_layer_types[i];
        if (type->min_inputs > 0)
            check_blame(type, false);
        if (type->gradient)
            check_blame(type, true);
    }
}

/* tanh with the derivative of another function: what lies before it is wrong by it, what
 * lies behind it is not. */
static void wrong_tanh(const cr_pass *pass, const cr_layer_io *io)
{
    for (size_t i = 0; i < pass->rows * io->output_size; i++)
        io->dx[0][i] = io->dy[0][i] * (1 - io->y[i]);
}

static const char chain[] =
    "{\"model\": {\"layers\": [{\"type\": \"linear\", \"units\": 4}, {\"type\": "
    "\"tanh\"}, {\"type\": \"linear\"}]}, \"loss\": {\"type\": \"%s\"}}";

static void create_chain(fixture *f, const char *loss)
{
    char json[300];
    const cr_shape shape = {1, {3}};
    snprintf(json, sizeof json, chain, loss);
    if (!fixture_create(f, json, &shape, 3, true))
        fail_msg("%s", f->err.text);
}

static void test_gradcheck_blames_a_wrong_tanh(void **state)
{
    (void)state;
    fixture f;
    create_chain(&f, "l2");
    cr_layer_type broken = *find_node(&f, "tanh1")->type;
    broken.backward = wrong_tanh;
    find_node(&f, "tanh1")->type = &broken;
    cr_evaluator *e = fill(&f);
    blame b = check_faulty(&f, e, f.model.loss.type);
    assert_int_equal(b.wrong_layers, 1);
    assert_string_equal(b.layer, "tanh1");
    assert_int_equal(b.wrong, 4); /* the batch, linear1's output and two parameters */
    assert_string_equal(b.cause, "tanh1");
    cr_evaluator_destroy(e);
    fixture_finish(&f);
}

static void test_gradcheck_blames_a_wrong_loss(void **state)
{
    (void)state;
    for (size_t i = 0; i < cr_loss_type_count; i++) {
        fixture f;
        create_chain(&f, cr_loss_types[i]->name);
        cr_loss_type broken = *cr_loss_types[i];
        sound_loss = cr_loss_types[i];
        broken.backward = faulty_loss_backward;
        cr_evaluator *e = fill(&f);
        blame b = check_faulty(&f, e, &broken);
        assert_int_equal(b.wrong_layers, 1);
        assert_string_equal(b.layer, "loss");
        assert_string_equal(b.cause, "loss");
        assert_int_equal(b.wrong, b.tensors);
        cr_evaluator_destroy(e);
        fixture_finish(&f);
    }
}

/* Every layer is right by itself, and the gradients of two inputs are exchanged; or those
 * of a value's consumers are not added right. */
static void test_gradcheck_sees_wrong_wiring(void **state)
{
    (void)state;
    const cr_shape shape = {1, {7}};
    for (int swapped = 0; swapped < 2; swapped++) {
        fixture f;
        create_around(&f, find_type("subtract"), &plain, &shape);
        cr_layer_type broken = cr_layer_copy;
        sound = &cr_layer_copy;
        broken.backward = faulty_backward;
        cr_evaluator *e = fill(&f);
        if (swapped) {
            cr_layer_io *io =
                &e->workspace->io[find_node(&f, "it") - f.model.network->nodes];
            cr_real **dx = (cr_real **)(uintptr_t)io->dx, *first = dx[0];
            dx[0] = dx[1];
            dx[1] = first;
        } else {
            assert_non_null(find_node(&f, ""));
            find_node(&f, "")->type = &broken;
        }
        blame b = check_faulty(&f, e, f.model.loss.type);
        assert_int_equal(b.wrong_layers, 0);
        assert_true(b.wrong > 0);
        assert_int_equal(b.unexplained, b.wrong);
        cr_evaluator_destroy(e);
        fixture_finish(&f);
    }
}

/* What was found for one layer or tensor, by its name. */
typedef struct wanted {
    const char *tensor;
    cr_gradcheck_kind kind;
    cr_gradcheck found;
} wanted;

static void keep_wanted(void *user, const cr_gradcheck *found)
{
    wanted *w = user;
    if (found->kind == w->kind && strcmp(found->tensor, w->tensor) == 0)
        w->found = *found;
}

static cr_gradcheck find_in(fixture *f, cr_evaluator *e, cr_gradcheck_kind kind,
                            const char *tensor)
{
    wanted w = {.tensor = tensor, .kind = kind};
    assert_true(cr_gradcheck_run(e, f->model.loss.type, ROWS, 0, 1, &(cr_penalty){0},
                                 keep_wanted, &w, &f->err));
    assert_true(w.found.size > 0);
    return w.found;
}

static void test_gradcheck_does_not_check_beside_kinks(void **state)
{
    (void)state;
    const cr_shape shape = {1, {6}};
    fixture f;
    assert_true(fixture_create(&f,
                               "{\"model\": {\"layers\": [{\"type\": \"relu\"}, "
                               "{\"type\": \"linear\"}]}, \"loss\": {\"type\": \"l1\"}}",
                               &shape, 2, true));
    cr_evaluator *e = fill(&f);
    cr_real *x = e->workspace->values[0];
    x[3] = x[7] = x[20] = 0;
    cr_gradcheck found = find_in(&f, e, CR_GRADCHECK_LAYER, "relu1");
    assert_int_equal(found.verdict, CR_GRADCHECK_OK);
    assert_int_equal(found.kinks, 3);
    assert_int_equal(found.checked, 6 * ROWS - 3);
    found = find_in(&f, e, CR_GRADCHECK_VALUE, "data");
    assert_int_equal(found.verdict, CR_GRADCHECK_OK);
    assert_int_equal(found.kinks, 3);
    memset(x, 0, 6 * ROWS * sizeof *x);
    found = find_in(&f, e, CR_GRADCHECK_LAYER, "relu1");
    assert_int_equal(found.verdict, CR_GRADCHECK_NOT_CHECKED);
    assert_int_equal(found.kinks, found.size);
    found = find_in(&f, e, CR_GRADCHECK_VALUE, "data");
    assert_int_equal(found.verdict, CR_GRADCHECK_NOT_CHECKED);
    /* and a loss: every score is its target */
    memset(f.model.network->parameters, 0,
           f.model.network->parameter_size * sizeof(cr_real));
    memset(e->loss.targets.values, 0, 2 * ROWS * sizeof(cr_real));
    found = find_in(&f, e, CR_GRADCHECK_LOSS, "l1");
    assert_int_equal(found.verdict, CR_GRADCHECK_NOT_CHECKED);
    cr_evaluator_destroy(e);
    fixture_finish(&f);
}

/* A hinge at its margin, and the largest of equals. */
static void test_gradcheck_of_hinge_and_max_at_their_kinks(void **state)
{
    (void)state;
    const cr_shape shape = {1, {3}};
    fixture f;
    assert_true(fixture_create(
        &f,
        "{\"model\": {\"layers\": [{\"type\": \"linear\", \"name\": \"a\", \"units\": "
        "3}, "
        "{\"type\": \"linear\", \"name\": \"b\", \"units\": 3, \"inputs\": [\"data\"]}, "
        "{\"type\": \"max\", \"inputs\": [\"a\", \"b\"]}]}, \"loss\": {\"type\": "
        "\"svm\"}}",
        &shape, 3, true));
    cr_evaluator *e = fill(&f);
    memset(f.model.network->parameters, 0,
           f.model.network->parameter_size * sizeof(cr_real));
    memset(e->loss.targets.labels, 0, ROWS * sizeof *e->loss.targets.labels);
    for (const char *name = "a"; name; name = *name == 'a' ? "b" : NULL)
        f.model.network->parameters[find_node(&f, name)->plan.parameters[1].offset] = 1;
    cr_gradcheck found = find_in(&f, e, CR_GRADCHECK_LAYER, "max1");
    assert_int_equal(found.verdict, CR_GRADCHECK_NOT_CHECKED);
    found = find_in(&f, e, CR_GRADCHECK_LOSS, "svm");
    assert_int_equal(found.verdict, CR_GRADCHECK_NOT_CHECKED);
    found = find_in(&f, e, CR_GRADCHECK_PARAMETER, "a.weight");
    assert_int_equal(found.verdict, CR_GRADCHECK_NOT_CHECKED);
    cr_evaluator_destroy(e);
    fixture_finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradients_of_every_layer),
        cmocka_unit_test(test_gradients_of_every_loss),
        cmocka_unit_test(test_gradcheck_blames_the_layer_whose_function_is_wrong),
        cmocka_unit_test(test_gradcheck_blames_a_wrong_tanh),
        cmocka_unit_test(test_gradcheck_blames_a_wrong_loss),
        cmocka_unit_test(test_gradcheck_sees_wrong_wiring),
        cmocka_unit_test(test_gradcheck_does_not_check_beside_kinks),
        cmocka_unit_test(test_gradcheck_of_hinge_and_max_at_their_kinks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
