/* The workers of a pool by how many jobs they have, so that the ones with the fewest and the
 * most are found without a look at each: there may be a hundred thousand. */
#ifndef CHAINRULE_SWEEP_PROCESS_ROSTER_H
#define CHAINRULE_SWEEP_PROCESS_ROSTER_H

#include "sweep/process_worker.h"

#include <stdbool.h>
#include <stddef.h>

enum { CR_ROSTER_ROWS = CR_MOST_JOBS_AHEAD + 1 };
#define CR_ROSTER_NOBODY ((size_t)-1)

typedef struct cr_process_roster {
    size_t workers;
    size_t *next,
        *previous; /* [workers + CR_ROSTER_ROWS] rings; the last are their heads */
    size_t *rows;  /* [workers] where each stands; CR_ROSTER_ROWS: nowhere */
    size_t counts[CR_ROSTER_ROWS], count;
} cr_process_roster;

/* Nobody stands anywhere. */
CR_MUST_CHECK bool cr_process_roster_start(cr_process_roster *roster, size_t workers,
                                           cr_error *err);
void cr_process_roster_finish(cr_process_roster *roster); /* takes {0} */

/* The worker has so many jobs from now on; it becomes the first or the last of those that
 * have as many. */
void cr_process_roster_place(cr_process_roster *roster, size_t worker, size_t jobs,
                             bool first);
void cr_process_roster_remove(cr_process_roster *roster, size_t worker);

/* The first of those with so many jobs, with the fewest, and with the most. */
size_t cr_process_roster_first(const cr_process_roster *roster, size_t jobs);
size_t cr_process_roster_fewest(const cr_process_roster *roster);
size_t cr_process_roster_most(const cr_process_roster *roster);

#endif
