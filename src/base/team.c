#include "base/team.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/processor.h"

#include <pthread.h>
#include <stdatomic.h>

/* How long to spin before falling asleep: at most longer than the members of a step leave
 * one another waiting. A wait that ended asleep halves it: where other programs want the
 * processors too, who sleeps gives its own to the one it waits for. */
enum { LONGEST_SPIN_NS = 100000, SHORTEST_SPIN_NS = 2000, PAUSES_A_LOOK = 16 };

/* A number that only grows, and threads that wait until it has reached another. */
typedef struct gate {
    /* on a cache line of its own, so that waiting for one does not slow another */
    _Alignas(CR_ALIGNMENT) atomic_size_t number;
    atomic_uint spin_ns;
    atomic_uint sleepers; /* changed with the lock held */
    pthread_mutex_t lock;
    pthread_cond_t woken;
} gate;

/* A share on a cache line of its own: the last job in which somebody took it. */
typedef struct share {
    _Alignas(CR_ALIGNMENT) atomic_size_t taken;
} share;

struct cr_team {
    size_t members, started; /* started: threads that exist */
    pthread_t *threads;
    share *shares;
    /* of the job that runs; who has taken one of its shares may read them, since the job
     * does not end before that share is done */
    cr_team_task task;
    void *context;
    atomic_bool ending;
    gate jobs; /* begun so far */
    gate done; /* shares done so far */
    gate met;  /* arrivals at the meetings of the job that runs */
};

static void gate_init(gate *g)
{
    g->spin_ns = LONGEST_SPIN_NS;
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->woken, NULL);
}

static void gate_finish(gate *g)
{
    pthread_cond_destroy(&g->woken);
    pthread_mutex_destroy(&g->lock);
}

static bool gate_spin(gate *g, size_t wanted)
{
    unsigned budget = atomic_load_explicit(&g->spin_ns, memory_order_relaxed);
    double end = cr_clock() + budget * 1e-9;
    bool there = false;
    do {
        for (int i = 0; !there && i < PAUSES_A_LOOK; i++) {
            CR_SPIN_PAUSE();
            there = atomic_load_explicit(&g->number, memory_order_acquire) >= wanted;
        }
    } while (!there && cr_clock() < end);
    budget = there ? budget + LONGEST_SPIN_NS / 16 : budget / 2;
    budget = budget > LONGEST_SPIN_NS ? LONGEST_SPIN_NS : budget;
    budget = budget < SHORTEST_SPIN_NS ? SHORTEST_SPIN_NS : budget;
    atomic_store_explicit(&g->spin_ns, budget, memory_order_relaxed);
    return there;
}

/* Either who adds sees the sleeper, or the sleeper sees the new number: both write before
 * they read, in one order for all. */
static void gate_wait(gate *g, size_t wanted)
{
    if (atomic_load_explicit(&g->number, memory_order_acquire) >= wanted ||
        gate_spin(g, wanted))
        return;
    pthread_mutex_lock(&g->lock);
    atomic_fetch_add(&g->sleepers, 1);
    while (atomic_load(&g->number) < wanted)
        pthread_cond_wait(&g->woken, &g->lock);
    atomic_fetch_sub(&g->sleepers, 1);
    pthread_mutex_unlock(&g->lock);
}

/* Returns the new number. */
static size_t gate_add(gate *g)
{
    size_t number = atomic_fetch_add(&g->number, 1) + 1;
    if (atomic_load(&g->sleepers) == 0)
        return number;
    pthread_mutex_lock(&g->lock);
    pthread_cond_broadcast(&g->woken);
    pthread_mutex_unlock(&g->lock);
    return number;
}

/* The shares of a job that nobody has taken yet, one's own first: a member that is kept
 * from its processor holds nobody up. One that comes late, when the job is over, finds
 * them all taken. */
static void work_on(cr_team *team, size_t job, size_t member)
{
    for (size_t i = 0; i < team->members; i++) {
        size_t own = member + i < team->members ? member + i : member + i - team->members;
        size_t before = job - 1;
        if (!atomic_compare_exchange_strong(&team->shares[own].taken, &before, job))
            continue;
        team->task(team->context, own, team->members);
        gate_add(&team->done);
    }
}

typedef struct recruit {
    cr_team *team;
    size_t member;
} recruit;

static void *serve(void *argument)
{
    recruit me = *(recruit *)argument;
    cr_free(argument);
    for (size_t job = 0;;) {
        gate_wait(&me.team->jobs, job + 1);
        job = atomic_load(&me.team->jobs.number);
        if (me.team->ending) /* looked at last: the end counts as a job */
            return NULL;
        work_on(me.team, job, me.member);
    }
}

static bool start_threads(cr_team *team, cr_error *err)
{
    for (size_t i = 1; i < team->members; i++) {
        recruit *argument = cr_alloc(1, sizeof *argument, err);
        if (!argument)
            return false;
        *argument = (recruit){team, i};
        if (pthread_create(&team->threads[i], NULL, serve, argument) != 0) {
            cr_free(argument);
            return cr_fail(err, CR_E_MEMORY,
                           "cannot start thread %zu of %zu; use fewer threads", i + 1,
                           team->members);
        }
        team->started++;
    }
    return true;
}

cr_team *cr_team_create(size_t members, cr_error *err)
{
    cr_team *team = cr_alloc(1, sizeof *team, err);
    if (!team)
        return NULL;
    team->members = members;
    gate_init(&team->jobs);
    gate_init(&team->done);
    gate_init(&team->met);
    team->threads = cr_alloc(members, sizeof *team->threads, err);
    team->shares = cr_alloc(members, sizeof *team->shares, err);
    if (team->threads && team->shares && start_threads(team, err))
        return team;
    cr_team_destroy(team);
    return NULL;
}

void cr_team_destroy(cr_team *team)
{
    if (!team)
        return;
    team->ending = true;
    gate_add(&team->jobs);
    for (size_t i = 1; i <= team->started; i++)
        pthread_join(team->threads[i], NULL);
    gate_finish(&team->met);
    gate_finish(&team->done);
    gate_finish(&team->jobs);
    cr_free(team->shares);
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
    size_t job = atomic_load(&team->jobs.number) + 1;
    team->task = task;
    team->context = context;
    atomic_store(&team->met.number, 0); /* the last job is over: nobody waits there */
    gate_add(&team->jobs);
    work_on(team, job, 0);
    gate_wait(&team->done, job * team->members);
}

/* A share that waits keeps its thread, of which there are as many as shares: who is
 * waited for has one. */
void cr_team_meet(cr_team *team, size_t count)
{
    size_t arrival = gate_add(&team->met);
    gate_wait(&team->met, (arrival + count - 1) / count * count);
}
