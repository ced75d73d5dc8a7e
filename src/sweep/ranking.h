/*
 * What trials came to: grouped by setting, ranked, compared.
 *
 * Trials come from the databases of sweeps and from the directories of single runs. Those
 * that differ in nothing but seed and fold are one setting; a single run that has not
 * ended is one of its own.
 */
#ifndef CHAINRULE_SWEEP_RANKING_H
#define CHAINRULE_SWEEP_RANKING_H

#include "sweep/trial_list.h"

/* A setting's trials are list.trials[first..first + count). */
typedef struct cr_ranking_setting {
    size_t first, count;
    size_t order;
    size_t valued, diverged, failed; /* trials with a value, and without */
    size_t unfinished;               /* single runs that have none yet */
    size_t states[CR_RUN_STATES];    /* how many single runs are in each */
    size_t wanted;                   /* epochs that a single run asks for; the most */
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
    cr_trial_list list;           /* by setting, seed and fold */
    cr_ranking_setting *settings; /* the best first */
    size_t setting_count;
    cr_ranking_parameter *parameters;
    size_t parameter_count, parameter_capacity;
} cr_ranking;

/* Reads and ranks directories[0..count): sweeps, runs, or directories of runs. metric: a
 * column to rank by; NULL: the sweep's own, or else the validation part's. Fails for a
 * directory with neither, and for sweeps of different metrics. Sweeps in a directory of
 * runs are named in list.sweeps, and no more. cr_ranking_finish in any case. */
CR_MUST_CHECK bool cr_ranking_read(cr_ranking *ranking, const char *const *directories,
                                   size_t count, const char *metric, cr_error *err);
void cr_ranking_finish(cr_ranking *ranking);

/* Whether two settings, as far as their parameters say, have the same training data and
 * target: else their values do not compare, and neither is within the noise of the other. */
bool cr_ranking_same_data(const cr_ranking *ranking, const cr_ranking_setting *a,
                          const cr_ranking_setting *b);

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
