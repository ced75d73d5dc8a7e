/* Ranking: means, deviations, ties and effects of made-up trials, and which runs a sweep
 * keeps. */
#include "base/directory.h"
#include "golden_file.h"
#include "plan_files.h"
#include "sweep/kept_models.h"
#include "sweep/ranking.h"
#include "sweep/store.h"
#include "sweep/trial_mark.h"

#define RATE "optimizer.learning_rate"

/* A directory with a sweep of `settings` values of the rate and `repeats` of each, whose
 * trials have these values; NaN: diverged, infinite: left out. */
static const char *write_sweep(const char *name, const char *section,
                               const double *values, size_t count)
{
    bool other = false;
    cr_text warnings = {0};
    cr_error err = CR_ERROR_INIT;
    cr_sweep_plan *plan = plan_files_create(section, plan_files_whole, &err);
    if (!plan)
        fail_msg("%s", err.text);
    assert_int_equal(plan->trials, count);
    const char *directory = files_path(name);
    cr_store *store = cr_store_open(directory, plan, &other, &warnings, NULL);
    assert_non_null(store);
    for (size_t i = 0; i < count; i++) {
        const cr_trial_result result = {.status = isnan(values[i]) ? CR_TRIAL_DIVERGED
                                                                   : CR_TRIAL_COMPLETED,
                                        .epochs = 9,
                                        .seconds = 1,
                                        .value = values[i],
                                        .config = "{}",
                                        .error = ""};
        if (!isinf(values[i]))
            assert_true(cr_store_add(store, plan, i, &result, -1, NULL));
    }
    cr_store_close(store);
    cr_sweep_plan_destroy(plan);
    return directory;
}

static cr_ranking rank(const char *const *directories, size_t count)
{
    cr_ranking ranking;
    cr_error err = CR_ERROR_INIT;
    if (!cr_ranking_read(&ranking, directories, count, NULL, &err))
        fail_msg("%s", err.text);
    return ranking;
}

static const char three_by_two[] =
    "{\"repeats\": 2, \"parameters\": {\"" RATE "\": {\"values\": [0.1, 0.2, 0.3]}}}";

static void test_ranking_has_the_best_mean_first(void **state)
{
    (void)state;
    const double values[] = {0.5, 0.25, 0.75, 1, 0.5, INFINITY};
    const char *directory = write_sweep("means", three_by_two, values, 6);
    cr_ranking r = rank(&directory, 1);
    assert_string_equal(r.list.metric, "validation_accuracy");
    assert_int_equal(r.list.expected, 6);
    assert_int_equal(r.setting_count, 3);
    assert_string_equal(r.settings[0].values[0], "0.2");
    assert_true(r.settings[0].mean == 0.875);
    assert_true(fabs(r.settings[0].deviation - 0.125 * sqrt(2)) < 1e-15); /* rounding */
    assert_string_equal(r.settings[1].values[0], "0.3");
    assert_true(isnan(r.settings[1].deviation)); /* of one value */
    assert_string_equal(r.settings[2].values[0], "0.1");
    assert_int_equal(r.settings[2].count, 2);
    cr_ranking_finish(&r);
}

static void test_ranking_puts_what_diverged_behind(void **state)
{
    (void)state;
    const double values[] = {1, NAN, 0.5, 0.5, NAN, NAN};
    const char *directory = write_sweep("diverged", three_by_two, values, 6);
    cr_ranking r = rank(&directory, 1);
    assert_string_equal(r.settings[0].values[0], "0.2");
    assert_string_equal(r.settings[1].values[0], "0.1");
    assert_int_equal(r.settings[1].diverged, 1);
    assert_int_equal(r.settings[1].valued, 1);
    assert_string_equal(r.settings[2].values[0], "0.3");
    assert_true(isnan(r.settings[2].mean));
    cr_ranking_finish(&r);
}

/* Ties are told by the differences on the same seed, so that what both have in common
 * does not count as noise. */
static void test_ranking_ties_by_paired_differences(void **state)
{
    (void)state;
    const char *section =
        "{\"repeats\": 3, \"parameters\": {\"" RATE "\": {\"values\": [0.1, 0.2, 0.3]}}}";
    /* the second is 0.1 below the first on each seed; the third below it, with noise */
    const double values[] = {0.9, 0.5, 0.7, 0.8, 0.4, 0.6, 0.5, 0.7, 0.6};
    const char *directory = write_sweep("ties", section, values, 9);
    cr_ranking r = rank(&directory, 1);
    assert_string_equal(r.settings[0].values[0], "0.1");
    for (size_t i = 1; i < 3; i++)
        assert_int_equal(r.settings[i].tied, strcmp(r.settings[i].values[0], "0.3") == 0);
    cr_ranking_finish(&r);
}

/* Values close to 0 and far from it, such as the rmse of prices. */
static void test_ranking_deviates_as_numpy_at_every_offset(void **state)
{
    (void)state;
    const char *section =
        "{\"metric\": \"validation_loss\", \"repeats\": 4, \"parameters\": {\"" RATE
        "\": {\"values\": [0.1, 0.2]}}}";
    cr_document golden = golden_read("offsets.json");
    size_t cases = 0;
    for (const cr_json *c = cr_json_first(cr_json_get(golden.root, "repeats")); c;
         c = cr_json_next(c), cases++) {
        double values[8], means[2], deviations[2];
        char name[32];
        assert_int_equal(golden_numbers(c, "values", 8, values), 8);
        golden_numbers(c, "means", 2, means);
        golden_numbers(c, "deviations", 2, deviations);
        snprintf(name, sizeof name, "offset%zu", cases);
        const char *directory = write_sweep(name, section, values, 8);
        cr_ranking r = rank(&directory, 1);
        for (size_t i = 0; i < 2; i++) { /* the lower mean is the first setting's */
            double step = 4 * fmax(1, fabs(means[i])) * 0x1p-52;
            assert_true(fabs(r.settings[i].mean - means[i]) <= step);
            assert_true(fabs(r.settings[i].deviation - deviations[i]) <= step);
        }
        assert_int_equal(r.settings[1].tied, cr_json_get_bool(c, "tied", false));
        cr_ranking_finish(&r);
    }
    assert_int_equal(cases, 3);
    cr_document_finish(&golden);
}

static void test_ranking_counts_a_trial_once(void **state)
{
    (void)state;
    const double values[] = {0.5, 0.25, 0.75, 1, 0.5, 0.5};
    const char *directory = write_sweep("twice", three_by_two, values, 6);
    cr_ranking r = rank((const char *const[]){directory, directory}, 2);
    assert_int_equal(r.list.count, 6);
    assert_int_equal(r.settings[0].count, 2);
    cr_ranking_finish(&r);
}

static void test_ranking_tells_effects_and_borders(void **state)
{
    (void)state;
    const double values[] = {0.1, 0.3, 0.5, 0.5, 0.75, 1};
    const char *directory = write_sweep("effects", three_by_two, values, 6);
    cr_ranking r = rank(&directory, 1);
    cr_effect effects[CR_MOST_EFFECTS];
    bool upper = false;
    assert_int_equal(cr_ranking_effects(&r, 0, effects), 3);
    assert_string_equal(effects[0].label, "0.1");
    assert_true(fabs(effects[0].mean - 0.2) < 1e-15); /* rounding */
    assert_true(effects[2].mean == 0.875);
    assert_true(cr_ranking_on_border(&r, 0, &upper));
    assert_true(upper);
    cr_ranking_finish(&r);
}

static void test_ranking_refuses_a_directory_of_nothing(void **state)
{
    (void)state;
    cr_ranking r;
    cr_error err = CR_ERROR_INIT;
    const char *directory = files_path("nothing");
    assert_false(cr_ranking_read(&r, &directory, 1, NULL, &err));
    assert_non_null(strstr(err.text, "neither a sweep, nor a run"));
    cr_ranking_finish(&r);
}

/* Six settings of two trials, whose runs all exist, and keep = 2. */
static void begin_kept(cr_kept_models *kept, cr_sweep_workload *w, const char *name)
{
    static bool included[12];
    memset(included, 1, sizeof included);
    *w = (cr_sweep_workload){.settings = 6,
                             .trials_per_setting = 2,
                             .included = included,
                             .metric = {.maximize = true}};
    assert_true(cr_kept_models_begin(kept, files_path(name), w, 2, NULL));
    for (int i = 0; i < 12; i++) {
        char path[300];
        snprintf(path, sizeof path, "%s/%d", kept->trials_path, i);
        assert_true(cr_directory_create(path, NULL));
        assert_true(cr_trial_mark_claim(path, NULL));
        snprintf(path, sizeof path, "%s/%d/summary.json", kept->trials_path, i);
        assert_true(cr_file_replace(path, "{}", 2, NULL));
    }
}

/* Whether the runs of exactly these trials are there; ends with -1. */
static void assert_runs(const cr_kept_models *kept, const int *trials)
{
    for (int i = 0; i < 12; i++) {
        char path[300];
        snprintf(path, sizeof path, "%s/%d/summary.json", kept->trials_path, i);
        bool expected = false;
        for (const int *t = trials; *t >= 0; t++)
            expected = expected || *t == i;
        assert_int_equal(access(path, F_OK) == 0, expected);
    }
}

static void test_kept_models_are_those_of_the_best_in_any_order(void **state)
{
    (void)state;
    static const cr_setting_score settings[6] = {{0, 0.5, 1}, {1, 0.9, 2}, {2, 0.9, 5},
                                                 {3, NAN, 6}, {4, 0.9, 8}, {5, 0.1, 10}};
    for (size_t first = 0; first < 6; first++) {
        cr_kept_models kept;
        cr_sweep_workload w;
        char name[16];
        snprintf(name, sizeof name, "kept%zu", first);
        begin_kept(&kept, &w, name);
        for (size_t i = 0; i < 6; i++)
            cr_kept_models_offer(&kept, &settings[(first + 5 * i) % 6]);
        cr_kept_models_offer(&kept, &settings[1]); /* again is no matter */
        assert_int_equal(kept.count, 2);
        assert_int_equal(kept.best[0].setting, 1); /* the earlier of equals */
        assert_int_equal(kept.best[1].setting, 2);
        assert_runs(&kept, (const int[]){2, 5, -1});
        assert_true(isnan(cr_kept_models_threshold(&kept))); /* a mean of two */
        assert_true(cr_kept_models_link_best(&kept, NULL));
        char link[16] = "", path[300];
        snprintf(path, sizeof path, "%s/best", kept.directory);
        assert_int_equal(readlink(path, link, sizeof link - 1), 8);
        assert_string_equal(link, "trials/2");
        cr_kept_models_finish(&kept);
    }
}

static void test_kept_models_have_a_threshold_once_they_are_full(void **state)
{
    (void)state;
    cr_kept_models kept;
    cr_sweep_workload w;
    begin_kept(&kept, &w, "threshold");
    w.trials_per_setting = 1;
    cr_kept_models_offer(&kept, &(cr_setting_score){3, 0.5, 3});
    assert_true(isnan(cr_kept_models_threshold(&kept)));
    cr_kept_models_offer(&kept, &(cr_setting_score){4, 0.25, 4});
    assert_true(cr_kept_models_threshold(&kept) == 0.25);
    cr_kept_models_finish(&kept);
}

static void test_kept_models_leave_no_leftovers(void **state)
{
    (void)state;
    cr_kept_models kept;
    cr_sweep_workload w;
    begin_kept(&kept, &w, "leftovers");
    bool done[12] = {[3] = true, [7] = true};
    cr_kept_models_remove_leftovers(&kept, done);
    assert_runs(&kept, (const int[]){3, 7, -1});
    cr_kept_models_offer(&kept, &(cr_setting_score){1, 0.5, 3});
    cr_kept_models_offer(&kept, &(cr_setting_score){2, 0.5, 5});
    assert_true(cr_kept_models_has_run(&kept, 0));
    assert_false(cr_kept_models_has_run(&kept, 1));
    cr_kept_models_finish(&kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranking_has_the_best_mean_first),
        cmocka_unit_test(test_ranking_puts_what_diverged_behind),
        cmocka_unit_test(test_ranking_ties_by_paired_differences),
        cmocka_unit_test(test_ranking_deviates_as_numpy_at_every_offset),
        cmocka_unit_test(test_ranking_counts_a_trial_once),
        cmocka_unit_test(test_ranking_tells_effects_and_borders),
        cmocka_unit_test(test_ranking_refuses_a_directory_of_nothing),
        cmocka_unit_test(test_kept_models_are_those_of_the_best_in_any_order),
        cmocka_unit_test(test_kept_models_have_a_threshold_once_they_are_full),
        cmocka_unit_test(test_kept_models_leave_no_leftovers),
    };
    return cmocka_run_group_tests_name("ranking", tests, plan_files_setup,
                                       files_teardown);
}
