/* Thresholds against those that scikit-learn's curves have (golden/metrics.py). */
#include "golden_file.h"
#include "measure/threshold.h"

enum { MOST = 128 };

static cr_curve make_curve(size_t count, const double *scores, const double *labels,
                           const double *weights)
{
    cr_curve curve;
    assert_true(cr_curve_init(&curve, count, NULL));
    for (size_t i = 0; i < count; i++)
        cr_curve_add(&curve, scores[i], labels[i] > 0.5, weights ? weights[i] : 1);
    return curve;
}

static void check_rules(const cr_json *c)
{
    double scores[MOST], labels[MOST], weights[MOST];
    size_t count = golden_numbers(c, "probabilities", MOST, scores), rules = 0;
    bool weighted = golden_numbers(c, "weights", MOST, weights) > 0;
    assert_int_equal(golden_numbers(c, "labels", MOST, labels), count);
    cr_curve curve = make_curve(count, scores, labels, weighted ? weights : NULL);
    for (const cr_json *r = cr_json_first(cr_json_get(c, "rules")); r;
         r = cr_json_next(r), rules++) {
        cr_threshold_rule rule;
        double threshold = -1;
        assert_true(cr_threshold_read_rule(&rule, cr_json_key(r), NULL));
        assert_true(cr_threshold_choose(&rule, &curve, &threshold, NULL));
        if (threshold != cr_json_number(r))
            fail_msg("%s: %g, expected %g", cr_json_key(r), threshold, cr_json_number(r));
        cr_report *report = cr_threshold_report(&curve, threshold, NULL);
        double f1 = golden_number(cr_json_get(c, "f1"), cr_json_key(r));
        assert_true(fabs(cr_report_class(report, 1).f1 - f1) < 1e-12);
        cr_report_destroy(report);
    }
    assert_int_equal(rules, 11);
    cr_curve_finish(&curve);
}

static void test_choose_is_the_best_of_scikit_learns_curve(void **state)
{
    (void)state;
    cr_document golden = golden_read("metrics.json");
    const cr_json *cases = cr_json_get(golden.root, "chosen");
    assert_int_equal(cr_json_count(cases), 4);
    for (const cr_json *c = cr_json_first(cases); c; c = cr_json_next(c))
        check_rules(c);
    cr_document_finish(&golden);
}

static void test_choose_says_why_there_is_none(void **state)
{
    (void)state;
    const double scores[] = {0.9, 0.25}, labels[] = {0, 1}, none[] = {0, 0};
    const double undefined[] = {0.9, NAN};
    cr_threshold_rule rule;
    cr_error err = CR_ERROR_INIT;
    double threshold = -1;
    cr_curve curve = make_curve(2, scores, none, NULL);
    assert_true(cr_threshold_read_rule(&rule, "precision=0.75", NULL));
    assert_false(cr_threshold_choose(&rule, &curve, &threshold, &err));
    assert_non_null(strstr(err.text, "there is no example of it"));
    cr_curve_finish(&curve);
    curve = make_curve(2, scores, labels, NULL);
    err = (cr_error)CR_ERROR_INIT;
    assert_false(cr_threshold_choose(&rule, &curve, &threshold, &err));
    assert_string_equal(err.text, "no threshold has a precision of at least 0.75");
    cr_curve_finish(&curve);
    curve = make_curve(2, undefined, labels, NULL);
    err = (cr_error)CR_ERROR_INIT;
    assert_false(cr_threshold_choose(&rule, &curve, &threshold, &err));
    assert_string_equal(err.text, "a probability is no number");
    cr_curve_finish(&curve);
}

static void test_cost_of_what_is_wrong(void **state)
{
    (void)state;
    const double scores[] = {0.9, 0.75, 0.5, 0.25}, labels[] = {0, 1, 0, 1};
    cr_threshold_rule rule;
    assert_true(cr_threshold_read_rule(&rule, "cost=1:5", NULL));
    cr_curve curve = make_curve(4, scores, labels, NULL);
    cr_report *report =
        cr_threshold_report(&curve, 0.5, NULL); /* two wrong, one missed */
    assert_true(cr_threshold_cost(&rule, report) == 2 * 1 + 1 * 5);
    cr_report_destroy(report);
    cr_curve_finish(&curve);
}

static void test_read_rule_refuses(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",        "f",         "f1=1",     "recall",     "recall=",   "recall=0",
        "cost",    "cost=",     "cost=1",   "cost=1:",    "cost=:1",   "recall=1.01",
        "recall=", "recall=x",  "cost=0:0", "cost=-1:2",  "cost=1:2x", "precision=nan",
        "f1 ",     "precision", "cost=1,2", "cost=inf:1", "F1",        "recall=-0.5"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        cr_threshold_rule rule;
        cr_error err = CR_ERROR_INIT;
        if (cr_threshold_read_rule(&rule, wrong[i], &err))
            fail_msg("taken: \"%s\"", wrong[i]);
        assert_non_null(strstr(err.text, "expected f1, recall=SHARE"));
    }
}

static void test_read_list(void **state)
{
    (void)state;
    size_t count = 0;
    double *list = cr_threshold_read_list("0.25,1e-3", &count, NULL);
    assert_int_equal(count, 2);
    assert_true(list[0] == 0.25 && list[1] == 1e-3);
    cr_free(list);
    static const char *const wrong[] = {"", ",", "0.5,", "0.5,,1", "x", "0.5 x"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        cr_error err = CR_ERROR_INIT;
        assert_null(cr_threshold_read_list(wrong[i], &count, &err));
        assert_non_null(strstr(err.text, "expected a probability from 0 to 1"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choose_is_the_best_of_scikit_learns_curve),
        cmocka_unit_test(test_choose_says_why_there_is_none),
        cmocka_unit_test(test_cost_of_what_is_wrong),
        cmocka_unit_test(test_read_rule_refuses),
        cmocka_unit_test(test_read_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
