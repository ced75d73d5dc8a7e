/* Training in shards: what it depends on, what it refuses, and how it goes on. */
#include "files.h"
#include "fixture.h"
#include "graph/safetensors.h"
#include "train/shards.h"
#include "train/trainer.h"

#include <stdlib.h>

/* 130 pictures of 3 by 3 pixels, which 8 shards do not divide evenly. */
static const char *write_table(void)
{
    enum { ROWS = 130, COLUMNS = 9 };
    cr_text text = {0};
    for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < COLUMNS; j++)
            cr_text_add(&text, "%d,", (i * 7 + j * 11 + i * j) % 23);
        cr_text_add(&text, "%s\n", i % 3 == 0 ? "x" : "y");
    }
    const char *path = files_write_text("shards.csv", text.data);
    cr_text_finish(&text);
    return path;
}

static const char config[] =
    "{\"data\": {\"train\": \"shards.csv\", \"target\": -1, \"shape\": [1, 3, 3],"
    "\"validation\": {\"fraction\": 0.2}, \"augment\": [{\"type\": \"flip\"}]},"
    "\"model\": {\"layers\": [{\"type\": \"conv2d\", \"filters\": 3, \"kernel\": 2},"
    "{\"type\": \"batch_norm\"}, {\"type\": \"relu\"}, {\"type\": \"flatten\"},"
    "{\"type\": \"dropout\"}, {\"type\": \"linear\"}]},"
    "\"loss\": {\"type\": \"softmax\", \"class_weights\": \"balanced\"},"
    "\"optimizer\": {\"type\": \"adam\"}, \"gradient_clipping\": {\"norm\": 0.5},"
    "\"training\": {\"epochs\": 4, \"batch_size\": 32, \"shards\": 8}}";

static cr_experiment *load(const char *override, cr_error *err)
{
    write_table();
    return cr_experiment_load(files_write_text("shards.json", config), &override,
                              override != NULL, err);
}

static uint32_t train(const char *override, cr_result *result)
{
    cr_error err = CR_ERROR_INIT;
    cr_experiment *e = load(override, &err);
    if (!e || !cr_train(e, NULL, result, &err))
        fail_msg("%s", err.text);
    uint32_t crc = cr_safetensors_crc32(e->model.network);
    cr_experiment_destroy(e);
    return crc;
}

static void test_shards_do_not_depend_on_threads(void **state)
{
    (void)state;
    const char *threads[] = {"training.threads=2", "training.threads=3",
                             "training.threads=11"};
    cr_result alone, several;
    uint32_t crc = train("training.threads=1", &alone);
    for (size_t i = 0; i < CR_COUNT(threads); i++) {
        assert_int_equal(train(threads[i], &several), crc);
        assert_memory_equal(&several.parts, &alone.parts, sizeof alone.parts);
    }
    assert_int_equal(alone.steps, 4 * 4); /* 104 rows, 13 a shard, 4 of each in a step */
    assert_int_equal(alone.parts[CR_PART_TRAIN].examples, 104);
    assert_int_equal(alone.parts[CR_PART_VALIDATION].examples, 26);
    assert_int_not_equal(train("training.shards=4", &several), crc);
    assert_int_not_equal(train("seed=2", &several), crc);
}

static void test_shards_have_all_rows_once(void **state)
{
    (void)state;
    for (size_t n = 16; n < 50; n++)
        for (size_t batch = 1; batch < 6; batch++) {
            const size_t shards = 16;
            size_t rows = 0;
            assert_int_equal(cr_shards_begin(n, shards, 0), 0);
            assert_int_equal(cr_shards_begin(n, shards, shards), n);
            for (size_t step = 0; step < 5; step++)
                for (size_t s = 0; s < shards; s++)
                    rows += cr_shards_step_rows(n, shards, s, step, batch);
            assert_int_equal(rows, n < 5 * batch * shards ? n : 5 * batch * shards);
        }
    assert_true(cr_shards_begin(SIZE_MAX, 4096, 4095) < SIZE_MAX);
}

static bool stop_in_step(void *user, const cr_progress *progress)
{
    return progress->total_steps != *(const size_t *)user;
}

static void test_shards_go_on_after_a_stop(void **state)
{
    (void)state;
    cr_result result;
    uint32_t whole = train(NULL, &result);
    for (size_t stop = 1; stop < 6; stop += 2) {
        cr_error err = CR_ERROR_INIT;
        cr_experiment *e = load("training.threads=2", &err);
        cr_trainer *trainer = cr_trainer_create(e, true, &err);
        const cr_callbacks callbacks = {&stop, stop_in_step, NULL};
        assert_true(cr_trainer_run(trainer, &callbacks, &result, &err));
        assert_int_equal(result.status, CR_STATUS_INTERRUPTED);
        assert_int_equal(result.steps, stop);
        assert_true(cr_trainer_run(trainer, NULL, &result, &err));
        assert_int_equal(cr_safetensors_crc32(e->model.network), whole);
        cr_trainer_destroy(trainer);
        cr_experiment_destroy(e);
    }
}

/* The row whose input is NaN is one of those that are named. */
static void test_shards_report_divergence(void **state)
{
    (void)state;
    for (size_t row = 0; row < 104; row += 17) {
        cr_error err = CR_ERROR_INIT;
        cr_result result;
        char name[24];
        const char *at = NULL;
        cr_experiment *e = load("training.shuffle=false", &err);
        cr_dataset *d = &e->data->datasets[CR_PART_TRAIN];
        size_t bad = cr_part_row(&e->data->parts[CR_PART_TRAIN], row);
        d->own[bad * d->stride + 4] = (cr_real)NAN;
        snprintf(name, sizeof name, " %zu", bad);
        assert_false(cr_train(e, NULL, &result, &err));
        assert_int_equal(err.code, CR_E_DIVERGED);
        assert_int_equal(result.steps, row % 13 / 4);
        assert_non_null(at = strstr(err.text, "its batch: row"));
        assert_non_null(strstr(at, name));
        cr_experiment_destroy(e);
    }
}

static void check_refused(const char *override, const char *why)
{
    cr_error err = CR_ERROR_INIT;
    assert_null(load(override, &err));
    assert_int_equal(err.code, CR_E_CONFIG);
    if (!strstr(err.text, why))
        fail_msg("%s", err.text);
}

static void test_shards_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    check_refused("training.shards=6",
                  "training.shards=6: found 6, expected a power of two");
    check_refused("training.shards=64",
                  "but batch_size is 32; take a multiple of 64, such "
                  "as 64");
    check_refused("training={\"shards\": 128, \"batch_size\": 128}",
                  "128 shards of 104 rows: some would have none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shards_do_not_depend_on_threads),
        cmocka_unit_test(test_shards_have_all_rows_once),
        cmocka_unit_test(test_shards_go_on_after_a_stop),
        cmocka_unit_test(test_shards_report_divergence),
        cmocka_unit_test(test_shards_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
