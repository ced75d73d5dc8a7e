/* One trial of a sweep: run in a worker, reported to the parent as bytes. */
#ifndef CHAINRULE_SWEEP_TRIAL_H
#define CHAINRULE_SWEEP_TRIAL_H

#include "sweep/sweep_plan.h"

typedef enum cr_trial_status {
    CR_TRIAL_COMPLETED,
    CR_TRIAL_STOPPED_EARLY, /* by training.max_seconds: a result all the same */
    CR_TRIAL_DIVERGED,      /* likewise, of a kind */
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

/* What a worker is to do. */
typedef struct cr_trial_job {
    const cr_sweep_plan *plan;
    size_t number;
    const char *directory; /* for the run directory <directory>/<number>; NULL: none */
    bool continues;        /* halving: go on from the run's checkpoint, and leave one */
    size_t from;           /* halving: the epochs that were reported before */
    size_t epochs;         /* to be behind it in the end; 0: the config's */
    double threshold;      /* a result that is worse is not worth a directory; NaN: all
                              are */
    bool (*is_stopping)(void *user);
    void *user;
} cr_trial_job;

/* Trains, and adds the result to the message. False when it was stopped. */
bool cr_trial_run(const cr_trial_job *job, cr_text *message);

/* What a message says; rows are copied into *rows (grown as needed; the caller's to
 * free), texts point into the message. */
CR_MUST_CHECK bool cr_trial_decode(const char *message, size_t length,
                                   cr_trial_result *result, cr_epoch **rows,
                                   size_t *row_capacity, cr_error *err);

#endif
