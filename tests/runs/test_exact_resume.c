/* A run that was interrupted anywhere, with any optimizer and any schedule, ends in the
 * bits of one that was not. Walks the tables, so that a new row is tested too. */
#include "augmentations.h"
#include "files.h"
#include "fixture.h"
#include "runs/checkpoint.h"

enum { MOST_OVERRIDES = 3, STEPS_BETWEEN = 5 };

/* Options without which a schedule cannot be, and short enough to matter here. */
static const char *required(const char *type)
{
    static const char *const known[][2] = {
        {"step", ", \"every\": 2, \"factor\": 0.5"},
        {"multistep", ", \"milestones\": [2, 5]"},
        {"plateau",
         ", \"patience\": 0, \"min_delta\": 0.01, \"monitor\": \"train_loss\""},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(type, known[i][0]) == 0)
            return known[i][1];
    return "";
}

typedef struct outcome {
    cr_experiment *experiment;
    cr_trainer *trainer;
    cr_result result;
} outcome;

static void begin(outcome *o, const char *config, const char *const *overrides)
{
    cr_error err = CR_ERROR_INIT;
    size_t count = 0;
    while (count < MOST_OVERRIDES && overrides[count])
        count++;
    o->experiment = cr_experiment_load(config, overrides, count, &err);
    if (!o->experiment)
        fail_msg("%s", err.text);
    o->trainer = cr_trainer_create(o->experiment, true, NULL);
    assert_non_null(o->trainer);
}

static void finish(outcome *o)
{
    cr_trainer_destroy(o->trainer);
    cr_experiment_destroy(o->experiment);
}

static bool stop_at(void *user, const cr_progress *progress)
{
    return progress->total_steps < *(size_t *)user;
}

static void run(outcome *o, size_t until)
{
    cr_callbacks callbacks = {.user = &until, .on_step = stop_at};
    assert_true(cr_trainer_run(o->trainer, until ? &callbacks : NULL, &o->result, NULL));
}

static void compare(const outcome *a, const outcome *b)
{
    const cr_trainer *x = a->trainer, *y = b->trainer;
    size_t bytes = a->experiment->model.network->parameter_size * sizeof(cr_real);
    assert_memory_equal(a->experiment->model.network->parameters,
                        b->experiment->model.network->parameters, bytes);
    if (x->state)
        assert_memory_equal(x->state, y->state,
                            cr_trainer_state_size(x) * sizeof(cr_real));
    assert_memory_equal(x->best_parameters, y->best_parameters, bytes);
    assert_memory_equal(a->experiment->model.network->buffers,
                        b->experiment->model.network->buffers,
                        a->experiment->model.network->buffer_size * sizeof(cr_real));
    assert_int_equal(x->best_epoch, y->best_epoch);
    assert_int_equal(x->at.epochs, y->at.epochs);
    assert_int_equal(x->at.steps, y->at.steps);
    assert_int_equal(x->at.bad_epochs, y->at.bad_epochs);
    assert_true(cr_trainer_learning_rate(x) == cr_trainer_learning_rate(y));
    assert_int_equal(a->result.status, b->result.status);
}

/* Interrupts the run after every few steps, once or at each of these, and goes on. */
static void check(const char *config, const char *const *overrides)
{
    outcome whole;
    begin(&whole, config, overrides);
    run(&whole, 0);
    size_t steps = whole.trainer->at.steps;
    assert_true(steps > STEPS_BETWEEN);
    for (size_t at = 1; at < steps; at += STEPS_BETWEEN) {
        outcome first, second;
        const cr_checkpoint_run facts = {0, true, NULL};
        cr_checkpoint checkpoint;
        bool found = false;
        begin(&first, config, overrides);
        run(&first, at);
        assert_true(cr_checkpoint_save(files_directory, first.trainer, &facts, NULL));
        finish(&first);
        begin(&second, config, overrides);
        assert_true(cr_checkpoint_find(files_directory, &checkpoint, &found, NULL, NULL));
        assert_true(found);
        assert_true(cr_checkpoint_restore(&checkpoint, second.trainer, NULL, NULL));
        assert_int_equal(second.trainer->at.steps, at);
        cr_checkpoint_finish(&checkpoint);
        run(&second, 0);
        compare(&whole, &second);
        finish(&second);
        char name[CR_CHECKPOINT_NAME];
        while (*cr_checkpoint_last(files_directory, name))
            assert_int_equal(remove(files_path(name)), 0);
    }
    finish(&whole);
}

static const char *write_config(void)
{
    files_write_text("t.csv", "a,b,c\n1,2,x\n2,1,y\n3,5,x\n0,4,y\n2,2,x\n1,1,y\n4,3,x\n");
    return files_write_text(
        "c.json",
        "{\"data\": {\"train\": \"t.csv\", \"target\": \"c\", \"validation\": "
        "{\"fraction\": 0.3}}, \"model\": {\"layers\": [{\"type\": \"linear\", "
        "\"units\": 3}, {\"type\": \"tanh\"}, {\"type\": \"linear\"}]}, "
        "\"loss\": {\"type\": \"softmax\"}, \"regularization\": {\"l2\": 0.01}, "
        "\"training\": {\"epochs\": 8, \"batch_size\": 2}}");
}

static void test_every_optimizer_resumes_exactly(void **state)
{
    (void)state;
    static const char *const more[] = {"", "gradient_clipping.norm=0.1"};
    static char config[256];
    strcpy(config, write_config());
    for (size_t i = 0; i < cr_optimizer_type_count; i++)
        for (size_t k = 0; k < 2; k++) {
            char optimizer[128];
            const cr_optimizer_type *type = cr_optimizer_types[i];
            bool has_momentum = false;
            for (size_t o = 0; o < type->option_count; o++)
                has_momentum |= strcmp(type->options[o].key, "momentum") == 0;
            snprintf(optimizer, sizeof optimizer, "optimizer={\"type\": \"%s\"%s}",
                     type->name, has_momentum && k ? ", \"momentum\": 0.8" : "");
            const char *overrides[MOST_OVERRIDES] = {optimizer, k ? more[1] : NULL};
            check(config, overrides);
        }
}

static void test_every_schedule_resumes_exactly(void **state)
{
    (void)state;
    static char config[256];
    strcpy(config, write_config());
    for (size_t i = 0; i < cr_schedule_type_count; i++)
        for (int in_steps = 0; in_steps < 2; in_steps++) {
            char schedule[256];
            const cr_schedule_type *type = cr_schedule_types[i];
            if (type->watches && in_steps)
                continue;
            snprintf(schedule, sizeof schedule,
                     "learning_rate_schedule={\"type\": \"%s\", \"unit\": \"%s\", "
                     "\"warmup\": 2%s}",
                     type->name, in_steps ? "step" : "epoch", required(type->name));
            const char *overrides[MOST_OVERRIDES] = {
                "optimizer={\"type\": \"adam\", \"learning_rate\": 0.05}", schedule};
            check(config, overrides);
        }
}

static void test_random_and_remembering_layers_resume_exactly(void **state)
{
    (void)state;
    static char config[256];
    strcpy(config, write_config());
    const char *overrides[MOST_OVERRIDES] = {
        "model.layers=[{\"type\": \"linear\", \"units\": 5}, {\"type\": \"batch_norm\"}, "
        "{\"type\": \"relu\"}, {\"type\": \"dropout\"}, {\"type\": \"layer_norm\"}, "
        "{\"type\": \"linear\"}]",
        "optimizer={\"type\": \"sgd\", \"learning_rate\": 0.1}"};
    check(config, overrides);
}

/* By two members, who meet, each with rows of their own. */
static void test_layers_for_images_resume_exactly(void **state)
{
    (void)state;
    static char config[256];
    strcpy(config, write_config());
    cr_text table = {0};
    for (int i = 0; i < 60; i++)
        cr_text_add(&table, "%d,%d,%d,%d,%c\n", i % 7, i * i % 11, i % 3, i * 5 % 13,
                    "xyz"[i * 7 % 3]);
    char data[400];
    snprintf(data, sizeof data,
             "data={\"train\": \"%s\", \"target\": 4, \"shape\": [1, 2, 2], "
             "\"validation\": {\"fraction\": 0.3}}",
             files_write("images.csv", table.data, table.length));
    cr_text_finish(&table);
    const char *overrides[MOST_OVERRIDES] = {
        data,
        "model.layers=[{\"type\": \"upsample\", \"scale\": 3}, {\"type\": \"conv2d\", "
        "\"filters\": 4, \"kernel\": 3}, {\"type\": \"batch_norm\"}, {\"type\": "
        "\"relu\"}, {\"type\": \"max_pool2d\", \"size\": 2}, {\"type\": \"dropout\", "
        "\"channels\": true}, {\"type\": \"global_avg_pool\"}, {\"type\": \"linear\"}]",
        "training={\"epochs\": 4, \"batch_size\": 40, \"threads\": 2}"};
    check(config, overrides);
}

static void test_augmentations_resume_exactly(void **state)
{
    (void)state;
    static char config[256];
    strcpy(config, write_config());
    cr_text data = augmentations_data();
    const char *overrides[MOST_OVERRIDES] = {data.data, "training.batch_size=6",
                                             "training.epochs=3"};
    check(config, overrides);
    cr_text_finish(&data);
}

static void test_early_stopping_resumes_exactly(void **state)
{
    (void)state;
    static char config[256];
    strcpy(config, write_config());
    const char *overrides[MOST_OVERRIDES] = {
        "early_stopping={\"patience\": 1, \"min_delta\": 0.02}",
        "optimizer={\"type\": \"adam\", \"learning_rate\": 0.2}",
        "training.epochs=60",
    };
    check(config, overrides);
    outcome o;
    begin(&o, config, overrides);
    run(&o, 0);
    assert_int_equal(o.result.status, CR_STATUS_STOPPED_EARLY);
    assert_true(o.trainer->restored); /* the network is the best, not the last */
    cr_evaluator *figures = o.trainer->figures;
    assert_true(cr_evaluator_figures(figures,
                                     &o.experiment->data->parts[CR_PART_VALIDATION], NULL)
                    .loss == o.trainer->best_value);
    size_t epochs = o.trainer->at.epochs;
    run(&o, 0); /* nothing more is done */
    assert_int_equal(o.trainer->at.epochs, epochs);
    assert_int_equal(o.trainer->at.epochs, o.trainer->best_epoch + 2);
    finish(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_optimizer_resumes_exactly, files_setup,
                                        files_teardown),
        cmocka_unit_test_setup_teardown(test_every_schedule_resumes_exactly, files_setup,
                                        files_teardown),
        cmocka_unit_test_setup_teardown(test_random_and_remembering_layers_resume_exactly,
                                        files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(test_layers_for_images_resume_exactly,
                                        files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(test_augmentations_resume_exactly, files_setup,
                                        files_teardown),
        cmocka_unit_test_setup_teardown(test_early_stopping_resumes_exactly, files_setup,
                                        files_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
