/*
 * Conducts a sweep: asks the schedule what to run, sends it to the workers over the
 * transport, and records what comes back in the database and the directory.
 *
 * The directory holds sweep.db, trials/<number> (the run directories of the best
 * settings' trials) and best (a link to the best of them).
 */
#ifndef CHAINRULE_SWEEP_SWEEP_H
#define CHAINRULE_SWEEP_SWEEP_H

#include "sweep/store.h"
#include "sweep/transport.h"

typedef struct cr_sweep_progress {
    size_t total;   /* trials to do, with those of former calls */
    size_t done;    /* of them */
    size_t running; /* about */
    size_t diverged, failed;
    size_t epochs;      /* trained in this call, over all trials */
    size_t rung, rungs; /* of successive halving, from 1; 0 without. A trial counts once
                           a rung */
    bool has_best;
    cr_setting_score best; /* of the settings whose trials are all done */
    double share;          /* of this call's work that is done, by cost; 0 to 1 */
    double seconds;        /* of this call */
} cr_sweep_progress;

typedef struct cr_sweep_options {
    const char *directory;
    size_t workers;
    /* Now and then, in the parent; false stops the sweep. */
    bool (*on_progress)(void *user, const cr_sweep_progress *progress);
    void *user;
    bool failed_alone; /* to run trials that have failed again, and no others; for methods
                          without rungs */
    const cr_transport_type *transport; /* NULL: forked processes */
    void *link;                         /* the transport's; NULL for forked processes */
    const char *mixture; /* in what workers differ that may change bits, a line for each;
                            NULL: in nothing */
} cr_sweep_options;

/* Runs what is not done yet. *last is where it stands in the end. False with err; what
 * was finished is safe then. */
CR_MUST_CHECK bool cr_sweep_run(cr_sweep_plan *plan, cr_store *store,
                                const cr_sweep_options *options, cr_sweep_progress *last,
                                cr_error *err);

#endif
