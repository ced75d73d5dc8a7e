/* One trial of a sweep, which is run in a worker and reported to the parent as bytes. */
#ifndef CHAINRULE_SWEEP_TRIAL_H
#define CHAINRULE_SWEEP_TRIAL_H

#include "sweep/sweep_plan.h"

typedef enum cr_trial_status {
    CR_TRIAL_COMPLETED,
    CR_TRIAL_STOPPED_EARLY, /* by training.max_seconds: a result all the same */
    CR_TRIAL_DIVERGED,      /* a result too, without a value */
    CR_TRIAL_FAILED,        /* an error, or a crash */
    CR_TRIAL_ELIMINATED,    /* by successive halving */
} cr_trial_status;

extern const char *const cr_trial_status_names[]; /* "completed", … */

/* Whether a trial that ended so has a value to be judged by. */
bool cr_trial_has_value(cr_trial_status status);

typedef struct cr_trial_result {
    cr_trial_status status;
    size_t epochs, steps, parameters;
    double seconds;
    cr_figures parts[CR_PARTS];
    double regularization_loss;
    double value;         /* of what the sweep judges by; NaN without one */
    size_t epoch_count;   /* of those reported: all, or those of this rung */
    const cr_epoch *rows; /* [epoch_count] */
    const char *config;   /* resolved, on one line */
    const char *error;    /* "" without one */
    bool has_accuracy;    /* else rmse */
} cr_trial_result;

/* What a worker is to do: numbers alone, so that they can be sent. */
typedef struct cr_trial_job {
    size_t trial;
    int rung;       /* for the parent's book-keeping */
    size_t from;    /* halving: the epochs that were reported before */
    size_t epochs;  /* to be behind it in the end; 0: the config's */
    bool keeps;     /* it may leave a run directory at all */
    bool continues; /* halving: it goes on from its run's checkpoint, and leaves one */
    size_t point_count;          /* 0: the worker knows the setting */
    double point[CR_MOST_POINT]; /* [point_count] numbers of its values */
} cr_trial_job;

/* What a worker has, whatever the job. */
typedef struct cr_trial_worker {
    cr_sweep_plan *plan;   /* settings that come with jobs are placed in it */
    cr_kept_draws *draws;  /* from trial to trial; NULL: none are */
    const char *directory; /* a trial's run directory is <directory>/<its number> */
    bool (*is_stopping)(void *user);
    double (*threshold)(void *user); /* a result that is worse is not worth a run
                                        directory; NaN: all results are */
    void *user;
} cr_trial_worker;

/* Trains, and appends the result to the message (trial_message.h). Also an error is a
 * result. False when it was stopped; then there is none. */
CR_MUST_CHECK bool cr_trial_run(const cr_trial_worker *worker, const cr_trial_job *job,
                                cr_text *message);

#endif
