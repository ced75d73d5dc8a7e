/*
 * Running a sweep's trials in worker processes, into its database and directory.
 *
 * The directory holds sweep.db, trials/<number> (the run directories of the best
 * settings' trials) and best (a link to the best of them).
 */
#ifndef CHAINRULE_SWEEP_SWEEP_H
#define CHAINRULE_SWEEP_SWEEP_H

#include "sweep/store.h"

/* A setting whose trials are all done. */
typedef struct cr_ranked {
    size_t setting;
    double score; /* mean of the metric over its trials */
    size_t trial; /* the best of them */
} cr_ranked;

typedef struct cr_sweep_progress {
    size_t total;   /* trials to do, with those of former calls */
    size_t done;    /* of them */
    size_t running; /* about */
    size_t diverged, failed;
    size_t epochs;      /* trained in this call, over all trials */
    size_t rung, rungs; /* of successive halving, from 1; 0 without. A trial counts once
                           a rung */
    const cr_ranked *best; /* NULL: none yet */
    double share;          /* of this call's work that is done, by cost; 0 to 1 */
    double seconds;        /* of this call */
} cr_sweep_progress;

typedef struct cr_sweep_options {
    const char *directory;
    size_t workers;
    /* Now and then, in the parent; false stops the sweep. */
    bool (*on_progress)(void *user, const cr_sweep_progress *progress);
    void *user;
} cr_sweep_options;

/* Runs what is not done yet. *last is where it stands in the end (its best is owned by
 * kept). kept: [plan->section.keep], the best settings first, *kept_count of them. False
 * with err; what was finished is safe then. */
CR_MUST_CHECK bool cr_sweep_run(const cr_sweep_plan *plan, cr_store *store,
                                const cr_sweep_options *options, cr_sweep_progress *last,
                                cr_ranked *kept, size_t *kept_count, cr_error *err);

/* Rungs of successive halving: epochs and settings of each. Returns their number. */
enum { CR_MOST_RUNGS = 64 };
typedef struct cr_rung {
    size_t epochs, settings;
} cr_rung;
size_t cr_sweep_rungs(const cr_sweep_plan *plan, cr_rung rungs[CR_MOST_RUNGS]);

#endif
