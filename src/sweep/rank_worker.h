/* What workers of a rank have: a plan, received or there already, and a directory of their
 * own for runs, which come and go with jobs and results. For a nursery (nursery.h). */
#ifndef CHAINRULE_SWEEP_RANK_WORKER_H
#define CHAINRULE_SWEEP_RANK_WORKER_H

#include "sweep/nursery.h"
#include "sweep/trial.h"

/* Starts as {0}, but for the plan. */
typedef struct cr_rank_worker {
    cr_sweep_plan *plan; /* rank 0's; NULL: it comes by the socket */
    cr_trial_worker worker;
    char *scratch; /* the directory, owned */
    char *trials;  /* scratch/trials, owned */
    int lock;      /* on the directory */
} cr_rank_worker;

/* The functions of a cr_nursery_plan, whose user is a cr_rank_worker. */
bool cr_rank_worker_prepare(void *user, int socket, cr_transport_work *work,
                            cr_error *err);
void cr_rank_worker_clear(void *user);

#endif
