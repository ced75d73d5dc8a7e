/* The roster of a pool against a look at every worker. */
#include "fixture.h"
#include "sweep/process_roster.h"

enum { WORKERS = 7, MOVES = 20000 };

static void test_fewest_and_most(void **state)
{
    (void)state;
    cr_process_roster roster = {0};
    cr_error err = CR_ERROR_INIT;
    static const int drawn[] = {-1, 0, 1, 2, CR_MOST_JOBS_AHEAD}; /* -1: nowhere */
    int jobs[WORKERS];
    uint32_t draw = 1;
    assert_true(cr_process_roster_start(&roster, WORKERS, &err));
    for (int i = 0; i < WORKERS; i++)
        jobs[i] = -1;
    for (int move = 0; move < MOVES; move++) {
        draw = draw * 1664525 + 1013904223;
        size_t worker = (draw >> 8) % WORKERS;
        jobs[worker] = drawn[(draw >> 16) % 5];
        if (jobs[worker] < 0)
            cr_process_roster_remove(&roster, worker);
        else
            cr_process_roster_place(&roster, worker, (size_t)jobs[worker], draw >> 31);
        int fewest = CR_ROSTER_ROWS, most = -1;
        size_t count = 0, as_many = 0;
        for (int i = 0; i < WORKERS; i++) {
            count += jobs[i] >= 0;
            as_many += jobs[worker] >= 0 && jobs[i] == jobs[worker];
            fewest = jobs[i] >= 0 && jobs[i] < fewest ? jobs[i] : fewest;
            most = jobs[i] > most ? jobs[i] : most;
        }
        assert_int_equal(roster.count, count);
        if (jobs[worker] >= 0)
            assert_int_equal(roster.counts[jobs[worker]], as_many);
        if (count == 0) {
            assert_true(cr_process_roster_fewest(&roster) == CR_ROSTER_NOBODY);
            assert_true(cr_process_roster_most(&roster) == CR_ROSTER_NOBODY);
        } else {
            assert_int_equal(jobs[cr_process_roster_fewest(&roster)], fewest);
            assert_int_equal(jobs[cr_process_roster_most(&roster)], most);
        }
    }
    cr_process_roster_finish(&roster);
}

/* Who is placed first is found first, and who is placed last is found last. */
static void test_order(void **state)
{
    (void)state;
    static const size_t expected[] = {2, 0, 1};
    cr_process_roster roster = {0};
    cr_error err = CR_ERROR_INIT;
    assert_true(cr_process_roster_start(&roster, 3, &err));
    cr_process_roster_place(&roster, 0, 4, true);
    cr_process_roster_place(&roster, 1, 4, false);
    cr_process_roster_place(&roster, 2, 4, true);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(cr_process_roster_first(&roster, 4), expected[i]);
        cr_process_roster_remove(&roster, expected[i]);
    }
    assert_true(cr_process_roster_first(&roster, 4) == CR_ROSTER_NOBODY);
    cr_process_roster_finish(&roster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fewest_and_most),
        cmocka_unit_test(test_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
