#include "base/team.h"

#include "base/memory.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

enum {
    SPINS = 20000, /* about 0.1 ms: longer than a step leaves anybody waiting */
    YIELDS = 200,
    SLEEP_NS = 50000,
};

struct cr_team {
    atomic_size_t members;
    size_t started; /* threads that exist */
    pthread_t *threads;
    cr_team_task task;
    void *context;
    bool ending;
    /* each on a cache line of its own, so that waiting for one does not slow another */
    _Alignas(CR_ALIGNMENT) atomic_uint arrived;
    _Alignas(CR_ALIGNMENT) atomic_uint generation;
};

typedef struct recruit {
    cr_team *team;
    size_t member;
} recruit;

static void wait_for_change(atomic_uint *word, unsigned old)
{
    for (unsigned turn = 0; atomic_load_explicit(word, memory_order_acquire) == old;
         turn++) {
        if (turn < SPINS) {
            CR_SPIN_PAUSE();
        } else if (turn < SPINS + YIELDS) {
            sched_yield();
        } else {
            const struct timespec pause = {0, SLEEP_NS};
            nanosleep(&pause, NULL);
        }
    }
}

void cr_team_meet(cr_team *team)
{
    if (!team)
        return;
    unsigned generation = atomic_load_explicit(&team->generation, memory_order_relaxed);
    size_t arrived =
        atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) + 1;
    if (arrived == team->members) {
        atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&team->generation, generation + 1, memory_order_release);
    } else {
        wait_for_change(&team->generation, generation);
    }
}

static void *serve(void *argument)
{
    recruit me = *(recruit *)argument;
    cr_free(argument);
    for (;;) {
        cr_team_meet(me.team); /* until there is work */
        if (me.team->ending)
            return NULL;
        me.team->task(me.team->context, me.member, me.team->members);
        cr_team_meet(me.team); /* it is done */
    }
}

cr_team *cr_team_create(size_t members, cr_error *err)
{
    cr_team *team = cr_alloc(1, sizeof *team, err);
    if (!team)
        return NULL;
    team->members = members;
    team->threads = cr_alloc(members, sizeof *team->threads, err);
    for (size_t i = 1; team->threads && i < members; i++) {
        recruit *argument = cr_alloc(1, sizeof *argument, err);
        if (!argument)
            break;
        *argument = (recruit){team, i};
        if (pthread_create(&team->threads[i], NULL, serve, argument) != 0) {
            cr_free(argument);
            cr_fail(err, CR_E_MEMORY, "cannot start thread %zu of %zu; use fewer threads",
                    i + 1, members);
            break;
        }
        team->started++;
    }
    if (team->threads && team->started + 1 == members)
        return team;
    cr_team_destroy(team);
    return NULL;
}

void cr_team_destroy(cr_team *team)
{
    if (!team)
        return;
    team->ending = true;
    team->members = team->started + 1; /* fewer, if not all could be started */
    if (team->started > 0)
        cr_team_meet(team);
    for (size_t i = 1; i <= team->started; i++)
        pthread_join(team->threads[i], NULL);
    cr_free(team->threads);
    cr_free(team);
}

size_t cr_team_members(const cr_team *team)
{
    return team ? team->members : 1;
}

void cr_team_run(cr_team *team, cr_team_task task, void *context)
{
    if (!team) {
        task(context, 0, 1);
        return;
    }
    team->task = task;
    team->context = context;
    cr_team_meet(team);
    task(context, 0, team->members);
    cr_team_meet(team);
}
