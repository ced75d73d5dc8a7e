/* What is watched: found by name, and its value after an epoch. */
#include "data/data.h"
#include "fixture.h"
#include "measure/monitor.h"

typedef struct reading {
    cr_document document;
    cr_error err;
    cr_reader reader;
    cr_monitor monitor;
} reading;

/* Reads a monitor of that name, of a config whose log lists two metrics. */
static bool read_monitor(reading *r, const char *name, bool classify)
{
    static const char config[] =
        "{\"log\": {\"metrics\": [\"train_f1\", \"validation_recall_red\"]}}";
    *r = (reading){.reader = {.document = &r->document}};
    r->reader.err = &r->err;
    char *copy = cr_text_copy(config, strlen(config), NULL);
    assert_true(
        cr_document_parse(&r->document, "c", copy, strlen(copy), CR_E_CONFIG, NULL));
    bool good = cr_monitor_read(&r->reader, "here", name, classify, &r->monitor);
    assert_int_equal(good, r->err.count == 0);
    return good;
}

static void check_refused(const char *name, bool classify, const char *text)
{
    reading r;
    assert_false(read_monitor(&r, name, classify));
    if (!strstr(r.err.text, text))
        fail_msg("%s: %s", name, r.err.text);
    cr_document_finish(&r.document);
}

static void test_read_every_figure(void **state)
{
    (void)state;
    const cr_epoch epoch = {.train = {10, 1, 2, 3}, .validation = {10, 4, 5, 6}};
    const cr_figures *parts[] = {&epoch.train, &epoch.validation};
    for (size_t i = 0; i < cr_metric_type_count; i++)
        for (size_t part = 0; part < CR_METRIC_TRAINING_PARTS; part++)
            for (int classify = 0; classify < 2; classify++) {
                const cr_metric_type *type = &cr_metric_types[i];
                reading r;
                if (!type->of_figures)
                    continue;
                if (!cr_metric_exists(type, classify)) {
                    check_refused(type->full_names[part], classify, "there is no ");
                    continue;
                }
                assert_true(read_monitor(&r, type->full_names[part], classify));
                assert_ptr_equal(r.monitor.metric.type, type);
                assert_true(cr_monitor_value(&r.monitor, &epoch) ==
                            type->of_figures(parts[part]));
                cr_document_finish(&r.document);
            }
}

static void test_read_a_column_of_the_log(void **state)
{
    (void)state;
    const double logged[] = {7, 8};
    const cr_epoch epoch = {.logged = logged, .logged_count = 2};
    reading r;
    assert_true(read_monitor(&r, "validation_recall_red", true));
    assert_int_equal(r.monitor.metric.part, CR_PART_VALIDATION);
    assert_true(r.monitor.metric.maximize);
    assert_true(cr_monitor_value(&r.monitor, &epoch) == 8);
    cr_document_finish(&r.document);
}

static void test_read_what_cannot_be_watched(void **state)
{
    (void)state;
    check_refused("train_rmse", true,
                  "there is no train_rmse with this loss; known: train_loss, "
                  "train_accuracy, validation_loss, validation_accuracy");
    check_refused("validation_f1", true,
                  "found \"validation_f1\", expected train_ or validation_ and loss, "
                  "accuracy or rmse, or a metric that is listed in \"metrics\" of "
                  "\"log\"");
    check_refused("test_loss", true,
                  "found \"test_loss\", which may be meant for \"train_loss\"; expected "
                  "train_ or");
    check_refused("val_acc", true,
                  "found \"val_acc\", which is called \"validation_accuracy\" here");
    check_refused("", true, "found \"\", expected");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_every_figure),
        cmocka_unit_test(test_read_a_column_of_the_log),
        cmocka_unit_test(test_read_what_cannot_be_watched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
