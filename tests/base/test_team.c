/* Teams: everybody works, meets, and sees what the others wrote. */
#include "base/team.h"
#include "fixture.h"

enum { ROUNDS = 2000, MOST = 4 };

typedef struct work {
    cr_team *team;
    size_t done[MOST]; /* by member: rounds */
    size_t seen[MOST]; /* by member: the sum of all done, after meeting */
    size_t wrong;
} work;

static void task(void *context, size_t member, size_t members)
{
    work *w = context;
    w->done[member]++;
    cr_team_meet(w->team);
    size_t sum = 0;
    for (size_t i = 0; i < members; i++)
        sum += w->done[i];
    w->seen[member] = sum;
    cr_team_meet(w->team);
}

static void test_team_works_and_meets(void **state)
{
    (void)state;
    for (size_t members = 1; members <= MOST; members++) {
        work w = {.team = members > 1 ? cr_team_create(members, NULL) : NULL};
        assert_true(members == 1 || w.team);
        assert_int_equal(cr_team_members(w.team), members);
        for (size_t round = 1; round <= ROUNDS; round++) {
            cr_team_run(w.team, task, &w);
            for (size_t i = 0; i < members; i++)
                w.wrong += w.done[i] != round || w.seen[i] != round * members;
        }
        assert_int_equal(w.wrong, 0);
        cr_team_destroy(w.team);
    }
    cr_team_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_team_works_and_meets)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
