/* Learning rate schedules against PyTorch's and scikit-learn's (golden/schedules.py). */
#include "base/text.h"
#include "config/document.h"
#include "fixture.h"
#include "train/schedule.h"

#include <stdlib.h>

enum { STEPS = 13 }; /* an epoch, where time is counted in steps */

/* A schedule of the case, read as from a config. */
typedef struct reading {
    cr_document document;
    cr_error err;
    cr_text warnings;
    cr_reader reader;
    cr_schedule schedule;
} reading;

static void read_schedule(reading *r, const char *text)
{
    char *copy = NULL;
    cr_text config = {0};
    *r = (reading){.reader = {.document = &r->document}};
    r->reader.err = &r->err;
    r->reader.warnings = &r->warnings;
    cr_text_add(&config, "{\"learning_rate_schedule\": %s}", text);
    copy = cr_text_copy(config.data, config.length, NULL);
    cr_text_finish(&config);
    assert_true(
        cr_document_parse(&r->document, "c", copy, strlen(copy), CR_E_CONFIG, NULL));
    cr_schedule_read(&r->reader, r->document.root, true, &r->schedule);
}

static void finish(reading *r)
{
    cr_free(r->schedule.options);
    cr_document_finish(&r->document);
    cr_text_finish(&r->warnings);
}

/* The case's rates; in_steps: with the unit "step" in place of "epoch". */
static void check(const cr_json *c, double base, bool in_steps)
{
    reading r;
    cr_text text = {0};
    char *schedule = cr_json_print(cr_json_get(c, "schedule"), false);
    cr_text_add(&text, "%.*s, \"unit\": \"%s\"}", (int)strlen(schedule) - 1, schedule,
                in_steps ? "step" : "epoch");
    read_schedule(&r, text.data);
    if (r.err.count)
        fail_msg("%s", r.err.text);
    size_t epochs = (size_t)cr_json_number(cr_json_get(c, "epochs"));
    /* as many steps as the case has epochs, of one long epoch */
    cr_schedule_resolve(&r.schedule, &r.reader, base, in_steps ? 1 : epochs,
                        in_steps ? epochs : STEPS);
    const cr_json *rate = cr_json_first(cr_json_get(c, "rates"));
    const cr_json *figures = cr_json_get(c, "figures");
    const cr_json *figure = figures ? cr_json_first(figures) : NULL;
    cr_plateau plateau = {.factor = 1};
    double over = cr_json_get_number(c, "over", -1); /* the time that is the last */
    size_t t = 0;
    for (; rate; rate = cr_json_next(rate), t++) {
        double found = cr_schedule_rate(&r.schedule, base, in_steps ? 0 : t,
                                        in_steps ? t : t * STEPS + 5, &plateau);
        if (fabs(found - cr_json_number(rate)) >
            1e-12) /* both are sums of few roundings */
            fail_msg("%s: time %zu: %.17g, expected %.17g", text.data, t, found,
                     cr_json_number(rate));
        if (!figure)
            continue;
        double x = cr_json_number(figure);
        const cr_epoch epoch = {
            .epoch = t + 1, .train = {1, x, x, 0}, .validation = {1, x, x, 0}};
        cr_schedule_watch(&r.schedule, base, &epoch, &plateau);
        assert_int_equal(cr_schedule_is_over(&r.schedule, base, &plateau),
                         over == (double)t);
        figure = cr_json_next(figure);
    }
    assert_int_equal(t, over < 0 ? 40 : (size_t)over + 1);
    cr_free(schedule);
    cr_text_finish(&text);
    finish(&r);
}

static void test_rates_are_those_of_others(void **state)
{
    (void)state;
    char path[512];
    cr_document golden;
    bool seen[16] = {false};
    snprintf(path, sizeof path, "%s/schedules.json", getenv("CHAINRULE_GOLDEN"));
    assert_true(cr_document_read(&golden, path, NULL));
    double base = cr_json_number(cr_json_get(golden.root, "base"));
    for (const cr_json *c = cr_json_first(cr_json_get(golden.root, "cases")); c;
         c = cr_json_next(c)) {
        const char *type =
            cr_json_string(cr_json_get(cr_json_get(c, "schedule"), "type"));
        check(c, base, false);
        if (strcmp(type, "plateau") != 0)
            check(c, base, true);
        for (size_t i = 0; i < cr_schedule_type_count; i++)
            seen[i] |= strcmp(cr_schedule_types[i]->name, type) == 0;
    }
    for (size_t i = 0; i < cr_schedule_type_count; i++)
        assert_true(seen[i]); /* none is without a case */
    cr_document_finish(&golden);
}

static void test_period_follows_the_length_of_training(void **state)
{
    (void)state;
    reading r;
    read_schedule(&r, "{\"type\": \"cosine\", \"unit\": \"step\", \"warmup\": 10}");
    cr_schedule_resolve(&r.schedule, &r.reader, 1, 5, 20);
    const cr_plateau none = {.factor = 1};
    assert_float_equal(cr_schedule_rate(&r.schedule, 1, 0, 10 + 45, &none), 0.5, 1e-12);
    assert_float_equal(cr_schedule_rate(&r.schedule, 1, 0, 10 + 90, &none), 0, 1e-12);
    /* which the config does not say, so that a longer one has another */
    const cr_json *section = cr_json_get(r.document.root, "learning_rate_schedule");
    assert_null(cr_json_get(section, "period"));
    assert_null(r.warnings.data);
    finish(&r);
}

static void test_what_never_comes_about_is_a_warning(void **state)
{
    (void)state;
    static const char *const warned[][2] = {
        {"{\"type\": \"cosine\", \"warmup\": 11}",
         "the warm-up takes 11 epochs, and training ends after 10"},
        {"{\"type\": \"step\", \"every\": 5, \"warmup\": 5}",
         "the rate changes after 10 epochs, and training ends after 10"},
        {"{\"type\": \"multistep\", \"milestones\": [300], \"unit\": \"step\"}",
         "the rate changes after 300 steps, and training ends after 200"},
        {"{\"type\": \"linear\", \"minimum\": 2}", "the rate stays as it is"},
    };
    for (size_t i = 0; i < sizeof warned / sizeof warned[0]; i++) {
        reading r;
        read_schedule(&r, warned[i][0]);
        cr_schedule_resolve(&r.schedule, &r.reader, 1, 10, 20);
        assert_non_null(r.warnings.data);
        if (!strstr(r.warnings.data, warned[i][1]))
            fail_msg("%s", r.warnings.data);
        finish(&r);
    }
}

static void test_minimum_above_the_rate_does_not_raise_it(void **state)
{
    (void)state;
    static const char *const types[] = {"cosine", "linear"};
    const cr_plateau none = {.factor = 1};
    for (size_t i = 0; i < 2; i++) {
        reading r;
        char text[96];
        snprintf(text, sizeof text, "{\"type\": \"%s\", \"minimum\": 2}", types[i]);
        read_schedule(&r, text);
        cr_schedule_resolve(&r.schedule, &r.reader, 1, 10, 20);
        for (size_t epoch = 0; epoch < 12; epoch++)
            assert_true(cr_schedule_rate(&r.schedule, 1, epoch, 0, &none) == 1);
        finish(&r);
    }
}

static void test_plateau_does_not_watch_the_warm_up(void **state)
{
    (void)state;
    reading r;
    read_schedule(&r,
                  "{\"type\": \"plateau\", \"monitor\": \"train_loss\", \"patience\": 1, "
                  "\"factor\": 0.5, \"warmup\": 10}");
    cr_plateau plateau = {.factor = 1};
    cr_epoch epoch = {.train = {.loss = 1}};
    for (epoch.epoch = 1; epoch.epoch <= 10; epoch.epoch++)
        cr_schedule_watch(&r.schedule, 1, &epoch, &plateau);
    assert_true(cr_schedule_rate(&r.schedule, 1, 10, 0, &plateau) == 1);
    for (; epoch.epoch <= 13; epoch.epoch++) /* the first, and two that are no better */
        cr_schedule_watch(&r.schedule, 1, &epoch, &plateau);
    assert_true(cr_schedule_rate(&r.schedule, 1, 13, 0, &plateau) == 0.5);
    finish(&r);
}

static void test_what_cannot_be_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"{\"type\": \"multistep\", \"milestones\": [3, 3]}",
         "each above the one before"},
        {"{\"type\": \"multistep\", \"milestones\": [\"a\"]}", "whole numbers from 1"},
        {"{\"type\": \"step\"}", "this key is missing"},
        {"{\"type\": \"plateau\", \"unit\": \"step\"}", "after every epoch"},
        {"{\"type\": \"plateau\", \"monitor\": \"train_rmse\"}",
         "there is no train_rmse"},
        {"{\"type\": \"cosin\"}", "did you mean \"cosine\"?"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        reading r;
        read_schedule(&r, wrong[i][0]);
        assert_int_equal(r.err.count, 1);
        if (!strstr(r.err.text, wrong[i][1]))
            fail_msg("%s", r.err.text);
        finish(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rates_are_those_of_others),
        cmocka_unit_test(test_period_follows_the_length_of_training),
        cmocka_unit_test(test_what_never_comes_about_is_a_warning),
        cmocka_unit_test(test_minimum_above_the_rate_does_not_raise_it),
        cmocka_unit_test(test_plateau_does_not_watch_the_warm_up),
        cmocka_unit_test(test_what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
