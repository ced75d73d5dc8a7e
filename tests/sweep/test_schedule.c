/* Schedules, given made-up results: what runs in which order, and what becomes of the
 * settings. */
#include "fixture.h"
#include "sweep/schedules/sweep_method.h"

enum { MOST = 100 };

static const cr_sweep_parameter anything = {.space = CR_SPACE_UNIFORM, .upper = 1};

/* A workload whose costs and values a test fills in, and its schedule. */
typedef struct race {
    double costs[MOST];
    bool included[MOST];
    cr_sweep_workload workload;
    double values[MOST]; /* of each trial, whatever the rung */
    bool failing[MOST];
    cr_sweep_schedule *schedule;
    size_t order[MOST * 4], run; /* trials that ran, in order */
    cr_sweep_task tasks[MOST * 4];
} race;

static void race_begin(race *r, size_t settings, size_t trials_per_setting, bool maximize)
{
    *r = (race){0};
    for (size_t i = 0; i < MOST; i++) {
        r->costs[i] = 1;
        r->included[i] = true;
        r->values[i] = (double)i;
    }
    r->workload = (cr_sweep_workload){.settings = settings,
                                      .trials_per_setting = trials_per_setting,
                                      .costs = r->costs,
                                      .included = r->included,
                                      .metric = {.maximize = maximize},
                                      .epochs = 18,
                                      .factor = 3,
                                      .min_epochs = 2,
                                      .parameters = &anything,
                                      .parameter_count = 1};
}

static void race_create(race *r, const cr_sweep_schedule_type *type)
{
    r->schedule = cr_sweep_schedule_create(type, &r->workload, NULL);
    assert_non_null(r->schedule);
}

static void race_add(race *r, const cr_sweep_task *task)
{
    const cr_sweep_outcome outcome = {.trial = task->trial,
                                      .rung = task->rung,
                                      .failed = r->failing[task->trial],
                                      .value = r->values[task->trial]};
    assert_true(cr_sweep_schedule_add(r->schedule, &outcome, NULL));
}

/* Runs tasks one after the other up to the end, or as many as `most`. */
static cr_sweep_next race_run(race *r, size_t most)
{
    cr_sweep_task task;
    cr_sweep_next next = CR_SWEEP_RUN;
    for (size_t i = 0; i < most; i++) {
        next = cr_sweep_schedule_next(r->schedule, &task);
        if (next != CR_SWEEP_RUN)
            break;
        r->tasks[r->run] = task;
        r->order[r->run++] = task.trial;
        race_add(r, &task);
    }
    return next;
}

static void assert_order(const race *r, const size_t *expected, size_t count)
{
    assert_int_equal(r->run, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(r->order[i], expected[i]);
}

static void assert_verdict(race *r, size_t setting, bool eliminated, size_t best)
{
    cr_sweep_verdict verdict;
    assert_true(cr_sweep_schedule_verdict(r->schedule, &verdict));
    assert_int_equal(verdict.of.setting, setting);
    assert_int_equal(verdict.eliminated, eliminated);
    assert_int_equal(verdict.of.trial, best);
}

static void assert_no_verdict(race *r)
{
    cr_sweep_verdict verdict;
    assert_false(cr_sweep_schedule_verdict(r->schedule, &verdict));
}

static void test_once_runs_the_costliest_first(void **state)
{
    (void)state;
    race r;
    race_begin(&r, 4, 1, true);
    r.costs[1] = r.costs[3] = 5;
    r.costs[2] = 9;
    race_create(&r, &cr_sweep_schedule_once);
    assert_int_equal(r.schedule->total, 4);
    assert_int_equal(race_run(&r, MOST), CR_SWEEP_END);
    assert_order(&r, (const size_t[]){2, 1, 3, 0}, 4);
    assert_int_equal(r.tasks[0].epochs, 0);
    assert_int_equal(r.tasks[0].rung, -1);
    assert_int_equal(r.schedule->done, 4);
    assert_true(r.schedule->cost_done == 20 && r.schedule->cost_total == 20);
    cr_sweep_schedule_destroy(r.schedule);
}

static void test_once_leaves_out_what_is_not_included(void **state)
{
    (void)state;
    race r;
    race_begin(&r, 3, 2, true); /* a shard with every second trial, without setting 1 */
    for (size_t i = 0; i < 6; i++)
        r.included[i] = i % 2 == 1 && i != 3;
    race_create(&r, &cr_sweep_schedule_once);
    race_run(&r, MOST);
    assert_order(&r, (const size_t[]){1, 5}, 2);
    assert_verdict(&r, 0, false, 1);
    assert_verdict(&r, 2, false, 5);
    assert_no_verdict(&r);
    cr_sweep_schedule_destroy(r.schedule);
}

static void test_once_judges_a_setting_when_its_last_trial_is_in(void **state)
{
    (void)state;
    race r;
    race_begin(&r, 2, 3, false);
    r.values[0] = 3, r.values[1] = 1, r.values[2] = 2;
    r.values[4] = NAN; /* one that diverged */
    race_create(&r, &cr_sweep_schedule_once);
    race_run(&r, 2);
    assert_no_verdict(&r);
    race_run(&r, 1);
    cr_sweep_verdict verdict;
    assert_true(cr_sweep_schedule_verdict(r.schedule, &verdict));
    assert_true(verdict.of.score == 2);
    assert_int_equal(verdict.of.trial, 1); /* the lowest */
    race_run(&r, 3);
    assert_true(cr_sweep_schedule_verdict(r.schedule, &verdict));
    assert_true(isnan(verdict.of.score));
    cr_sweep_schedule_destroy(r.schedule);
}

static void test_once_goes_on_from_known_results(void **state)
{
    (void)state;
    race r;
    race_begin(&r, 3, 1, true);
    race_create(&r, &cr_sweep_schedule_once);
    race_add(&r, &(cr_sweep_task){.trial = 1, .rung = -1});
    race_add(&r, &(cr_sweep_task){.trial = 1, .rung = -1}); /* twice is once */
    race_add(&r, &(cr_sweep_task){.trial = 7, .rung = -1}); /* of a larger sweep */
    assert_verdict(&r, 1, false, 1);
    assert_int_equal(race_run(&r, MOST), CR_SWEEP_END);
    assert_order(&r, (const size_t[]){0, 2}, 2);
    assert_int_equal(r.schedule->done, 3);
    assert_true(r.schedule->cost_total == 2);
    cr_sweep_schedule_destroy(r.schedule);
}

static void test_once_tries_a_failed_trial_no_second_time(void **state)
{
    (void)state;
    race r;
    race_begin(&r, 2, 1, true);
    r.failing[0] = true;
    race_create(&r, &cr_sweep_schedule_once);
    assert_int_equal(race_run(&r, MOST), CR_SWEEP_END);
    assert_order(&r, (const size_t[]){0, 1}, 2);
    assert_verdict(&r, 1, false, 1);
    assert_no_verdict(&r);
    cr_sweep_schedule_destroy(r.schedule);
}

static void test_halving_has_the_rungs_that_it_says(void **state)
{
    (void)state;
    race r;
    cr_rung rungs[CR_MOST_RUNGS];
    race_begin(&r, 9, 1, true);
    assert_int_equal(cr_sweep_schedule_halving.rungs(&r.workload, rungs), 3);
    assert_int_equal(rungs[0].settings, 9);
    assert_int_equal(rungs[0].epochs, 2);
    assert_int_equal(rungs[1].settings, 3);
    assert_int_equal(rungs[1].epochs, 6);
    assert_int_equal(rungs[2].settings, 1);
    assert_int_equal(rungs[2].epochs, 18);
    r.workload.min_epochs = 18; /* nothing to halve: whole trials of all */
    assert_int_equal(cr_sweep_schedule_halving.rungs(&r.workload, rungs), 1);
    assert_int_equal(rungs[0].epochs, 18);
}

static void test_halving_sends_the_better_on(void **state)
{
    (void)state;
    race r;
    race_begin(&r, 9, 1, false); /* the lower the better: settings 0, 1 and 2 go on */
    race_create(&r, &cr_sweep_schedule_halving);
    assert_int_equal(r.schedule->total, 13);
    assert_int_equal(race_run(&r, 9), CR_SWEEP_RUN);
    for (size_t i = 3; i < 9; i++)
        assert_verdict(&r, i, true, i);
    assert_int_equal(race_run(&r, MOST), CR_SWEEP_END);
    assert_order(&r, (const size_t[]){0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 0}, 13);
    assert_int_equal(r.tasks[8].from, 0);
    assert_int_equal(r.tasks[8].epochs, 2);
    assert_int_equal(r.tasks[9].from, 2);
    assert_int_equal(r.tasks[9].epochs, 6);
    assert_int_equal(r.tasks[12].from, 6);
    assert_int_equal(r.tasks[12].rung, 2);
    assert_verdict(&r, 1, true, 1);
    assert_verdict(&r, 2, true, 2);
    assert_verdict(&r, 0, false, 0);
    assert_no_verdict(&r);
    assert_int_equal(r.schedule->done, 13);
    cr_sweep_schedule_destroy(r.schedule);
}

static void test_halving_waits_for_the_whole_rung(void **state)
{
    (void)state;
    race r;
    race_begin(&r, 9, 1, false);
    race_create(&r, &cr_sweep_schedule_halving);
    cr_sweep_task tasks[9], task;
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(cr_sweep_schedule_next(r.schedule, &tasks[i]), CR_SWEEP_RUN);
    assert_int_equal(cr_sweep_schedule_next(r.schedule, &task), CR_SWEEP_WAIT);
    for (size_t i = 9; i-- > 1;) { /* in another order than they were handed out */
        race_add(&r, &tasks[i]);
        assert_int_equal(cr_sweep_schedule_next(r.schedule, &task), CR_SWEEP_WAIT);
    }
    assert_no_verdict(&r);
    race_add(&r, &tasks[0]);
    assert_int_equal(cr_sweep_schedule_next(r.schedule, &task), CR_SWEEP_RUN);
    assert_int_equal(task.trial, 0);
    assert_int_equal(task.rung, 1);
    cr_sweep_schedule_destroy(r.schedule);
}

static void test_halving_prefers_the_earlier_of_equals(void **state)
{
    (void)state;
    race r;
    race_begin(&r, 9, 1, true);
    for (size_t i = 0; i < 9; i++)
        r.values[i] = 1;
    r.values[0] = NAN;
    race_create(&r, &cr_sweep_schedule_halving);
    assert_int_equal(race_run(&r, MOST), CR_SWEEP_END);
    assert_order(&r, (const size_t[]){0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 1}, 13);
    cr_sweep_schedule_destroy(r.schedule);
}

static void test_halving_drops_what_has_no_value(void **state)
{
    (void)state;
    race r;
    race_begin(&r, 9, 1, true);
    for (size_t i = 0; i < 9; i++)
        r.values[i] = NAN;
    r.values[4] = 1;
    r.values[8] = 2;
    r.failing[8] = true; /* a crash has no value either */
    race_create(&r, &cr_sweep_schedule_halving);
    assert_int_equal(race_run(&r, MOST), CR_SWEEP_END);
    assert_order(&r, (const size_t[]){0, 1, 2, 3, 4, 5, 6, 7, 8, 4, 4}, 11);
    r.values[4] = NAN;
    cr_sweep_schedule_destroy(r.schedule);
    r.run = 0;
    race_create(&r, &cr_sweep_schedule_halving);
    assert_int_equal(race_run(&r, MOST), CR_SWEEP_END); /* none is left after a rung */
    assert_int_equal(r.run, 9);
    for (size_t i = 0; i < 9; i++)
        assert_verdict(&r, i, true, i);
    assert_no_verdict(&r);
    cr_sweep_schedule_destroy(r.schedule);
}

static void test_halving_judges_by_the_mean_of_trials(void **state)
{
    (void)state;
    race r;
    race_begin(&r, 3, 2, true);
    r.workload.min_epochs = 6;
    const double values[] = {9, 1, 4, 7, 0, 10}; /* means 5, 5.5, 5 */
    memcpy(r.values, values, sizeof values);
    race_create(&r, &cr_sweep_schedule_halving);
    assert_int_equal(race_run(&r, MOST), CR_SWEEP_END);
    assert_order(&r, (const size_t[]){0, 1, 2, 3, 4, 5, 2, 3}, 8);
    assert_verdict(&r, 0, true, 0);
    assert_verdict(&r, 2, true, 5);
    assert_verdict(&r, 1, false, 3);
    cr_sweep_schedule_destroy(r.schedule);
}

/* Cut off after any number of results and told of them anew, in another order, it runs
 * what is left of the same trials. */
static void test_halving_goes_on_from_known_results(void **state)
{
    (void)state;
    for (size_t cut = 0; cut <= 13; cut++) {
        race first, then;
        race_begin(&first, 9, 1, false);
        race_create(&first, &cr_sweep_schedule_halving);
        race_run(&first, cut);
        race_begin(&then, 9, 1, false);
        race_create(&then, &cr_sweep_schedule_halving);
        for (size_t i = first.run; i-- > 0;)
            race_add(&then, &first.tasks[i]);
        assert_int_equal(race_run(&then, MOST), CR_SWEEP_END);
        race_run(&first, MOST);
        assert_order(&then, first.order + cut, 13 - cut);
        assert_int_equal(then.schedule->done, 13);
        assert_int_equal(then.schedule->verdict_count, 9);
        cr_sweep_schedule_destroy(first.schedule);
        cr_sweep_schedule_destroy(then.schedule);
    }
}

/* Every method of the table runs a small workload to its end. */
static void test_every_method_comes_to_an_end(void **state)
{
    (void)state;
    for (size_t i = 0; cr_sweep_method_names[i]; i++) {
        race r;
        assert_string_equal(cr_sweep_methods[i].name, cr_sweep_method_names[i]);
        race_begin(&r, 9, 2, true);
        race_create(&r, cr_sweep_methods[i].schedule);
        assert_int_equal(race_run(&r, 4 * MOST), CR_SWEEP_END);
        assert_int_equal(r.schedule->done, r.schedule->total);
        assert_int_equal(r.schedule->verdict_count, 9);
        cr_sweep_task again = r.schedule->type->again(r.schedule, 17);
        assert_int_equal(again.trial, 17);
        assert_int_equal(again.rung, r.tasks[r.run - 1].rung);
        assert_int_equal(again.epochs, r.tasks[r.run - 1].epochs);
        cr_sweep_schedule_destroy(r.schedule);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_once_runs_the_costliest_first),
        cmocka_unit_test(test_once_leaves_out_what_is_not_included),
        cmocka_unit_test(test_once_judges_a_setting_when_its_last_trial_is_in),
        cmocka_unit_test(test_once_goes_on_from_known_results),
        cmocka_unit_test(test_once_tries_a_failed_trial_no_second_time),
        cmocka_unit_test(test_halving_has_the_rungs_that_it_says),
        cmocka_unit_test(test_halving_sends_the_better_on),
        cmocka_unit_test(test_halving_waits_for_the_whole_rung),
        cmocka_unit_test(test_halving_prefers_the_earlier_of_equals),
        cmocka_unit_test(test_halving_drops_what_has_no_value),
        cmocka_unit_test(test_halving_judges_by_the_mean_of_trials),
        cmocka_unit_test(test_halving_goes_on_from_known_results),
        cmocka_unit_test(test_every_method_comes_to_an_end),
    };
    return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
