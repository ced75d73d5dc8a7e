/* A plan that came as bytes trains what the plan trains that it was made of, without files;
 * and whatever is wrong with the bytes is found. */
#include "fixture.h"
#include "sweep/plan_message.h"
#include "train/trainer.h"

#include <stdlib.h>
#include <unistd.h>

/* Bytes that are sent, and then received. */
typedef struct memory {
    cr_text bytes;
    size_t at;
} memory;

static bool send_(void *user, void *bytes, size_t length, cr_error *err)
{
    (void)err;
    memory *m = user;
    cr_text_add_bytes(&m->bytes, bytes, length);
    return !m->bytes.failed;
}

static bool receive(void *user, void *bytes, size_t length, cr_error *err)
{
    memory *m = user;
    if (m->bytes.length - m->at < length)
        return cr_fail(err, CR_E_IO, "the bytes are at their end");
    memcpy(bytes, m->bytes.data + m->at, length);
    m->at += length;
    return true;
}

static const char words[] =
    "size,kind,when,color\n1,a,2020-01-05,red\n2,b,2020-02-05,blue\n"
    "3,a,2020-03-05,red\n,b,2020-04-05,blue\n5,a,2020-05-05,red\n"
    "6,c,2020-06-05,blue\n7,a,2020-07-05,red\n8,b,2020-08-05,blue\n";
static const char numbers[] =
    "x,y,z\n1,2,3.5\n2,1,4.25\n3,5,1\n0,4,2\n2,2,9\n1,1,8\n4,3,7\n"
    "2,6,6\n5,1,5\n3,2,4\n";

/* What is trained on: a table of words, gaps and dates; numbers with lags and several
 * targets; pictures in bytes; rows of different weights. */
static const struct {
    const char *table, *data, *loss, *sweep;
} cases[] = {
    {words,
     "\"target\": \"color\", \"missing\": \"indicator\", \"validation\": {\"fraction\": "
     "0.25}, "
     "\"normalize\": \"standardize\"",
     "softmax", "\"folds\": 2, \"repeats\": 2,"},
    {numbers,
     "\"target\": [\"y\", \"z\"], \"lags\": {\"columns\": [\"x\"], \"steps\": [1]}, "
     "\"validation\": {\"last\": 0.3}, \"normalize_target\": \"standardize\"",
     "l2", ""},
    {numbers,
     "\"target\": \"z\", \"columns\": [\"x\", \"y\"], \"shape\": [1, 1, 2], "
     "\"validation\": "
     "{\"fraction\": 0.3}, \"normalize\": \"minmax\", \"augment\": [{\"type\": "
     "\"noise\", \"std\": 0.1}]",
     "l2", "\"method\": \"halving\", \"samples\": 3,"},
    {numbers, "\"target\": \"z\", \"weight\": \"y\", \"validation\": {\"fraction\": 0.3}",
     "l2", ""},
};

static char *write_case(size_t i, char folder[32], cr_text *config)
{
    strcpy(folder, "/tmp/chainrule-XXXXXX");
    assert_non_null(mkdtemp(folder));
    cr_text path = {0};
    cr_text_add(&path, "%s/table.csv", folder);
    FILE *file = fopen(path.data, "w");
    assert_non_null(file);
    fputs(cases[i].table, file);
    fclose(file);
    cr_text_add(
        config,
        "{\"data\": {\"train\": \"%s\", %s}, \"model\": {\"layers\": [{\"type\": "
        "\"linear\", \"units\": 3}, {\"type\": \"tanh\"}, {\"type\": \"linear\"}]}, "
        "\"loss\": {\"type\": \"%s\"}, \"optimizer\": {\"type\": \"sgd\", "
        "\"learning_rate\": 0.1}, \"training\": {\"epochs\": 3, \"batch_size\": 3}, "
        "\"sweep\": {%s \"parameters\": {\"optimizer.learning_rate\": {\"values\": "
        "[0.1, 0.2, 0.3]}}}}",
        path.data, cases[i].data, cases[i].loss, cases[i].sweep);
    return path.data;
}

static cr_sweep_plan *create(const char *config)
{
    cr_error err = CR_ERROR_INIT;
    cr_text warnings = {0};
    static const char *const overrides[] = {"seed=4"};
    const cr_recipe recipe = {
        .path = "test.json", .text = config, .overrides = overrides, .override_count = 1};
    cr_sweep_plan *plan =
        cr_sweep_plan_create(&recipe, (cr_shard){0, 1}, &warnings, &err);
    if (!plan)
        fail_msg("%s", err.text);
    cr_text_finish(&warnings);
    return plan;
}

/* While the second is at work, the table is not there. */
static void assert_same_trial(const cr_sweep_plan *a, const cr_sweep_plan *b,
                              size_t number, const char *table, const char *hidden)
{
    cr_error err = CR_ERROR_INIT;
    const cr_sweep_plan *plans[] = {a, b};
    cr_experiment *e[2];
    cr_result results[2];
    for (int i = 0; i < 2; i++) {
        if (i == 1)
            assert_int_equal(rename(table, hidden), 0);
        e[i] = cr_sweep_plan_experiment(plans[i], number, NULL, &err);
        if (!e[i] || !cr_train(e[i], NULL, &results[i], &err))
            fail_msg("%s", err.text);
    }
    assert_int_equal(rename(hidden, table), 0);
    assert_memory_equal(results[0].parts, results[1].parts, sizeof results[0].parts);
    assert_memory_equal(e[0]->model.network->parameters, e[1]->model.network->parameters,
                        e[0]->model.network->parameter_count * sizeof(cr_real));
    char *configs[2];
    for (int i = 0; i < 2; i++) {
        configs[i] = cr_json_print(e[i]->model.document.root, false);
        cr_experiment_destroy(e[i]);
    }
    assert_string_equal(configs[0], configs[1]);
    cr_free(configs[0]);
    cr_free(configs[1]);
}

static void test_plan_message_trains_the_same_without_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char folder[32];
        cr_text config = {0};
        char *table = write_case(i, folder, &config);
        cr_error err = CR_ERROR_INIT;
        cr_sweep_plan *plan = create(config.data);
        memory m = {0};
        cr_byte_stream to = {.move = send_, .user = &m},
                       from = {.move = receive, .user = &m};
        assert_true(cr_plan_message_put(plan, &to, &err));
        cr_text hidden = {0};
        cr_text_add(&hidden, "%s/hidden", folder);
        cr_sweep_plan *received = cr_plan_message_get(&from, &err);
        if (!received)
            fail_msg("case %zu: %s", i, err.text);
        assert_int_equal(m.at, m.bytes.length);
        assert_int_equal(received->trials, plan->trials);
        for (size_t k = 0; k < plan->trials; k++)
            assert_same_trial(plan, received, k, table, hidden.data);
        unlink(table);
        rmdir(folder);
        cr_text_finish(&hidden);
        cr_plan_message_destroy(received);
        cr_sweep_plan_destroy(plan);
        cr_text_finish(&m.bytes);
        cr_text_finish(&config);
        cr_free(table);
    }
}

static bool is_refused(memory *m)
{
    cr_error err = CR_ERROR_INIT;
    cr_byte_stream from = {.move = receive, .user = m};
    m->at = 0;
    cr_sweep_plan *received = cr_plan_message_get(&from, &err);
    cr_plan_message_destroy(received);
    return !received && err.count > 0;
}

static void test_plan_message_refuses_what_is_damaged(void **state)
{
    (void)state;
    char folder[32];
    cr_text config = {0};
    char *table = write_case(0, folder, &config);
    cr_sweep_plan *plan = create(config.data);
    memory m = {0};
    cr_byte_stream to = {.move = send_, .user = &m};
    assert_true(cr_plan_message_put(plan, &to, NULL));
    size_t whole = m.bytes.length;
    for (size_t i = 0; i < whole; i += i < 100 ? 1 : 31) {
        m.bytes.data[i] ^= 4;
        assert_true(is_refused(&m));
        m.bytes.data[i] ^= 4;
        m.bytes.length = i;
        assert_true(is_refused(&m));
        m.bytes.length = whole;
    }
    assert_false(is_refused(&m));
    unlink(table);
    rmdir(folder);
    cr_sweep_plan_destroy(plan);
    cr_text_finish(&m.bytes);
    cr_text_finish(&config);
    cr_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plan_message_trains_the_same_without_files),
        cmocka_unit_test(test_plan_message_refuses_what_is_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
