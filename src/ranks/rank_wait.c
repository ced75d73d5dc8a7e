#include "ranks/rank_wait.h"

#include "base/clock.h"

#include <sched.h>

/* Messages of a step come within microseconds, and those of a rank that reads a table not
 * for minutes. */
static const double spins = 0.001, naps = 0.00005;

bool cr_rank_wait_rest(cr_rank_wait *wait, cr_error *err)
{
    double now = cr_clock();
    if (wait->since == 0)
        wait->since = now;
    double waited = now - wait->since;
    if (wait->patience > 0 && waited > wait->patience)
        return cr_fail(err, CR_E_IO,
                       "nothing has come from the other ranks for %.3g s: a host or the "
                       "network stalls (--rank-timeout SECONDS waits longer)",
                       waited);
    if (waited < spins)
        sched_yield();
    else
        cr_clock_sleep(waited < 1 ? naps : 20 * naps);
    return true;
}

bool cr_rank_wait_fail(const cr_ranks *ranks, cr_error *err)
{
    return cr_fail(err, CR_E_IO, "%s: %s", ranks->type->library,
                   ranks->type->why(ranks->module));
}
