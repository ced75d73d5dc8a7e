/* Checkpoints: nothing but a whole one is taken for one, and what it holds comes back. */
#include "files.h"
#include "fixture.h"
#include "runs/checkpoint.h"

#include <unistd.h>

static cr_experiment *load(void)
{
    files_write_text("t.csv", "a,b,c\n1,2,x\n2,1,y\n3,5,x\n0,4,y\n2,2,x\n1,1,y\n4,3,x\n");
    const char *config = files_write_text(
        "c.json",
        "{\"data\": {\"train\": \"t.csv\", \"target\": \"c\", \"validation\": "
        "{\"fraction\": 0.3}}, \"model\": {\"layers\": [{\"type\": \"linear\"}]}, "
        "\"loss\": {\"type\": \"softmax\"}, \"optimizer\": {\"type\": \"sgd\", "
        "\"learning_rate\": 0.5}, \"training\": {\"epochs\": 3, \"batch_size\": 2}}");
    cr_experiment *experiment = cr_experiment_load(config, NULL, 0, NULL);
    assert_non_null(experiment);
    return experiment;
}

static bool stop_in_second_epoch(void *user, const cr_progress *progress)
{
    (void)user;
    return progress->epoch < 2;
}

/* A trainer in the middle of its second epoch. */
static cr_trainer *train(cr_experiment *experiment)
{
    cr_trainer *trainer = cr_trainer_create(experiment, true, NULL);
    cr_callbacks callbacks = {.on_step = stop_in_second_epoch};
    cr_result result;
    assert_non_null(trainer);
    assert_true(cr_trainer_run(trainer, &callbacks, &result, NULL));
    assert_int_equal(trainer->at.epochs, 1);
    assert_int_equal(trainer->at.step, 1);
    return trainer;
}

static bool find(cr_checkpoint *checkpoint, cr_text *warnings)
{
    bool found = false;
    assert_true(cr_checkpoint_find(files_directory, checkpoint, &found, warnings, NULL));
    return found;
}

static void test_restore_brings_everything_back(void **state)
{
    (void)state;
    cr_experiment *a = load(), *b = load();
    cr_trainer *from = train(a), *to = cr_trainer_create(b, true, NULL);
    const cr_checkpoint_run run = {123, true, NULL};
    assert_true(cr_checkpoint_save(files_directory, from, &run, NULL));
    cr_checkpoint checkpoint;
    cr_text warnings = {0};
    assert_true(find(&checkpoint, &warnings));
    assert_int_equal(checkpoint.state.run.metrics_bytes, 123);
    assert_true(cr_checkpoint_restore(&checkpoint, to, &warnings, NULL));
    assert_true(checkpoint.state.run.bit_exact);
    assert_null(warnings.data);
    assert_memory_equal(&from->at, &to->at, sizeof from->at);
    const cr_network *network = a->model.network;
    size_t bytes = network->parameter_size * sizeof(cr_real);
    assert_memory_equal(network->parameters, b->model.network->parameters, bytes);
    assert_memory_equal(from->best_parameters, to->best_parameters, bytes);
    assert_int_equal(to->best_epoch, 1);
    assert_true(to->best_value == from->best_value);
    cr_checkpoint_finish(&checkpoint);
    cr_trainer_destroy(from);
    cr_trainer_destroy(to);
    cr_experiment_destroy(a);
    cr_experiment_destroy(b);
}

static void test_find_detects_every_changed_byte(void **state)
{
    (void)state;
    cr_experiment *experiment = load();
    cr_trainer *trainer = train(experiment);
    const cr_checkpoint_run run = {0, true, NULL};
    assert_true(cr_checkpoint_save(files_directory, trainer, &run, NULL));
    char name[CR_CHECKPOINT_NAME], path[256], *bytes = NULL;
    size_t length = 0, taken = 0;
    strcpy(path, files_path(cr_checkpoint_last(files_directory, name)));
    assert_true(cr_file_read(path, 1 << 20, CR_E_IO, &bytes, &length, NULL));
    cr_checkpoint checkpoint;
    for (size_t i = 0; i < length; i++) {
        char good = bytes[i];
        bytes[i] = (char)(good ^ 1 << i % 8);
        files_write(name, bytes, length);
        cr_text warnings = {0};
        bool found = find(&checkpoint, &warnings);
        taken += found;
        assert_true(found || (warnings.data && strstr(warnings.data, name)));
        cr_checkpoint_finish(&checkpoint);
        cr_text_finish(&warnings);
        bytes[i] = good;
    }
    assert_int_equal(taken, 0);
    for (size_t cut = 0; cut < length; cut += 7) {
        files_write(name, bytes, cut);
        cr_text warnings = {0};
        assert_false(find(&checkpoint, &warnings));
        cr_text_finish(&warnings);
    }
    cr_free(bytes);
    cr_trainer_destroy(trainer);
    cr_experiment_destroy(experiment);
}

static void test_save_keeps_the_last_two(void **state)
{
    (void)state;
    cr_experiment *experiment = load();
    cr_trainer *trainer = train(experiment);
    const cr_checkpoint_run run = {0, true, NULL};
    for (size_t i = 98; i < 103; i++) { /* names sort as their numbers do */
        trainer->at.steps = i;
        assert_true(cr_checkpoint_save(files_directory, trainer, &run, NULL));
    }
    char name[CR_CHECKPOINT_NAME];
    assert_string_equal(cr_checkpoint_last(files_directory, name),
                        "checkpoint-000000000102.safetensors");
    assert_null(cr_file_problem(files_path("checkpoint-000000000101.safetensors")));
    assert_non_null(cr_file_problem(files_path("checkpoint-000000000100.safetensors")));
    cr_trainer_destroy(trainer);
    cr_experiment_destroy(experiment);
}

/* A flush of a pipe fails. */
static void test_save_waits_for_the_metrics(void **state)
{
    (void)state;
    cr_experiment *experiment = load();
    cr_trainer *trainer = train(experiment);
    int ends[2];
    char name[CR_CHECKPOINT_NAME];
    cr_flush flush;
    cr_error err = CR_ERROR_INIT;
    assert_int_equal(pipe(ends), 0);
    cr_flush_begin(&flush, ends[1], "run/metrics.csv");
    const cr_checkpoint_run run = {0, true, &flush};
    assert_false(cr_checkpoint_save(files_directory, trainer, &run, &err));
    assert_int_equal(err.code, CR_E_IO);
    assert_string_equal(err.text, "run/metrics.csv: cannot write: Invalid argument");
    assert_string_equal(cr_checkpoint_last(files_directory, name), "");
    assert_false(cr_flush_end(&flush, NULL));
    close(ends[0]);
    close(ends[1]);
    cr_trainer_destroy(trainer);
    cr_experiment_destroy(experiment);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_restore_brings_everything_back, files_setup,
                                        files_teardown),
        cmocka_unit_test_setup_teardown(test_find_detects_every_changed_byte, files_setup,
                                        files_teardown),
        cmocka_unit_test_setup_teardown(test_save_keeps_the_last_two, files_setup,
                                        files_teardown),
        cmocka_unit_test_setup_teardown(test_save_waits_for_the_metrics, files_setup,
                                        files_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
