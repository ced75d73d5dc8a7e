/* Steps in pieces against steps over the whole batch. */
#include "files.h"
#include "fixture.h"
#include "graph/safetensors.h"
#include "train/pieces.h"
#include "train/trainer.h"

/* 2,400 rows of 6 columns, in three classes. */
static const char *write_table(void)
{
    cr_text table = {0};
    for (int i = 0; i < 2400; i++) {
        for (int j = 0; j < 6; j++)
            cr_text_add(&table, "%d,", (i * (j + 3) + j * j) % 17);
        cr_text_add(&table, "%s\n", i % 3 ? i % 3 > 1 ? "x" : "y" : "z");
    }
    const char *path = files_write("pieces.csv", table.data, table.length);
    cr_text_finish(&table);
    return path;
}

static cr_experiment *load(int batch, int threads, const char *more)
{
    char config[1024];
    cr_error err = CR_ERROR_INIT;
    snprintf(config, sizeof config,
             "{\"data\": {\"train\": \"%s\", \"target\": -1, \"header\": false, "
             "\"normalize\": \"standardize\"}, \"model\": {\"layers\": ["
             "{\"type\": \"linear\", \"units\": 60}, {\"type\": \"relu\"}, "
             "{\"type\": \"dropout\", \"rate\": 0.3}, {\"type\": \"linear\", \"units\": "
             "33}, {\"type\": \"relu\"}, {\"type\": \"linear\"}]}, "
             "\"loss\": {\"type\": \"softmax\"}, \"regularization\": {\"l2\": 0.001}, "
             "\"optimizer\": {\"type\": \"sgd\", \"learning_rate\": 0.1%s}, "
             "\"training\": {\"epochs\": 3, \"batch_size\": %d, \"threads\": %d}}",
             write_table(), more, batch, threads);
    cr_experiment *e =
        cr_experiment_load(files_write_text("pieces.json", config), NULL, 0, &err);
    if (!e)
        fail_msg("%s", err.text);
    return e;
}

/* The parameters after three epochs, into `out`. */
static void train(cr_experiment *e, bool fast, cr_real *out)
{
    cr_error err = CR_ERROR_INIT;
    cr_result result;
    cr_trainer *trainer = cr_trainer_create(e, fast, &err);
    assert_non_null(trainer);
    assert_int_equal(trainer->piece > 0, fast);
    if (!cr_trainer_run(trainer, NULL, &result, &err))
        fail_msg("%s", err.text);
    memcpy(out, e->model.network->parameters,
           e->model.network->parameter_size * sizeof *out);
    cr_trainer_destroy(trainer);
}

/* 2,400 rows are a batch of 2,000 and one of 400, or of 2,390 and 10: fewer than there are
 * shares of 16. */
static void test_pieces_learn_what_the_whole_batch_does(void **state)
{
    (void)state;
    static const int batches[] = {2000, 2390};
    static const char *const options[] = {"", ", \"momentum\": 0.9"};
    const double bound = sizeof(cr_real) == 4 ? 2e-4 : 1e-12;
    for (int threads = 1; threads <= 3; threads++)
        for (size_t b = 0; b < 2; b++)
            for (size_t o = 0; o < 2; o++) {
                cr_experiment *e = load(batches[b], threads, options[o]);
                cr_experiment *f = load(batches[b], threads, options[o]);
                size_t size = e->model.network->parameter_size;
                cr_real *whole = test_calloc(size, sizeof *whole);
                cr_real *pieces = test_calloc(size, sizeof *pieces);
                train(e, false, whole);
                train(f, true, pieces);
                for (size_t i = 0; i < size; i++)
                    assert_true(fabs((double)(whole[i] - pieces[i])) < bound);
                test_free(whole);
                test_free(pieces);
                cr_experiment_destroy(e);
                cr_experiment_destroy(f);
            }
}

static bool stop(void *user, const cr_progress *progress)
{
    return progress->total_steps < *(const size_t *)user;
}

static void test_pieces_go_on_to_the_same_bits(void **state)
{
    (void)state;
    cr_result result;
    cr_experiment *e = load(2000, 2, ""), *f = load(2000, 2, "");
    cr_real *whole = test_calloc(e->model.network->parameter_size, sizeof *whole);
    train(e, true, whole);
    cr_trainer *trainer = cr_trainer_create(f, true, NULL);
    size_t steps = 3;
    const cr_callbacks callbacks = {.user = &steps, .on_step = stop};
    assert_true(cr_trainer_run(trainer, &callbacks, &result, NULL));
    assert_int_equal(result.status, CR_STATUS_INTERRUPTED);
    assert_true(cr_trainer_run(trainer, NULL, &result, NULL));
    assert_memory_equal(whole, f->model.network->parameters,
                        f->model.network->parameter_size * sizeof *whole);
    cr_trainer_destroy(trainer);
    test_free(whole);
    cr_experiment_destroy(e);
    cr_experiment_destroy(f);
}

static void test_pieces_that_diverge_name_their_rows(void **state)
{
    (void)state;
    cr_experiment *e = load(2000, 2, "");
    *cr_optimizer_number(&e->optimizer, "learning_rate") = 1e30;
    cr_error err = CR_ERROR_INIT;
    cr_result result;
    assert_false(cr_train(e, NULL, &result, &err));
    assert_int_equal(result.status, CR_STATUS_DIVERGED);
    assert_non_null(strstr(err.text, "the loss became NaN or infinite in epoch "));
    assert_non_null(strstr(err.text, "; its batch: rows "));
    cr_experiment_destroy(e);
}

/* Where rows depend on one another, in batches that are small, and for networks whose
 * parameters fill the cache, there are none. */
static void test_pieces_are_for_large_batches_of_small_networks(void **state)
{
    (void)state;
    cr_experiment *e = load(2000, 1, "");
    const cr_network *network = e->model.network;
    size_t rows = cr_pieces_rows(network, 100000, 1);
    assert_true(rows >= 16 && rows % 16 == 0);
    assert_int_equal(cr_pieces_rows(network, 16, 1), 0);
    assert_int_equal(cr_pieces_rows(network, rows, 1), 0);
    assert_true(cr_pieces_rows(network, 2 * rows, 1) <= rows);
    assert_int_equal(cr_pieces_rows(network, 64, 2), 32); /* threads apart */
    assert_int_equal(cr_pieces_rows(network, 1, 2), 0);   /* gradients are more */
    cr_experiment_destroy(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_learn_what_the_whole_batch_does),
        cmocka_unit_test(test_pieces_go_on_to_the_same_bits),
        cmocka_unit_test(test_pieces_that_diverge_name_their_rows),
        cmocka_unit_test(test_pieces_are_for_large_batches_of_small_networks),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
