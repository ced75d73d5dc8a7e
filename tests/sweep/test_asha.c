/* Halving without waiting: whom it sends on, that it can be replayed, and how busy it keeps
 * two workers, beside successive halving. */
#include "fixture.h"
#include "sweep/schedules/sweep_method.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SETTINGS = 81, TASKS = 4 * SETTINGS };

typedef struct race {
    double costs[SETTINGS];
    bool included[SETTINGS * 2];
    cr_sweep_workload workload;
    cr_sweep_schedule *schedule;
    size_t finals, eliminated; /* verdicts of either kind */
    double best;               /* the best final score */
} race;

static void race_begin(race *r, const cr_sweep_schedule_type *type, size_t per)
{
    *r = (race){.best = INFINITY};
    for (size_t i = 0; i < SETTINGS * 2; i++)
        r->included[i] = true;
    r->workload = (cr_sweep_workload){.settings = SETTINGS,
                                      .trials_per_setting = per,
                                      .costs = r->costs,
                                      .included = r->included,
                                      .epochs = 27,
                                      .factor = 3,
                                      .min_epochs = 1};
    r->schedule = cr_sweep_schedule_create(type, &r->workload, NULL);
    assert_non_null(r->schedule);
}

static void race_take_verdicts(race *r)
{
    cr_sweep_verdict verdict;
    while (cr_sweep_schedule_verdict(r->schedule, &verdict))
        if (verdict.eliminated) {
            r->eliminated++;
        } else {
            r->finals++;
            r->best = fmin(r->best, verdict.of.score);
        }
}

static bool race_ask(race *r, cr_sweep_task *task)
{
    bool runs = cr_sweep_schedule_next(r->schedule, task) == CR_SWEEP_RUN;
    race_take_verdicts(r);
    return runs;
}

static void race_tell(race *r, const cr_sweep_task *task, double value)
{
    const cr_sweep_outcome outcome = {
        .trial = task->trial, .rung = task->rung, .value = value};
    assert_true(cr_sweep_schedule_add(r->schedule, &outcome, NULL));
    race_take_verdicts(r);
}

/* A number in [0, 1) that is the trial's own. */
static double draw(size_t trial, size_t what)
{
    return fmod((double)(trial * 7919 + what * 104729 + 13) * 0.6180339887498949, 1);
}

/* The loss after so many epochs: it falls to the trial's own, and the noise with it. */
static double loss(size_t trial, size_t epochs, size_t seed)
{
    double own = draw(trial, seed), noise = draw(trial + epochs, seed + 1) - 0.5;
    return own + noise / sqrt((double)epochs);
}

static void test_asha_sends_the_better_on_at_once(void **state)
{
    (void)state;
    race r;
    cr_sweep_task task;
    race_begin(&r, &cr_sweep_schedule_asha, 1);
    const double values[] = {0.5, 0.3, 0.4, 0.2, 0.9, 0.8};
    const size_t trials[] = {0, 1, 2, 1, 3, 3, 4, 5};
    const int rungs[] = {0, 0, 0, 1, 0, 1, 0, 0};
    for (size_t i = 0; i < 8; i++) {
        assert_true(race_ask(&r, &task));
        assert_int_equal(task.trial, trials[i]);
        assert_int_equal(task.rung, rungs[i]);
        assert_int_equal(task.from, rungs[i] ? 1 : 0);
        assert_int_equal(task.epochs, rungs[i] ? 3 : 1);
        race_tell(&r, &task, values[task.trial]);
    }
    cr_sweep_schedule_destroy(r.schedule);
}

static void test_asha_sends_nothing_on_that_diverged_or_failed(void **state)
{
    (void)state;
    race r;
    cr_sweep_task task;
    size_t count = 0;
    race_begin(&r, &cr_sweep_schedule_asha, 1);
    for (; race_ask(&r, &task); count++) {
        assert_int_equal(task.rung, 0);
        const cr_sweep_outcome outcome = {
            .trial = task.trial, .value = NAN, .failed = task.trial % 2 == 0};
        assert_true(cr_sweep_schedule_add(r.schedule, &outcome, NULL));
    }
    assert_int_equal(count, SETTINGS);
    assert_int_equal(cr_sweep_schedule_next(r.schedule, &task), CR_SWEEP_END);
    cr_sweep_schedule_destroy(r.schedule);
}

/* Two workers, in time as it is counted: a task takes its epochs times the trial's speed.
 * order [TASKS]: the trials in the order of their ends. Returns the share of the time that
 * the workers are busy; *epochs: all that were trained. */
static double run_two(race *r, size_t seed, size_t order[TASKS], size_t *epochs)
{
    cr_sweep_task tasks[2];
    double ends[2] = {0, 0}, now = 0, busy = 0;
    bool at_work[2] = {false, false};
    size_t count = 0;
    *epochs = 0;
    for (;;) {
        for (size_t k = 0; k < 2; k++)
            if (!at_work[k] && race_ask(r, &tasks[k])) {
                size_t own = tasks[k].epochs - tasks[k].from;
                double seconds = (double)own * (0.5 + draw(tasks[k].trial, seed + 2));
                at_work[k] = true;
                ends[k] = now + seconds;
                busy += seconds;
                *epochs += own;
            }
        if (!at_work[0] && !at_work[1])
            break;
        size_t first = !at_work[1] || (at_work[0] && ends[0] <= ends[1]) ? 0 : 1;
        now = ends[first];
        at_work[first] = false;
        order[count++] = tasks[first].trial;
        race_tell(r, &tasks[first], loss(tasks[first].trial, tasks[first].epochs, seed));
    }
    memset(order + count, 0, (TASKS - count) * sizeof *order);
    return busy / (2 * now);
}

/* Halving with its rungs is the same work in another order, but that settings go on by
 * mistake; so is its result, in the mean over the seeds. */
static void test_asha_keeps_two_workers_busy(void **state)
{
    (void)state;
    enum { SEEDS = 40 };
    double busy[2] = {0, 0}, best[2] = {0, 0}, trained[2] = {0, 0};
    for (size_t seed = 0; seed < SEEDS; seed++)
        for (size_t k = 0; k < 2; k++) {
            race r;
            size_t order[TASKS], epochs = 0;
            race_begin(&r, k ? &cr_sweep_schedule_asha : &cr_sweep_schedule_halving, 1);
            busy[k] += run_two(&r, 3 * seed, order, &epochs) / SEEDS;
            assert_int_equal(r.finals + r.eliminated, SETTINGS);
            best[k] += r.best / SEEDS;
            trained[k] += (double)epochs / SEEDS;
            cr_sweep_schedule_destroy(r.schedule);
        }
    print_message("busy: halving %.3f, asha %.3f; best %.4f, %.4f; epochs %.0f, %.0f\n",
                  busy[0], busy[1], best[0], best[1], trained[0], trained[1]);
    assert_true(busy[1] >= 0.95 && busy[1] > busy[0]);
    assert_true(best[1] <= best[0] + 0.01);
}

static void test_asha_is_replayed_from_the_order_of_ends(void **state)
{
    (void)state;
    race a, b;
    cr_sweep_task tasks[2], task;
    size_t order[TASKS], epochs = 0, ended = 0;
    race_begin(&a, &cr_sweep_schedule_asha, 1);
    run_two(&a, 0, order, &epochs);
    race_begin(&b, &cr_sweep_schedule_asha, 1);
    assert_true(race_ask(&b, &tasks[0]) && race_ask(&b, &tasks[1]));
    for (bool going = true; going; ended++) {
        size_t k = tasks[0].trial == order[ended] ? 0 : 1;
        assert_int_equal(tasks[k].trial, order[ended]);
        race_tell(&b, &tasks[k], loss(tasks[k].trial, tasks[k].epochs, 0));
        going = race_ask(&b, &task);
        tasks[k] = task;
    }
    assert_true(ended > SETTINGS);
    cr_sweep_schedule_destroy(a.schedule);
    cr_sweep_schedule_destroy(b.schedule);
}

/* Results from before are all that it needs, with one worker in the same order. */
static void test_asha_goes_on_from_known_results(void **state)
{
    (void)state;
    for (size_t cut = 0; cut < 150; cut += 7) {
        race whole, rest;
        cr_sweep_task done[TASKS], task, again;
        size_t count = 0;
        race_begin(&whole, &cr_sweep_schedule_asha, 2);
        race_begin(&rest, &cr_sweep_schedule_asha, 2);
        for (; count < cut && race_ask(&whole, &done[count]); count++)
            race_tell(&whole, &done[count],
                      loss(done[count].trial, done[count].epochs, 0));
        for (size_t i = count; i-- > 0;) /* in any order */
            race_tell(&rest, &done[i], loss(done[i].trial, done[i].epochs, 0));
        while (race_ask(&whole, &task)) {
            assert_true(race_ask(&rest, &again));
            assert_int_equal(again.trial, task.trial);
            assert_int_equal(again.rung, task.rung);
            race_tell(&whole, &task, loss(task.trial, task.epochs, 0));
            race_tell(&rest, &again, loss(task.trial, task.epochs, 0));
        }
        assert_false(race_ask(&rest, &again));
        assert_true(whole.best == rest.best);
        cr_sweep_schedule_destroy(whole.schedule);
        cr_sweep_schedule_destroy(rest.schedule);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asha_sends_the_better_on_at_once),
        cmocka_unit_test(test_asha_sends_nothing_on_that_diverged_or_failed),
        cmocka_unit_test(test_asha_keeps_two_workers_busy),
        cmocka_unit_test(test_asha_is_replayed_from_the_order_of_ends),
        cmocka_unit_test(test_asha_goes_on_from_known_results),
    };
    return cmocka_run_group_tests_name("asha", tests, NULL, NULL);
}
