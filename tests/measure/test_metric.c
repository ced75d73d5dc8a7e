/* The table of metrics, walked row by row, so that a new row is tested too. */
#include "data/data.h"
#include "fixture.h"
#include "measure/metric.h"

enum { KINDS = 3, CLASSES = 4, EXAMPLES = 8 };

static const cr_report_kind kinds[KINDS] = {CR_REPORT_NUMBERS, CR_REPORT_CLASSES,
                                            CR_REPORT_LABELS};

static void test_rows_are_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < cr_metric_type_count; i++) {
        const cr_metric_type *type = &cr_metric_types[i];
        assert_true(type->help && *type->help);
        assert_true(*type->stem && strlen(type->stem) <= strlen(type->name));
        assert_memory_equal(type->name, type->stem, strlen(type->stem));
        assert_true(type->targets > 0 && type->targets < 1u << KINDS);
        assert_true(!type->of_figures != !type->of_report); /* one of the two */
        assert_true(type->takes == CR_METRIC_TAKES_NOTHING || type->of_report);
        bool is_column = type->of_figures || type->takes == CR_METRIC_TAKES_CLASS;
        assert_true(is_column || type->title); /* eval has to call it something */
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(type->stem, cr_metric_types[k].stem);
    }
}

/* Asserts that the name is found as this row of this part. */
static void check_name(const char *name, const cr_metric_type *type, size_t part,
                       const char *argument)
{
    const cr_metric found = cr_metric_find(name);
    if (found.type != type)
        fail_msg("%s is found as %s", name, found.type ? found.type->name : "nothing");
    assert_int_equal(found.part, part);
    assert_string_equal(found.argument, argument);
    assert_string_equal(found.name, name);
    assert_int_equal(found.maximize, type->maximize);
}

static void test_find_by_every_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < cr_metric_type_count; i++)
        for (size_t part = 0; part < CR_PARTS; part++) {
            const cr_metric_type *type = &cr_metric_types[i];
            char full[64], name[64];
            snprintf(full, sizeof full, "%s_%s", cr_part_names[part], type->name);
            assert_string_equal(type->full_names[part], full);
            snprintf(name, sizeof name, "%s_%s", cr_part_names[part], type->stem);
            if (type->takes != CR_METRIC_TAKES_K)
                check_name(name, type, part, "");
            snprintf(name, sizeof name, "%s_%s_12", cr_part_names[part], type->stem);
            if (type->takes != CR_METRIC_TAKES_NOTHING)
                check_name(name, type, part, "12");
            else
                assert_null(cr_metric_find(name).type);
        }
}

static void test_find_what_is_no_metric(void **state)
{
    (void)state;
    static const char *const names[] = {
        "",         "train",        "train_", "train_f2",   "loss",     "f1",
        "testloss", "train_losses", "time_s", "relu1.dead", "other_f1", "train_f1x"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_null(cr_metric_find(names[i]).type);
        assert_false(cr_metric_find(names[i]).maximize);
    }
}

static void test_figures_are_named_in_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < cr_metric_type_count; i++)
        if (cr_metric_types[i].of_figures)
            assert_non_null(strstr(CR_METRIC_FIGURES, cr_metric_types[i].name));
}

static void test_default_exists(void **state)
{
    (void)state;
    for (size_t part = 0; part < CR_PARTS; part++)
        for (int classify = 0; classify < 2; classify++) {
            const cr_metric found =
                cr_metric_find(cr_metric_default((cr_part_name)part, classify));
            assert_int_equal(found.part, part);
            assert_true(found.type->of_figures);
            assert_true(cr_metric_exists(found.type, classify));
        }
    assert_string_equal(cr_metric_default(CR_PART_TRAIN, true), "train_accuracy");
    assert_string_equal(cr_metric_default(CR_PART_VALIDATION, false), "validation_rmse");
}

static void test_is_better(void **state)
{
    (void)state;
    assert_true(cr_metric_is_better(true, 2, 1));
    assert_true(cr_metric_is_better(false, 1, 2));
    for (int maximize = 0; maximize < 2; maximize++) {
        assert_false(cr_metric_is_better(maximize, 1, 1));
        assert_true(cr_metric_is_better(maximize, 1, NAN));
        assert_false(cr_metric_is_better(maximize, NAN, 1));
        assert_false(cr_metric_is_better(maximize, NAN, NAN));
    }
}

/* A report of examples whose targets take turns, right where the number of the example is
 * not below `wrong`. */
static cr_report *make(cr_report_kind kind, size_t outputs, size_t wrong)
{
    cr_report *r = cr_report_create(kind, outputs, EXAMPLES, NULL);
    assert_non_null(r);
    for (size_t i = 0; i < EXAMPLES; i++) {
        cr_real scores[CLASSES], values[CLASSES];
        int32_t class = (int32_t)(i % outputs);
        for (size_t j = 0; j < outputs; j++) {
            bool is_on = kind == CR_REPORT_CLASSES ? j == i % outputs : (i + j) % 2 == 0;
            bool is_said = i < wrong ? !is_on : is_on;
            values[j] = is_on;
            scores[j] = kind == CR_REPORT_NUMBERS ? is_said : is_said ? 3 : -3;
        }
        cr_report_add(r, 1, outputs, scores, kind == CR_REPORT_CLASSES ? &class : NULL,
                      values);
    }
    return r;
}

/* Right answers are better than wrong ones, for every kind of targets, and so the row's
 * direction is right. */
static void check_direction(const cr_metric_type *type, cr_report_kind kind,
                            size_t outputs)
{
    cr_report *good = make(kind, outputs, 0), *bad = make(kind, outputs, EXAMPLES / 2);
    size_t indices[] = {CR_METRIC_MEAN, 1};
    bool has_k = type->takes == CR_METRIC_TAKES_K;
    for (size_t i = has_k; i < 2; i++) {
        double a = type->of_report(good, indices[i]);
        double b = type->of_report(bad, indices[i]);
        if (isnan(a) && isnan(b) && outputs > 2)
            continue; /* there is no ROC curve of many classes */
        if (!cr_metric_is_better(type->maximize, a, b))
            fail_msg("%s of %zu outputs, kind %d: %g is not better than %g", type->name,
                     outputs, (int)kind, a, b);
    }
    cr_report_destroy(good);
    cr_report_destroy(bad);
}

static void test_directions_of_reports(void **state)
{
    (void)state;
    for (size_t i = 0; i < cr_metric_type_count; i++)
        for (size_t k = 0; k < KINDS; k++)
            for (size_t outputs = 2; outputs <= CLASSES; outputs += CLASSES - 2)
                if (cr_metric_types[i].of_report &&
                    cr_metric_types[i].targets & CR_METRIC_OF(kinds[k]))
                    check_direction(&cr_metric_types[i], kinds[k], outputs);
}

static void test_directions_of_figures(void **state)
{
    (void)state;
    const cr_figures good = {.loss = 0.1, .accuracy = 0.9, .rmse = 0.1};
    const cr_figures bad = {.loss = 1, .accuracy = 0.5, .rmse = 1};
    for (size_t i = 0; i < cr_metric_type_count; i++) {
        const cr_metric_type *type = &cr_metric_types[i];
        if (type->of_figures)
            assert_true(cr_metric_is_better(type->maximize, type->of_figures(&good),
                                            type->of_figures(&bad)));
    }
}

/* The text of cr_metric_check; "" for a name that is good. */
static const char *check_text(fixture *f, const char *name)
{
    f->err = (cr_error)CR_ERROR_INIT;
    cr_metric_check(&f->reader, "log.metrics", name);
    return f->err.count ? f->err.text : "";
}

static bool make_model(fixture *f, const char *loss, size_t outputs)
{
    char json[256];
    const cr_shape shape = cr_shape_flat(2);
    snprintf(json, sizeof json,
             "{\"model\": {\"layers\": [{\"type\": \"linear\"}]}, \"loss\": {\"type\": "
             "\"%s\"}, \"log\": {\"metrics\": []}}",
             loss);
    return fixture_create(f, json, &shape, outputs, false);
}

static void test_check_says_what_is_known(void **state)
{
    (void)state;
    fixture f;
    assert_true(make_model(&f, "softmax", 3));
    const char *text = check_text(&f, "train_f2");
    assert_non_null(strstr(text, "unknown metric \"train_f2\"; did you mean"));
    for (size_t i = 0; i < cr_metric_type_count; i++)
        for (size_t part = 0; part < CR_METRIC_TRAINING_PARTS; part++) {
            const cr_metric_type *type = &cr_metric_types[i];
            text = check_text(&f, "train_f2");
            bool is_known = strstr(text, type->full_names[part]) != NULL;
            assert_int_equal(is_known, type->of_report != NULL);
            text = check_text(&f, type->full_names[part]);
            if (type->of_report && type->takes == CR_METRIC_TAKES_NOTHING)
                assert_string_equal(text, "");
            if (type->of_figures)
                assert_non_null(strstr(text, "is a column already"));
        }
    assert_non_null(strstr(check_text(&f, "f1"),
                           "found \"f1\", expected \"train_f1\" or \"validation_f1\""));
    assert_non_null(strstr(check_text(&f, "test_f1"), "unknown metric \"test_f1\""));
    fixture_finish(&f);
}

/* Resolves the name for the model. Returns the error's text, or "". */
static const char *resolve(fixture *f, const char *name, cr_metric *metric)
{
    *metric = cr_metric_find(name);
    f->err = (cr_error)CR_ERROR_INIT;
    bool good = cr_metric_resolve(metric, &f->reader, "log.metrics", &f->model);
    assert_int_equal(good, f->err.count == 0);
    return good ? "" : f->err.text;
}

static void check_existence(fixture *f, cr_report_kind kind)
{
    assert_int_equal(cr_report_kind_of(&f->model), kind);
    for (size_t i = 0; i < cr_metric_type_count; i++) {
        const cr_metric_type *type = &cr_metric_types[i];
        char name[64];
        cr_metric metric;
        snprintf(name, sizeof name, "train_%s%s", type->stem,
                 type->takes == CR_METRIC_TAKES_K ? "_1" : "");
        const char *text = resolve(f, name, &metric);
        bool of_many = kind == CR_REPORT_CLASSES && f->encoding.classes.count > 2;
        if (type->of_two && of_many)
            assert_non_null(strstr(text, "of 3 classes, only of two, or of labels"));
        else if (type->targets & CR_METRIC_OF(kind))
            assert_string_equal(text, "");
        else
            assert_non_null(strstr(text, "there is no \"train_"));
    }
}

static void test_resolve_for_classes(void **state)
{
    (void)state;
    fixture f;
    cr_metric metric;
    assert_true(make_model(&f, "softmax", 3));
    static const char *const classes[] = {"blue", "green", "red"};
    for (size_t i = 0; i < 3; i++)
        assert_true(cr_names_add(&f.encoding.classes, classes[i], NULL));
    check_existence(&f, CR_REPORT_CLASSES);
    assert_string_equal(resolve(&f, "train_recall_red", &metric), "");
    assert_int_equal(metric.index, 2);
    assert_string_equal(resolve(&f, "train_recall", &metric), "");
    assert_true(metric.index == CR_METRIC_MEAN);
    assert_non_null(strstr(resolve(&f, "train_recall_x", &metric),
                           "unknown class \"x\"; known: blue, green, red"));
    assert_string_equal(resolve(&f, "train_top_2", &metric), "");
    assert_int_equal(metric.index, 2);
    static const char *const wrong[] = {"train_top",    "train_top_0",  "train_top_3",
                                        "train_top_2x", "train_top_02", "train_top_-1"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_non_null(strstr(resolve(&f, wrong[i], &metric),
                               "expected top_ and a number from 1 to 2"));
    cr_names_finish(&f.encoding.classes);
    fixture_finish(&f);
}

static void test_resolve_refuses_probabilities_of_scores(void **state)
{
    (void)state;
    fixture f;
    cr_metric metric;
    assert_true(make_model(&f, "svm", 3));
    for (size_t i = 0; i < cr_metric_type_count; i++) {
        if (!cr_metric_types[i].of_probabilities)
            continue;
        const char *text =
            resolve(&f, cr_metric_types[i].full_names[CR_PART_TRAIN], &metric);
        assert_non_null(strstr(text, "with the loss \"svm\", whose scores are no"));
    }
    assert_string_equal(resolve(&f, "train_matthews", &metric), "");
    fixture_finish(&f);
}

static void test_resolve_for_numbers_and_labels(void **state)
{
    (void)state;
    fixture f;
    cr_metric metric;
    assert_true(make_model(&f, "l2", 2));
    check_existence(&f, CR_REPORT_NUMBERS);
    fixture_finish(&f);
    assert_true(make_model(&f, "logistic", 2));
    check_existence(&f, CR_REPORT_LABELS);
    assert_true(cr_names_add(&f.encoding.targets, "near", NULL));
    assert_true(cr_names_add(&f.encoding.targets, "right", NULL));
    assert_string_equal(resolve(&f, "train_roc_auc_right", &metric), "");
    assert_int_equal(metric.index, 1);
    cr_names_finish(&f.encoding.targets);
    fixture_finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_complete),
        cmocka_unit_test(test_find_by_every_name),
        cmocka_unit_test(test_find_what_is_no_metric),
        cmocka_unit_test(test_figures_are_named_in_texts),
        cmocka_unit_test(test_default_exists),
        cmocka_unit_test(test_is_better),
        cmocka_unit_test(test_directions_of_reports),
        cmocka_unit_test(test_directions_of_figures),
        cmocka_unit_test(test_check_says_what_is_known),
        cmocka_unit_test(test_resolve_for_classes),
        cmocka_unit_test(test_resolve_refuses_probabilities_of_scores),
        cmocka_unit_test(test_resolve_for_numbers_and_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
