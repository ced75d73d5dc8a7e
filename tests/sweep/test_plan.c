/* Plans: which settings, repeats, folds and trials there are. */
#include "plan_files.h"

#define RATE "optimizer.learning_rate"
#define UNITS "model.layers.0.units"

static cr_sweep_plan *create(const char *sweep)
{
    cr_error err = CR_ERROR_INIT;
    cr_sweep_plan *plan = plan_files_create(sweep, plan_files_whole, &err);
    if (!plan)
        fail_msg("%s", err.text);
    return plan;
}

static void assert_parameters(const cr_sweep_plan *plan, size_t setting,
                              const char *expected)
{
    char *text = cr_sweep_plan_parameters(plan, setting);
    assert_non_null(text);
    assert_string_equal(text, expected);
    cr_free(text);
}

static size_t count_included(const cr_sweep_plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->trials; i++)
        count += plan->workload.included[i];
    return count;
}

static void test_plan_of_a_grid_has_every_combination(void **state)
{
    (void)state;
    cr_sweep_plan *plan =
        create("{\"repeats\": 2, \"parameters\": {\"" RATE
               "\": {\"values\": [0.1, 0.2]}, \"" UNITS "\": {\"values\": [2, 3, 4]}}}");
    assert_int_equal(plan->section.settings, 6);
    assert_int_equal(plan->workload.trials_per_setting, 2);
    assert_int_equal(plan->trials, 12);
    assert_int_equal(count_included(plan), 12);
    assert_parameters(plan, 0, "{\"" RATE "\":0.1,\"" UNITS "\":2}");
    assert_parameters(plan, 1, "{\"" RATE "\":0.1,\"" UNITS "\":3}");
    assert_parameters(plan, 5, "{\"" RATE "\":0.2,\"" UNITS "\":4}");
    cr_sweep_plan_destroy(plan);
}

static void test_plan_numbers_trials_by_setting_repeat_and_fold(void **state)
{
    (void)state;
    cr_sweep_plan *plan = create("{\"repeats\": 3, \"folds\": 2, \"parameters\": {\"" RATE
                                 "\": {\"values\": [0.1, 0.2]}}}");
    assert_int_equal(plan->trials, 12);
    cr_trial t = cr_sweep_plan_trial(plan, 11);
    assert_int_equal(t.setting, 1);
    assert_int_equal(t.repeat, 2);
    assert_int_equal(t.fold, 1);
    assert_int_equal(t.seed, 5 + 2); /* the config's, and one more a repeat */
    cr_sweep_plan_destroy(plan);
}

static void test_plan_leaves_duplicates_out(void **state)
{
    (void)state;
    cr_sweep_plan *plan =
        create("{\"parameters\": {\"" RATE "\": {\"values\": [0.1, 0.2, 0.1, 1e-1]}}}");
    assert_int_equal(plan->duplicates, 2);
    const bool included[] = {true, true, false, false};
    assert_memory_equal(plan->workload.included, included, sizeof included);
    cr_sweep_plan_destroy(plan);
}

static void test_plan_of_shards_has_every_trial_once(void **state)
{
    (void)state;
    int times[10] = {0};
    cr_hash identity = {0};
    for (size_t k = 0; k < 3; k++) {
        cr_sweep_plan *plan = plan_files_create(
            "{\"repeats\": 5, \"parameters\": {\"" RATE "\": {\"values\": [0.1, 0.2]}}}",
            (cr_shard){k, 3}, NULL);
        assert_non_null(plan);
        for (size_t i = 0; i < 10; i++)
            times[i] += plan->workload.included[i];
        assert_true(cr_hash_compare(plan->identity, identity) != 0);
        identity = plan->identity;
        cr_sweep_plan_destroy(plan);
    }
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(times[i], 1);
}

static void test_plan_with_more_samples_keeps_the_first(void **state)
{
    (void)state;
    cr_sweep_plan *few =
        create("{\"method\": \"random\", \"samples\": 3, \"parameters\": {\"" RATE
               "\": {\"space\": \"loguniform\", \"lower\": 0.001, \"upper\": 1}}}");
    cr_sweep_plan *many =
        create("{\"method\": \"random\", \"samples\": 9, \"parameters\": {\"" RATE
               "\": {\"space\": \"loguniform\", \"lower\": 0.001, \"upper\": 1}}}");
    for (size_t i = 0; i < 3; i++) {
        char *text = cr_sweep_plan_parameters(few, i);
        assert_parameters(many, i, text);
        cr_free(text);
        assert_true(cr_hash_compare(cr_sweep_plan_hash(few, i),
                                    cr_sweep_plan_hash(many, i)) == 0);
    }
    assert_true(cr_hash_compare(few->identity, many->identity) != 0);
    cr_sweep_plan_destroy(few);
    cr_sweep_plan_destroy(many);
}

static void test_plan_identity_is_that_of_the_trials(void **state)
{
    (void)state;
    cr_sweep_plan *a = create("{\"parameters\": {\"" RATE "\": {\"values\": [0.1]}}}");
    cr_sweep_plan *b = create("{\"keep\": 7, \"comment\": \"the same trials\", "
                              "\"parameters\": {\"" RATE "\": {\"values\": [0.1]}}}");
    cr_sweep_plan *c = create("{\"parameters\": {\"" RATE "\": {\"values\": [0.2]}}}");
    assert_true(cr_hash_compare(a->identity, b->identity) == 0);
    assert_true(cr_hash_compare(a->identity, c->identity) != 0);
    cr_sweep_plan_destroy(a);
    cr_sweep_plan_destroy(b);
    cr_sweep_plan_destroy(c);
}

static void test_plan_costs_grow_with_the_work(void **state)
{
    (void)state;
    cr_sweep_plan *plan =
        create("{\"parameters\": {\"training.epochs\": {\"values\": [1, 10]}}}");
    const double *costs = plan->workload.costs;
    assert_true(costs[0] > 0);
    assert_true(costs[1] == 10 * costs[0]);
    cr_sweep_plan_destroy(plan);
}

static void test_plan_experiment_is_the_settings(void **state)
{
    (void)state;
    cr_sweep_plan *plan = create("{\"repeats\": 2, \"parameters\": {\"" RATE
                                 "\": {\"values\": [0.1, 0.25]}}}");
    cr_experiment *e = cr_sweep_plan_experiment(plan, 3, NULL, NULL);
    assert_non_null(e);
    assert_true(cr_experiment_learning_rate(e) == 0.25);
    assert_int_equal(e->seed, 6);
    assert_int_equal(e->training.threads, 1);
    assert_ptr_equal(e->data, plan->data[0]->data); /* loaded once */
    cr_experiment_destroy(e);
    cr_sweep_plan_destroy(plan);
}

static void test_plan_refuses_a_wrong_setting_at_its_parameter(void **state)
{
    (void)state;
    cr_error err = CR_ERROR_INIT;
    assert_null(plan_files_create("{\"parameters\": {\"" UNITS
                                  "\": {\"values\": [2, 0]}}}",
                                  plan_files_whole, &err));
    assert_non_null(strstr(err.text, "override sweep.parameters." UNITS
                                     ": found 0, expected a whole number"));
    err = (cr_error)CR_ERROR_INIT;
    assert_null(plan_files_create("{\"method\": \"halving\", \"samples\": 3}",
                                  (cr_shard){0, 2}, &err));
    assert_non_null(strstr(err.text, "successive halving compares all its settings"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plan_of_a_grid_has_every_combination),
        cmocka_unit_test(test_plan_numbers_trials_by_setting_repeat_and_fold),
        cmocka_unit_test(test_plan_leaves_duplicates_out),
        cmocka_unit_test(test_plan_of_shards_has_every_trial_once),
        cmocka_unit_test(test_plan_with_more_samples_keeps_the_first),
        cmocka_unit_test(test_plan_identity_is_that_of_the_trials),
        cmocka_unit_test(test_plan_costs_grow_with_the_work),
        cmocka_unit_test(test_plan_experiment_is_the_settings),
        cmocka_unit_test(test_plan_refuses_a_wrong_setting_at_its_parameter),
    };
    return cmocka_run_group_tests_name("plan", tests, plan_files_setup, files_teardown);
}
