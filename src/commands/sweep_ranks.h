/* What sweep and resume do where mpirun or srun has started several of them. */
#ifndef CHAINRULE_COMMANDS_SWEEP_RANKS_H
#define CHAINRULE_COMMANDS_SWEEP_RANKS_H

#include "commands/command.h"
#include "sweep/rank_session.h"
#include "sweep/rank_worker.h"

#define CR_SWEEP_RANKS_PATIENCE 60.0 /* seconds */

typedef struct cr_sweep_ranks {
    cr_ranks_launch launch;
    size_t workers; /* of each rank */
    cr_rank_options options;
    bool joined; /* rank 0 has spoken with the others */
    cr_rank_worker worker;
} cr_sweep_ranks;

/* Whether there are several ranks; then *ranks is filled in but for the workers. */
bool cr_sweep_ranks_find(cr_sweep_ranks *ranks, const cr_context *context,
                         const cr_arguments *arguments);

/* Rank 0: joins the others and sends them the plan. NULL with err. */
CR_MUST_CHECK cr_rank_session *cr_sweep_ranks_begin(cr_sweep_ranks *ranks,
                                                    cr_sweep_plan *plan, bool quiet,
                                                    cr_error *err);

/* Whether they can be joined. On failure *status is the exit status; rank 0 alone says what
 * is true of all. */
CR_MUST_CHECK bool cr_sweep_ranks_check(const cr_sweep_ranks *ranks, int *status);

/* Rank 0: where it cannot begin, the others hear that they are not needed. */
void cr_sweep_ranks_dismiss(cr_sweep_ranks *ranks);

/* The other ranks: their part, up to its end. Returns the exit status. */
int cr_sweep_ranks_serve(cr_sweep_ranks *ranks);

#endif
