/* The training loop: what it allocates, repeats, keeps, and how it ends. */
#include "augmentations.h"
#include "files.h"
#include "fixture.h"
#include "graph/safetensors.h"
#include "train/trainer.h"

#include <stdlib.h>

/* Every allocation of the process, the libraries' included. */
static size_t allocations;

#ifndef __SANITIZE_ADDRESS__ /* which has allocators of its own */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *old, size_t size);
void *aligned_alloc(size_t alignment, size_t size);

void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations++;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    allocations++;
    return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    allocations++;
    return __libc_memalign(alignment, size);
}
#endif

static const char data[] =
    "a,b,c\n1,2,x\n2,1,y\n3,5,x\n0,4,y\n2,2,x\n1,1,y\n4,3,x\n2,6,y\n5,1,x\n3,2,y\n";

static const char config[] =
    "{\"data\": {\"train\": \"t.csv\", \"target\": \"c\", \"validation\": {\"fraction\": "
    "0.4}},"
    "\"model\": {\"layers\": [{\"type\": \"linear\", \"units\": 8}, {\"type\": "
    "\"relu\"}, {\"type\": \"linear\"}]},"
    "\"loss\": {\"type\": \"softmax\"}, \"regularization\": {\"l2\": 0.01},"
    "\"optimizer\": {\"type\": \"sgd\", \"learning_rate\": 0.05}, \"training\": "
    "{\"epochs\": 20, \"batch_size\": 4}}";

/* Layers in which the members of a team meet. */
#define BATCH_NORMS                                                                      \
    "model.layers=[{\"type\": \"batch_norm\"}, {\"type\": \"linear\", \"units\": 8}, "   \
    "{\"type\": \"batch_norm\"}, {\"type\": \"relu\"}, {\"type\": \"linear\"}]"

static cr_experiment *load(const char *const *overrides, size_t count)
{
    cr_error err = CR_ERROR_INIT;
    files_write_text("t.csv", data);
    cr_experiment *e =
        cr_experiment_load(files_write_text("c.json", config), overrides, count, &err);
    if (!e)
        fail_msg("%s", err.text);
    return e;
}

static uint32_t train(const char *const *overrides, size_t count,
                      const cr_callbacks *callbacks, cr_result *result)
{
    cr_experiment *e = load(overrides, count);
    cr_error err = CR_ERROR_INIT;
    if (!cr_train(e, callbacks, result, &err))
        fail_msg("%s", err.text);
    uint32_t crc = cr_safetensors_crc32(e->model.network);
    cr_experiment_destroy(e);
    return crc;
}

typedef struct counting {
    size_t at_first_step, at_last_step, steps, epochs;
    size_t stop_after;
} counting;

static bool on_step(void *user, const cr_progress *progress)
{
    counting *c = user;
    if (c->steps++ == 0)
        c->at_first_step = allocations;
    c->at_last_step = allocations;
    assert_true(progress->epoch >= 1 && progress->epoch <= progress->epochs);
    assert_int_equal(progress->total_steps, c->steps);
    return c->steps != c->stop_after;
}

static bool on_epoch(void *user, const cr_epoch *epoch, cr_error *err)
{
    (void)err;
    counting *c = user;
    c->epochs++;
    assert_int_equal(epoch->epoch, c->epochs);
    assert_int_equal(epoch->train.examples, 6);
    assert_int_equal(epoch->validation.examples, 4);
    return true;
}

static void test_train_allocates_nothing_in_the_loop(void **state)
{
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    SKIP_BECAUSE("AddressSanitizer has allocators of its own");
#endif
    counting c = {0};
    cr_callbacks callbacks = {&c, on_step, on_epoch};
    cr_result result;
    train(NULL, 0, &callbacks, &result);
    assert_int_equal(c.steps, 40); /* 6 rows in batches of 4: a second, smaller batch */
    assert_int_equal(c.epochs, 20);
    assert_true(allocations > 0);
    assert_int_equal(c.at_last_step - c.at_first_step, 0);
}

static void test_train_repeats_to_the_bit(void **state)
{
    (void)state;
    cr_result a, b;
    uint32_t crc = train(NULL, 0, NULL, &a);
    assert_int_equal(train(NULL, 0, NULL, &b), crc);
    assert_true(a.parts[CR_PART_VALIDATION].loss == b.parts[CR_PART_VALIDATION].loss);
    const char *seed[] = {"seed=2"};
    assert_int_not_equal(train(seed, 1, NULL, &b), crc);
}

/* A table of 350 rows, of which 210 are trained on: in batches of 100, which three members
 * share in runs of 32, 32 and 36 rows, and a last one of 10, which is one member's. */
static const char *write_team_table(void)
{
    cr_text table = {0};
    for (int i = 0; i < 350; i++) {
        for (int j = 0; j < 20; j++)
            cr_text_add(&table, "%d,", (i * (j + 3) + j * j) % 17);
        cr_text_add(&table, "%s\n", i % 3 ? i % 3 > 1 ? "x" : "y" : "z");
    }
    const char *path = files_write("team.csv", table.data, table.length);
    cr_text_finish(&table);
    return path;
}

static void check_team(const char *layers)
{
    enum { COUNT = 6 };
    char path[300];
    snprintf(path, sizeof path, "data.train=%s", write_team_table());
    const char *overrides[] = {path,
                               "data.target=-1",
                               "data.normalize=standardize",
                               "training.batch_size=100",
                               "training.threads=1",
                               layers};
    cr_result alone, first, again;
    counting c = {0};
    cr_callbacks callbacks = {&c, on_step, NULL};
    train(overrides, COUNT, NULL, &alone);
    for (int threads = 2; threads <= 3; threads++) {
        overrides[4] = threads == 2 ? "training.threads=2" : "training.threads=3";
        c = (counting){0};
        uint32_t crc = train(overrides, COUNT, &callbacks, &first);
        assert_int_equal(c.at_last_step - c.at_first_step, 0);
        assert_int_equal(train(overrides, COUNT, NULL, &again), crc);
        for (int part = CR_PART_TRAIN; part <= CR_PART_VALIDATION; part++) {
            assert_true(first.parts[part].loss == again.parts[part].loss);
            assert_int_equal(first.parts[part].examples, alone.parts[part].examples);
            /* products are split, so sums may be rounded in another order */
            assert_true(fabs(first.parts[part].loss - alone.parts[part].loss) < 1e-4);
        }
    }
}

static void test_train_with_a_team(void **state)
{
    (void)state;
    check_team(
        "model.layers=[{\"type\": \"linear\", \"units\": 8}, {\"type\": \"relu\"}, "
        "{\"type\": \"linear\"}]");
}

/* Two layers in which the members meet. */
static void test_train_with_a_team_that_meets(void **state)
{
    (void)state;
    check_team(BATCH_NORMS);
}

/* A target makes the loss of one member's rows NaN, an input that of all: no member may wait
 * for another that has stopped. */
static void test_train_reports_divergence_of_one_member(void **state)
{
    (void)state;
    char path[300];
    snprintf(path, sizeof path, "data.train=%s", write_team_table());
    const char *overrides[] = {path,
                               "data.target=0",
                               "data.ignore=[20]",
                               "training.batch_size=100",
                               "training.threads=2",
                               "training.shuffle=false",
                               "loss.type=l2",
                               BATCH_NORMS};
    for (size_t i = 0; i < 20; i++) {
        size_t row = i % 5 * 50;
        bool input = i % 2;
        overrides[4] = i < 10 ? "training.threads=2" : "training.threads=3";
        cr_experiment *e = load(overrides, 8);
        cr_error err = CR_ERROR_INIT;
        cr_result result;
        cr_dataset *d = &e->data->datasets[CR_PART_TRAIN];
        size_t at = cr_part_row(&e->data->parts[CR_PART_TRAIN], row);
        d->own[at * d->stride + (input ? 3 : d->stride - 1)] = (cr_real)NAN;
        assert_false(cr_train(e, NULL, &result, &err));
        assert_int_equal(err.code, CR_E_DIVERGED);
        assert_int_equal(result.status, CR_STATUS_DIVERGED);
        assert_int_equal(result.steps, row / 100);
        cr_experiment_destroy(e);
    }
}

/* Interrupted between two steps, with a team that meets, it goes on to the same bits. */
static void test_train_with_a_team_that_meets_goes_on(void **state)
{
    (void)state;
    char path[300];
    snprintf(path, sizeof path, "data.train=%s", write_team_table());
    const char *overrides[] = {path, "data.target=-1", "training.batch_size=100",
                               "training.threads=2", BATCH_NORMS};
    cr_result result;
    uint32_t whole = train(overrides, 5, NULL, &result);
    cr_experiment *e = load(overrides, 5);
    cr_trainer *trainer = cr_trainer_create(e, true, NULL);
    counting c = {.stop_after = 7};
    cr_callbacks callbacks = {&c, on_step, NULL};
    assert_true(cr_trainer_run(trainer, &callbacks, &result, NULL));
    assert_int_equal(result.status, CR_STATUS_INTERRUPTED);
    assert_true(cr_trainer_run(trainer, NULL, &result, NULL));
    assert_int_equal(result.status, CR_STATUS_COMPLETED);
    assert_int_equal(cr_safetensors_crc32(e->model.network), whole);
    cr_trainer_destroy(trainer);
    cr_experiment_destroy(e);
}

/* A training batch is augmented, whole or in shares, to the same bits; a batch that is
 * only looked at is not. Nothing is allocated meanwhile. */
static void test_train_augments(void **state)
{
    (void)state;
    cr_text section = augmentations_data();
    const char *overrides[] = {section.data, "training.batch_size=40"};
    cr_experiment *e = load(overrides, 2);
    const cr_dataset *images = e->data->parts[CR_PART_TRAIN].dataset;
    const size_t rows = 40, count = rows * images->features;
    cr_real *whole = cr_alloc(count, sizeof *whole, NULL);
    cr_real *plain = cr_alloc(count, sizeof *plain, NULL);
    for (size_t shares = 1; shares <= 3; shares++) {
        cr_evaluator *evaluator =
            cr_evaluator_create(&e->model, rows, shares, false, NULL);
        assert_true(cr_evaluator_augment(evaluator, &e->augment, NULL));
        for (size_t i = 0; i < rows; i++)
            evaluator->order[i] = (uint32_t)((i * 7 + 3) % rows);
        cr_pass pass = {.training = true,
                        .seed = 5,
                        .step = 9,
                        .rows = rows,
                        .batch_rows = rows,
                        .shares = 1};
        size_t before = allocations;
        for (size_t share = 0; share < shares; share++) {
            cr_pass own = cr_pass_share(&pass, share, shares);
            cr_evaluator_gather(evaluator, images, evaluator->order, &own);
        }
        assert_int_equal(allocations, before);
        const cr_real *x = evaluator->workspace->values[0];
        if (shares == 1)
            memcpy(whole, x, count * sizeof *whole);
        assert_memory_equal(x, whole, count * sizeof *whole);
        pass.training = false;
        cr_batch_gather(images, evaluator->order, rows, plain, NULL);
        assert_memory_not_equal(x, plain, count * sizeof *plain);
        cr_evaluator_gather(evaluator, images, evaluator->order, &pass);
        assert_memory_equal(x, plain, count * sizeof *plain);
        cr_evaluator_destroy(evaluator);
    }
    cr_free(whole);
    cr_free(plain);
    cr_experiment_destroy(e);
    cr_text_finish(&section);
}

static void test_train_stops_when_told(void **state)
{
    (void)state;
    counting c = {.stop_after = 7};
    cr_callbacks callbacks = {&c, on_step, on_epoch};
    cr_result result;
    train(NULL, 0, &callbacks, &result);
    assert_int_equal(result.status, CR_STATUS_INTERRUPTED);
    assert_int_equal(result.steps, 7);
    assert_int_equal(result.epochs, 3);
    for (size_t i = 0; i < CR_PARTS; i++) /* nobody waits for figures */
        assert_int_equal(result.parts[i].examples, 0);
    const char *limit[] = {"training.max_seconds=1e-9"};
    train(limit, 1, NULL, &result);
    assert_int_equal(result.status, CR_STATUS_STOPPED_EARLY);
    assert_int_equal(result.steps, 1);
}

static void test_train_reports_divergence(void **state)
{
    (void)state;
    const char *overrides[] = {"optimizer.learning_rate=1e30"};
    cr_experiment *e = load(overrides, 1);
    cr_error err = CR_ERROR_INIT;
    cr_result result;
    assert_false(cr_train(e, NULL, &result, &err));
    assert_int_equal(err.code, CR_E_DIVERGED);
    assert_int_equal(result.status, CR_STATUS_DIVERGED);
    assert_non_null(strstr(err.text, "NaN or infinite in epoch "));
    assert_non_null(strstr(err.text, "step "));
    if (!strstr(err.text, "layer linear"))
        fail_msg("%s", err.text);
    cr_experiment_destroy(e);
}

/* The step that breaks the parameters may be the last: no loss is computed after it. */
static void test_train_reports_divergence_in_the_last_step(void **state)
{
    (void)state;
    const char *overrides[] = {"optimizer.learning_rate=1e39", "training.epochs=1",
                               "training.batch_size=10"};
    cr_experiment *e = load(overrides, 3);
    cr_error err = CR_ERROR_INIT;
    cr_result result;
#ifdef CR_FLOAT64
    (void)result; /* 1e39 is no trouble for a double */
#else
    assert_false(cr_train(e, NULL, &result, &err));
    assert_int_equal(result.status, CR_STATUS_DIVERGED);
    assert_non_null(strstr(
        err.text,
        "a parameter became NaN or infinite in epoch 1, step 1 of the run: the first "
        "value that is not finite is in parameter \"linear"));
#endif
    (void)err;
    cr_experiment_destroy(e);
}

static void test_train_leaves_frozen_layers_alone(void **state)
{
    (void)state;
    const char *overrides[] = {"model.layers.0.trainable=false"};
    cr_experiment *e = load(overrides, 1);
    const cr_node *frozen = &e->model.network->nodes[0],
                  *free_one = &e->model.network->nodes[2];
    const cr_segment *w = &frozen->plan.parameters[0], *v = &free_one->plan.parameters[0];
    cr_real before[16], other[16];
    memcpy(before, e->model.network->parameters + w->offset, w->size * sizeof *before);
    memcpy(other, e->model.network->parameters + v->offset, v->size * sizeof *other);
    cr_result result;
    assert_true(cr_train(e, NULL, &result, NULL));
    assert_memory_equal(before, e->model.network->parameters + w->offset,
                        w->size * sizeof *before);
    assert_memory_not_equal(other, e->model.network->parameters + v->offset,
                            v->size * sizeof *other);
    cr_experiment_destroy(e);
}

static void test_trainer_keeps_the_best_of_validation(void **state)
{
    (void)state;
    const char *overrides[] = {"optimizer.learning_rate=0.5", "training.epochs=60"};
    cr_experiment *e = load(overrides, 2);
    cr_trainer *trainer = cr_trainer_create(e, true, NULL);
    cr_result result;
    assert_true(cr_trainer_run(trainer, NULL, &result, NULL));
    assert_true(trainer->best_epoch >= 1);
    assert_true(trainer->best_value <= result.parts[CR_PART_VALIDATION].loss);
    memcpy(e->model.network->parameters, trainer->best_parameters,
           e->model.network->parameter_size * sizeof(cr_real));
    cr_figures figures =
        cr_evaluator_figures(trainer->figures, &e->data->parts[CR_PART_VALIDATION], NULL);
    assert_true(figures.loss == trainer->best_value);
    cr_trainer_destroy(trainer);
    cr_experiment_destroy(e);
}

static void test_images_stay_bytes(void **state)
{
    (void)state;
    static unsigned char images[16 + 2 * 9] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0,
                                               0, 3, 0, 0, 0, 3, 9, 8, 7};
    static const unsigned char labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 0, 1};
    files_write("i.idx", images, sizeof images);
    files_write("l.idx", labels, sizeof labels);
    char text[300];
    snprintf(
        text, sizeof text,
        "data={\"train\": {\"images\": \"%s\", \"labels\": \"%s\"}, \"normalize\": 255}",
        files_path("i.idx"), files_path("l.idx"));
    const char *overrides[] = {text};
    cr_experiment *e = load(overrides, 1);
    const cr_dataset *d = &e->data->datasets[CR_PART_TRAIN];
    assert_non_null(d->bytes); /* one byte a pixel */
    assert_null(d->values);
    assert_int_equal(e->model.encoding->features, 9);
    cr_experiment_destroy(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_train_allocates_nothing_in_the_loop),
        cmocka_unit_test(test_train_repeats_to_the_bit),
        cmocka_unit_test(test_train_with_a_team),
        cmocka_unit_test(test_train_augments),
        cmocka_unit_test(test_train_with_a_team_that_meets),
        cmocka_unit_test(test_train_reports_divergence_of_one_member),
        cmocka_unit_test(test_train_with_a_team_that_meets_goes_on),
        cmocka_unit_test(test_train_stops_when_told),
        cmocka_unit_test(test_train_reports_divergence),
        cmocka_unit_test(test_train_reports_divergence_in_the_last_step),
        cmocka_unit_test(test_train_leaves_frozen_layers_alone),
        cmocka_unit_test(test_trainer_keeps_the_best_of_validation),
        cmocka_unit_test(test_images_stay_bytes),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
