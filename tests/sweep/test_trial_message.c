/* Messages between the sweep and its workers: what is written is read, to the bit, and
 * bytes that are no message are refused. */
#include "fixture.h"
#include "sweep/trial_message.h"

static void test_message_of_a_job_is_read_back(void **state)
{
    (void)state;
    const cr_trial_job job = {.trial = 123456789,
                              .rung = -1,
                              .from = 3,
                              .epochs = 300,
                              .keeps = true,
                              .continues = false,
                              .point_count = 2,
                              .point = {0.1, -3}};
    cr_trial_job found;
    cr_text text = {0};
    cr_trial_message_add_job(&job, &text);
    assert_int_equal(text.length, 56 + 2 * 8); /* as the header says */
    assert_int_equal((unsigned char)text.data[0], 123456789 & 0xff); /* lowest first */
    assert_true(cr_trial_message_read_job(text.data, text.length, &found, NULL));
    assert_int_equal(found.trial, job.trial);
    assert_int_equal(found.rung, -1);
    assert_int_equal(found.from, 3);
    assert_int_equal(found.epochs, 300);
    assert_true(found.keeps && !found.continues);
    assert_int_equal(found.point_count, 2);
    assert_true(found.point[0] == 0.1 && found.point[1] == -3);
    assert_false(cr_trial_message_read_job(text.data, text.length - 1, &found, NULL));
    text.data[48] = 101; /* more numbers than a job may have */
    assert_false(cr_trial_message_read_job(text.data, text.length, &found, NULL));
    cr_text_finish(&text);
}

static const cr_epoch epochs[] = {
    {.epoch = 1,
     .steps = 7,
     .seconds = 0.1,
     .learning_rate = 1e-300,
     .train = {9, 0.5, 0.25, 0},
     .validation = {3, -0.0, 1, 2},
     .regularization_loss = 3,
     .parameters_crc32 = 0xffffffff},
    {.epoch = 2, .steps = 14, .train = {9, NAN, 0, INFINITY}},
};

static const cr_trial_result result = {
    .status = CR_TRIAL_DIVERGED,
    .epochs = 2,
    .steps = 14,
    .parameters = 99,
    .seconds = 1.5,
    .parts = {{9, 1, 2, 3}, {8, 4, 5, 6}, {7, 8, 9, 1}},
    .regularization_loss = 0.25,
    .value = 1.0 / 3,
    .epoch_count = 2,
    .rows = epochs,
    .config = "{\"a\": \"ä\"}",
    .error = "the loss became NaN",
    .has_accuracy = true};

/* What is read, written again, gives the same bytes. */
static void test_message_of_a_result_is_read_back(void **state)
{
    (void)state;
    cr_trial_result found;
    cr_epoch *rows = NULL;
    size_t capacity = 0;
    cr_text text = {0}, again = {0};
    cr_trial_message_add_result(&result, &text);
    assert_true(cr_trial_message_read_result(text.data, text.length, &found, &rows,
                                             &capacity, NULL));
    cr_trial_message_add_result(&found, &again);
    assert_int_equal(again.length, text.length);
    assert_memory_equal(again.data, text.data, text.length);
    assert_int_equal(found.status, CR_TRIAL_DIVERGED);
    assert_int_equal(found.parameters, 99);
    assert_true(found.value == 1.0 / 3);
    assert_true(found.parts[CR_PART_TEST].accuracy == 9);
    assert_int_equal(found.epoch_count, 2);
    assert_int_equal(found.rows[0].parameters_crc32, 0xffffffff);
    assert_true(signbit(found.rows[0].validation.loss) != 0);
    assert_true(isnan(found.rows[1].train.loss) && isinf(found.rows[1].train.rmse));
    assert_null(found.rows[0].logged);
    assert_string_equal(found.config, result.config);
    assert_string_equal(found.error, result.error);
    cr_text_finish(&text);
    cr_text_finish(&again);
    cr_free(rows);
}

static void test_message_that_is_damaged_is_refused(void **state)
{
    (void)state;
    cr_trial_result found;
    cr_epoch *rows = NULL;
    size_t capacity = 0;
    cr_text text = {0};
    cr_error err = CR_ERROR_INIT;
    cr_trial_message_add_result(&result, &text);
    for (size_t length = 0; length < text.length; length++)
        assert_false(cr_trial_message_read_result(text.data, length, &found, &rows,
                                                  &capacity, NULL));
    cr_text_add_bytes(&text, "x", 1);
    assert_false(cr_trial_message_read_result(text.data, text.length, &found, &rows,
                                              &capacity, &err));
    assert_string_equal(err.text, "a message between the sweep and a worker is damaged");
    for (size_t i = 0; i + 1 < text.length; i++) { /* no count leads past the end */
        char before = text.data[i];
        text.data[i] = (char)0xff;
        bool good = cr_trial_message_read_result(text.data, text.length - 1, &found,
                                                 &rows, &capacity, NULL);
        assert_true(!good || found.epoch_count == 2);
        text.data[i] = before;
    }
    cr_text_finish(&text);
    cr_free(rows);
}

static void test_message_of_a_notice_is_read_back(void **state)
{
    (void)state;
    cr_text text = {0};
    cr_trial_message_add_notice(0.1, &text);
    assert_true(cr_trial_message_read_notice(text.data, text.length) == 0.1);
    assert_true(isnan(cr_trial_message_read_notice(text.data, 0)));
    assert_true(isnan(cr_trial_message_read_notice(text.data, 3)));
    cr_text_finish(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message_of_a_job_is_read_back),
        cmocka_unit_test(test_message_of_a_result_is_read_back),
        cmocka_unit_test(test_message_that_is_damaged_is_refused),
        cmocka_unit_test(test_message_of_a_notice_is_read_back),
    };
    return cmocka_run_group_tests_name("trial_message", tests, NULL, NULL);
}
