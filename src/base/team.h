/*
 * A team of threads that stay and meet often: handing work to it costs well under a
 * microsecond, since who waits spins for a while before it sleeps.
 */
#ifndef CHAINRULE_BASE_TEAM_H
#define CHAINRULE_BASE_TEAM_H

#include <chainrule/error.h>
#include <stddef.h>

typedef struct cr_team cr_team;

/* Work of one member, 0 ≤ member < members. Member 0 is the caller of cr_team_run. */
typedef void (*cr_team_task)(void *context, size_t member, size_t members);

/* Starts members − 1 threads. NULL with err. */
CR_MUST_CHECK cr_team *cr_team_create(size_t members, cr_error *err);
void cr_team_destroy(cr_team *team); /* takes NULL; ends the threads */

size_t cr_team_members(const cr_team *team); /* 1 for NULL */

/* All members do the task; returns when the last has done. With a NULL team the caller
 * does it alone. */
void cr_team_run(cr_team *team, cr_team_task task, void *context);

/* Inside a task: returns when all members have come here, and what they wrote before is
 * seen by all. Nothing for NULL. */
void cr_team_meet(cr_team *team);

#endif
