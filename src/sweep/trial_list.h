/* Trials to be ranked, gathered from the databases of sweeps and from the directories of
 * single runs. */
#ifndef CHAINRULE_SWEEP_TRIAL_LIST_H
#define CHAINRULE_SWEEP_TRIAL_LIST_H

#include "runs/run_state.h"
#include "sweep/trial.h"

typedef struct cr_listed_trial {
    char *parameters;   /* JSON, owned */
    char *error;        /* owned; NULL without one */
    char *run;          /* its run directory, owned; NULL if there is none */
    bool is_run;        /* it is a single run and not a sweep's trial */
    cr_run_state state; /* of a single run; else CR_RUN_NONE */
    size_t wanted;      /* epochs that a single run's config asks for */
    size_t number;      /* of a sweep's trial */
    size_t order;       /* its setting's, where two settings come out the same */
    int64_t seed;
    size_t fold;
    cr_trial_status status;
    double value;   /* of the metric; NaN if the trial has none */
    double seconds; /* of training */
    double ended;   /* of a sweep's trial: seconds since 1970; NaN: not known */
    size_t epochs;
} cr_listed_trial;

typedef struct cr_trial_list {
    char
        *metric; /* the column that trials are ranked by, owned; NULL until it is known */
    bool maximize;
    cr_listed_trial *trials; /* [count] */
    size_t count, capacity;
    char **sweeps; /* [sweep_count] directories of sweeps that lay beside runs; owned */
    size_t sweep_count, sweep_capacity;
    size_t expected; /* trials that the sweeps are to have in all; 0 without sweeps: then
                        nobody chose what to vary, and there are no effects to show */
} cr_trial_list;

/* A list starts as {0}. */
void cr_trial_list_finish(cr_trial_list *list);

/* Appends a trial of zeros whose value and end are NaN, for the caller to fill in; it stays where
 * it is until the next call. NULL with err. */
CR_MUST_CHECK cr_listed_trial *cr_trial_list_add(cr_trial_list *list, cr_error *err);

/* Appends a sweep's directory, which is copied. */
CR_MUST_CHECK bool cr_trial_list_add_sweep(cr_trial_list *list, const char *directory,
                                           cr_error *err);

/* Takes the metric if the list has none yet. Fails when the list has another; `where`
 * names the directory that asks for it. */
CR_MUST_CHECK bool cr_trial_list_agree_on_metric(cr_trial_list *list, const char *metric,
                                                 bool maximize, const char *where,
                                                 cr_error *err);

/* Whether it is a single run that has not ended. */
bool cr_trial_list_is_unfinished(const cr_listed_trial *trial);

/* Sorts the sweeps by name, and the trials by parameters, those that have ended first, and
 * by seed and fold. The same trial twice, as when a
 * directory was named twice, is left once; two single runs that are alike are two. */
void cr_trial_list_sort(cr_trial_list *list);

#endif
