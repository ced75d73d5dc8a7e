/* Metrics against scikit-learn's (golden/metrics.py, golden/offsets.py). */
#include "golden_file.h"
#include "measure/report.h"

enum { MOST = 512 };

static size_t read_numbers(const cr_json *object, const char *key, double *out)
{
    return golden_numbers(object, key, MOST, out);
}

static cr_report *make(const cr_json *c, const char *scores_key, size_t outputs,
                       const char *targets_key)
{
    double numbers[MOST];
    cr_real scores[MOST], values[MOST];
    int32_t labels[MOST];
    bool classify = strcmp(targets_key, "labels") == 0;
    size_t count = read_numbers(c, scores_key, numbers), rows = count / outputs;
    for (size_t i = 0; i < count; i++)
        scores[i] = (cr_real)numbers[i];
    assert_int_equal(read_numbers(c, targets_key, numbers), classify ? rows : count);
    for (size_t i = 0; i < rows; i++)
        labels[i] = (int32_t)numbers[i];
    for (size_t i = 0; i < count && !classify; i++)
        values[i] = (cr_real)numbers[i];
    cr_report *r = cr_report_create(classify ? CR_REPORT_CLASSES : CR_REPORT_NUMBERS,
                                    outputs, rows, NULL);
    bool weighted = read_numbers(c, "weights", numbers) > 0;
    cr_targets targets = {classify ? labels : NULL, values, outputs,
                          weighted ? numbers : NULL};
    cr_report_add_targets(r, rows, outputs, scores, &targets);
    cr_report_clear(r);     /* which leaves nothing of it */
    size_t half = rows / 2; /* in two goes, as batches come */
    cr_report_add_targets(r, half, outputs, scores, &targets);
    targets = (cr_targets){classify ? labels + half : NULL, values + half * outputs,
                           outputs, weighted ? numbers + half : NULL};
    cr_report_add_targets(r, rows - half, outputs, scores + half * outputs, &targets);
    return r;
}

static void assert_near(double found, double expected)
{
    if (!(fabs(found - expected) < 1e-9)) /* the scores are exact, the sums in double */
        fail_msg("%.12g, scikit-learn has %.12g", found, expected);
}

/* Figures that have one value, by their keys in the golden file. */
static const struct {
    const char *key;
    double (*of)(cr_report *);
} figures[] = {{"balanced_accuracy", cr_report_balanced_accuracy},
               {"matthews", cr_report_matthews},
               {"cohen_kappa", cr_report_kappa},
               {"brier", cr_report_brier},
               {"calibration_error", cr_report_calibration_error},
               {"average_precision", cr_report_average_precision},
               {"average_precision_first", cr_report_average_precision_first}};
enum { FIGURES = sizeof figures / sizeof figures[0] };

static void check_figures(cr_report *r, const cr_json *c)
{
    for (size_t i = 0; i < FIGURES; i++)
        if (cr_json_get(c, figures[i].key))
            assert_near(figures[i].of(r), golden_number(c, figures[i].key));
        else /* of many classes */
            assert_true(isnan(figures[i].of(r)));
}

static void check_classes(const cr_json *c)
{
    double expected[6][MOST];
    size_t n = (size_t)cr_json_number(cr_json_get(c, "classes"));
    static const char *const keys[] = {"precision", "recall",    "f1",
                                       "examples",  "confusion", "mean"};
    for (size_t i = 0; i < 6; i++)
        read_numbers(c, keys[i], expected[i]);
    cr_report *r = make(c, "scores", n, "labels");
    for (size_t i = 0; i < n; i++) {
        cr_class_report found = cr_report_class(r, i);
        assert_near(found.precision, expected[0][i]);
        assert_near(found.recall, expected[1][i]);
        assert_near(found.f1, expected[2][i]);
        assert_near(found.examples, expected[3][i]);
        for (size_t j = 0; j < n; j++)
            assert_near(r->confusion[i * n + j], expected[4][i * n + j]);
    }
    cr_class_report mean = cr_report_mean(r);
    assert_near(mean.precision, expected[5][0]);
    assert_near(mean.recall, expected[5][1]);
    assert_near(mean.f1, expected[5][2]);
    assert_near(cr_report_log_loss(r), cr_json_number(cr_json_get(c, "log_loss")));
    check_figures(r, c);
    if (n == 2)
        assert_near(cr_report_auc(r), cr_json_number(cr_json_get(c, "auc")));
    else
        assert_true(isnan(cr_report_auc(r)));
    cr_report_destroy(r);
    double top[MOST];
    size_t tops = read_numbers(c, "top", top);
    if (tops == 0)
        return;
    r = make(c, "apart", n, "labels");
    for (size_t k = 1; k <= tops; k++)
        assert_near(cr_report_top(r, k), top[k - 1]);
    assert_near(cr_report_top(r, n), 1);
    cr_report_destroy(r);
}

static void test_metrics_are_those_of_scikit_learn(void **state)
{
    (void)state;
    cr_document golden = golden_read("metrics.json");
    size_t cases = 0;
    for (const cr_json *c = cr_json_first(cr_json_get(golden.root, "classified")); c;
         c = cr_json_next(c), cases++)
        check_classes(c);
    assert_int_equal(cases, 6);
    static const char *const regressions[] = {"regression", "regression_weighted"};
    for (size_t i = 0; i < 2; i++) {
        const cr_json *regression = cr_json_get(golden.root, regressions[i]);
        cr_report *r = make(regression, "scores", 2, "targets");
        assert_near(cr_report_mae(r), cr_json_number(cr_json_get(regression, "mae")));
        assert_near(cr_report_r2(r), cr_json_number(cr_json_get(regression, "r2")));
        cr_report_destroy(r);
    }
    cr_document_finish(&golden);
}

/* Labels of 0 and 1 have the metrics of two classes each. */
static void test_metrics_of_labels(void **state)
{
    (void)state;
    cr_document golden = golden_read("metrics.json");
    const cr_json *c = cr_json_get(golden.root, "labelled");
    double numbers[MOST], expected[4][MOST];
    cr_real scores[MOST], values[MOST];
    size_t count = read_numbers(c, "scores", numbers);
    for (size_t i = 0; i < count; i++)
        scores[i] = (cr_real)numbers[i];
    assert_int_equal(read_numbers(c, "labels", numbers), count);
    for (size_t i = 0; i < count; i++)
        values[i] = (cr_real)numbers[i];
    static const char *const keys[] = {"precision", "recall", "auc", "log_loss"};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(read_numbers(c, keys[i], expected[i]), 3);
    cr_report *r = cr_report_create(CR_REPORT_LABELS, 3, count / 3, NULL);
    cr_report_add(r, count / 3, 3, scores, NULL, values);
    for (size_t j = 0; j < 3; j++) {
        cr_class_report yes = cr_report_class(r->labels[j], 1);
        assert_near(yes.precision, expected[0][j]);
        assert_near(yes.recall, expected[1][j]);
        assert_near(cr_report_auc(r->labels[j]), expected[2][j]);
        assert_near(cr_report_log_loss(r->labels[j]), expected[3][j]);
        for (size_t i = 0; i < FIGURES; i++) {
            assert_int_equal(read_numbers(c, figures[i].key, numbers), 3);
            assert_near(figures[i].of(r->labels[j]), numbers[j]);
        }
    }
    cr_report_destroy(r);
    cr_document_finish(&golden);
}

/* Sums of a million terms, and ranks whose products are far above 2^32. The formulas are
 * those of golden/metrics.py. */
static void test_metrics_of_a_million_rows(void **state)
{
    (void)state;
    enum { ROWS = 1000000 };
    cr_document golden = golden_read("metrics.json");
    const cr_json *c = cr_json_get(golden.root, "million");
    cr_report *r = cr_report_create(CR_REPORT_CLASSES, 2, ROWS, NULL);
    assert_non_null(r);
    for (uint64_t i = 0; i < ROWS; i++) {
        double score = (double)(i * 2654435761u % 4294967296u >> 12) / 1048576;
        int32_t yes = (double)(i * 2246822519u % 4294967296u) / 4294967296 < score;
        const cr_real shown = (cr_real)(score - 0.5); /* exact in single precision */
        cr_report_add(r, 1, 1, &shown, &yes, NULL);
    }
    assert_int_equal(r->curve.positives, (size_t)golden_number(c, "positives"));
    assert_near(cr_report_auc(r), golden_number(c, "roc_auc"));
    assert_near(cr_report_log_loss(r), golden_number(c, "log_loss"));
    check_figures(r, c);
    cr_report_destroy(r);
    cr_document_finish(&golden);
}

/* Targets far from 0: what they differ by is small beside what they are. */
static void test_r2_is_that_of_scikit_learn_at_every_offset(void **state)
{
    (void)state;
    cr_document golden = golden_read("offsets.json");
    const cr_json *regressions = cr_json_get(golden.root, "regressions");
    assert_int_equal(cr_json_count(regressions), 4);
    for (const cr_json *c = cr_json_first(regressions); c; c = cr_json_next(c)) {
        cr_report *r = make(c, "scores", 1, "targets");
        assert_near(cr_report_r2(r), golden_number(c, "r2"));
        assert_near(cr_report_mae(r), golden_number(c, "mae"));
        cr_report_destroy(r);
    }
    cr_document_finish(&golden);
}

static void test_r2_of_equal_targets(void **state)
{
    (void)state;
    static const cr_real targets[] = {0, (cr_real)0.1, 8000000.5, -1e9, (cr_real)1e30};
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        cr_report *r = cr_report_create(CR_REPORT_NUMBERS, 1, 1000, NULL);
        for (size_t j = 0; j < 1000; j++)
            cr_report_add(r, 1, 1, &(cr_real){(cr_real)j}, NULL, &targets[i]);
        assert_true(isnan(cr_report_r2(r)));
        cr_report_destroy(r);
    }
}

static void test_metrics_that_do_not_exist(void **state)
{
    (void)state;
    cr_report *r = cr_report_create(CR_REPORT_CLASSES, 2, 2, NULL);
    const cr_real scores[] = {1, 2, 3, 1};
    cr_report_add(r, 2, 2, scores, (const int32_t[]){1, 1}, NULL);
    /* one class alone; NaN where scikit-learn says that it is not defined */
    assert_true(isnan(cr_report_auc(r)));
    assert_near(cr_report_average_precision(r), 1);
    assert_near(cr_report_matthews(r), 0);
    assert_near(cr_report_kappa(r), 0);
    assert_near(cr_report_balanced_accuracy(r), 0.5);
    cr_report_clear(r);
    cr_report_add(r, 2, 1, scores, (const int32_t[]){0, 0}, NULL);
    assert_true(isnan(cr_report_average_precision(r))); /* no positive one */
    cr_report_clear(r);
    cr_report_add(r, 2, 1, scores, (const int32_t[]){1, 1}, NULL);
    assert_true(isnan(cr_report_kappa(r))); /* all is as chance would have it */
    assert_near(cr_report_matthews(r), 0);
    cr_report_clear(r);
    const cr_real undefined[] = {1, NAN};
    cr_report_add(r, 2, 1, undefined, (const int32_t[]){0, 1}, NULL);
    assert_true(isnan(cr_report_auc(r)) && isnan(cr_report_average_precision(r)));
    assert_true(isnan(cr_report_brier(r)) && isnan(cr_report_calibration_error(r)));
    cr_report_destroy(r);
    r = cr_report_create(CR_REPORT_NUMBERS, 1, 2, NULL);
    cr_report_add(r, 2, 1, scores, NULL, (const cr_real[]){4, 4});
    assert_true(isnan(cr_report_r2(r))); /* nothing to explain */
    cr_report_destroy(r);
}

/* 256 rows, or fewer where their values would be more than 2²⁴; reshaped ones are none of
 * their own. */
static void test_evaluator_rows_by_the_values_of_an_example(void **state)
{
    (void)state;
    const struct {
        size_t side, rows, most_rows;
    } cases[] = {{28, 256, 1024},
                 {128, 256, 512},
                 {256, 128, 128},
                 {300, 64, 128},
                 {2000, 32, 128}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fixture f;
        const cr_shape shape = {3, {1, cases[i].side, cases[i].side}};
        assert_true(fixture_create(&f,
                                   "{\"model\": {\"layers\": [{\"type\": \"tanh\"}, "
                                   "{\"type\": \"flatten\"}]}}",
                                   &shape, 0, false));
        const cr_network *network = f.model.network;
        assert_int_equal(cr_evaluator_rows(network, 32, 256), cases[i].rows);
        assert_int_equal(cr_evaluator_rows(network, 128, 1024), cases[i].most_rows);
        fixture_finish(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_evaluator_rows_by_the_values_of_an_example),
        cmocka_unit_test(test_metrics_are_those_of_scikit_learn),
        cmocka_unit_test(test_metrics_of_labels),
        cmocka_unit_test(test_metrics_of_a_million_rows),
        cmocka_unit_test(test_r2_is_that_of_scikit_learn_at_every_offset),
        cmocka_unit_test(test_r2_of_equal_targets),
        cmocka_unit_test(test_metrics_that_do_not_exist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
