/*
 * A team of threads that stay: handing work to it costs about a microsecond, since who
 * waits spins for a while before it sleeps.
 */
#ifndef CHAINRULE_BASE_TEAM_H
#define CHAINRULE_BASE_TEAM_H

#include <chainrule/error.h>
#include <stddef.h>

typedef struct cr_team cr_team;

/* A share of the work, 0 ≤ share < shares. What it does depends on its number alone, not
 * on the thread: usually thread i does share i, but any idle thread may. */
typedef void (*cr_team_task)(void *context, size_t share, size_t shares);

/* Starts members − 1 threads. NULL with err. */
CR_MUST_CHECK cr_team *cr_team_create(size_t members, cr_error *err);
void cr_team_destroy(cr_team *team); /* takes NULL; ends the threads */

size_t cr_team_members(const cr_team *team); /* 1 for NULL */

/* Runs as many shares as there are members, done by the caller and the threads; returns when
 * all are. With a NULL team the caller does the work as one share. */
void cr_team_run(cr_team *team, cr_team_task task, void *context);

/* For a task: waits until `count` of its shares are here. The same shares have to meet
 * every time in one run, 1 ≤ count ≤ members of them; what they wrote before, all see
 * behind. */
void cr_team_meet(cr_team *team, size_t count);

#endif
