/* Teams: every share is done once, and what it wrote is seen by all in the next run. */
#include "base/clock.h"
#include "base/team.h"
#include "fixture.h"

enum { ROUNDS = 2000, MOST = 4 };

typedef struct work {
    size_t done[MOST]; /* by share: rounds */
    size_t seen[MOST]; /* by share: the sum of all done, after the round before */
} work;

static void count(void *context, size_t share, size_t shares)
{
    (void)shares;
    ((work *)context)->done[share]++;
}

static void look(void *context, size_t share, size_t shares)
{
    work *w = context;
    w->seen[share] = 0;
    for (size_t i = 0; i < shares; i++)
        w->seen[share] += w->done[i];
}

static void check_rounds(cr_team *team, size_t rounds)
{
    work w = {0};
    size_t members = cr_team_members(team), wrong = 0;
    for (size_t round = 1; round <= rounds; round++) {
        cr_team_run(team, count, &w);
        cr_team_run(team, look, &w);
        for (size_t i = 0; i < members; i++)
            wrong += w.done[i] != round || w.seen[i] != round * members;
    }
    assert_int_equal(wrong, 0);
}

static void test_team_does_every_share_once_a_run(void **state)
{
    (void)state;
    check_rounds(NULL, ROUNDS);
    for (size_t members = 1; members <= MOST; members++) {
        cr_team *team = cr_team_create(members, NULL);
        assert_non_null(team);
        assert_int_equal(cr_team_members(team), members);
        check_rounds(team, ROUNDS);
        cr_team_destroy(team);
    }
    cr_team_destroy(NULL);
}

/* More teams at once than there are processors: members come late and fall asleep. */
static void test_team_works_where_others_work(void **state)
{
    (void)state;
    cr_team *teams[MOST];
    for (size_t i = 0; i < MOST; i++)
        assert_non_null(teams[i] = cr_team_create(MOST, NULL));
    for (size_t round = 0; round < 50; round++)
        for (size_t i = 0; i < MOST; i++) {
            check_rounds(teams[i], 5);
            if (round % 10 == 0)
                cr_clock_sleep(0.0005);
        }
    for (size_t i = 0; i < MOST; i++)
        cr_team_destroy(teams[i]);
}

/* Every second share meets the others of its kind: each round they write, meet, read what
 * all wrote, and meet again before they write anew. */
typedef struct meeting {
    cr_team *team;
    size_t count;
    size_t round[MOST], wrong[MOST]; /* by share */
} meeting;

static void meet(void *context, size_t share, size_t shares)
{
    meeting *m = context;
    if (share % 2 != (shares - 1) % 2)
        return;
    for (size_t round = 1; round <= 100; round++) {
        m->round[share] = round;
        cr_team_meet(m->team, m->count);
        for (size_t i = (shares - 1) % 2; i < shares; i += 2)
            m->wrong[share] += m->round[i] != round;
        cr_team_meet(m->team, m->count);
    }
}

static void test_team_meets(void **state)
{
    (void)state;
    for (size_t members = 1; members <= MOST; members++) {
        meeting m = {.team = cr_team_create(members, NULL), .count = (members + 1) / 2};
        for (size_t run = 0; run < 50; run++) {
            cr_team_run(m.team, meet, &m);
            for (size_t i = 0; i < members; i++)
                assert_int_equal(m.wrong[i], 0);
        }
        cr_team_destroy(m.team);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_team_does_every_share_once_a_run),
        cmocka_unit_test(test_team_works_where_others_work),
        cmocka_unit_test(test_team_meets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
