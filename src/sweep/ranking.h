/*
 * What trials came to: grouped by setting, ranked, compared.
 *
 * Trials come from the databases of sweeps and from the directories of single runs. Those
 * that differ in nothing but seed and fold are one setting.
 */
#ifndef CHAINRULE_SWEEP_RANKING_H
#define CHAINRULE_SWEEP_RANKING_H

#include "sweep/store.h"

typedef struct cr_ranking_trial {
    char *parameters; /* JSON, owned */
    char *error;      /* owned; NULL without one */
    char *run;        /* its run directory, owned; NULL if there is none */
    bool is_run;      /* a single one, not a sweep's */
    size_t order;     /* of its setting, where two come out the same */
    int64_t seed;
    size_t fold;
    cr_trial_status status;
    double value; /* NaN: it has none */
    double seconds;
    size_t epochs;
} cr_ranking_trial;

/* A setting's trials are trials[first..first + count). */
typedef struct cr_ranking_setting {
    size_t first, count;
    size_t order;
    size_t valued, diverged, failed; /* trials with a value, and without */
    char **values; /* [parameter_count] as JSON, owned; NULL: it has none */
    double mean,
        deviation;   /* of the values; deviation (n − 1) is NaN for fewer than two */
    double seconds;  /* mean */
    size_t epochs;   /* of the trial that went furthest */
    bool eliminated; /* by successive halving, so after fewer epochs */
    bool tied;       /* with the first, within the noise */
    const char *run; /* of its best trial that has one; NULL */
} cr_ranking_setting;

typedef struct cr_ranking_parameter {
    char *path;     /* owned */
    bool has_range; /* of numbers: */
    bool continuous, logarithmic;
    double lower, upper;
} cr_ranking_parameter;

typedef struct cr_ranking {
    char *metric; /* owned */
    bool maximize;
    cr_ranking_trial *trials;
    size_t trial_count, trial_capacity;
    cr_ranking_setting *settings; /* the best first */
    size_t setting_count;
    cr_ranking_parameter *parameters;
    size_t parameter_count, parameter_capacity;
    size_t expected; /* trials that sweeps are to have in all; 0 without sweeps: then
                        nobody chose what to vary, and there are no effects to show */
} cr_ranking;

/* Reads and ranks directories[0..count): sweeps, runs, or directories of runs. metric: a
 * column to rank by; NULL: the sweep's own, or else the validation part's. Fails for a
 * directory with neither, and for sweeps of different metrics. cr_ranking_finish in any
 * case. */
CR_MUST_CHECK bool cr_ranking_read(cr_ranking *ranking, const char *const *directories,
                                   size_t count, const char *metric, cr_error *err);
void cr_ranking_finish(cr_ranking *ranking);

/* Takes directories[0..count), each a run or a directory of runs, and finds what differs
 * between them. The metric is chosen if it is NULL. Fails for one without runs that have
 * ended. */
CR_MUST_CHECK bool cr_ranking_runs_read(cr_ranking *ranking,
                                        const char *const *directories, size_t count,
                                        cr_error *err);

/* Room for one more trial, with zeros; NULL with err. */
CR_MUST_CHECK cr_ranking_trial *cr_ranking_add(cr_ranking *ranking, cr_error *err);

/* Whether the best value of a parameter lies at an end of its range, and so do those of
 * all settings that are tied with it. *upper: which end. A 0 at the lower end is none:
 * most options end there. */
bool cr_ranking_on_border(const cr_ranking *ranking, size_t parameter, bool *upper);

/* The effect of a parameter: the mean of the metric over all settings that have a value,
 * or, for a continuous range, lie in a quarter of it. */
typedef struct cr_effect {
    char label[64];
    double mean; /* NaN when no setting has a value */
    size_t settings;
} cr_effect;
enum { CR_MOST_EFFECTS = 32 };
size_t cr_ranking_effects(const cr_ranking *ranking, size_t parameter,
                          cr_effect effects[CR_MOST_EFFECTS]);

#endif
