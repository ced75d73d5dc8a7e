/*
 * A sweep, planned: every setting checked, the data loaded, before the first trial.
 *
 * A trial is a setting with a seed, and with cross-validation a fold. Trials are numbered
 * from 0: ((setting × repeats) + repeat) × folds + fold.
 */
#ifndef CHAINRULE_SWEEP_SWEEP_PLAN_H
#define CHAINRULE_SWEEP_SWEEP_PLAN_H

#include "base/hash.h"
#include "config/document.h"
#include "sweep/sweep_section.h"
#include "train/experiment.h"

typedef struct cr_setting {
    cr_hash hash;  /* of its resolved config, but for seed and data */
    int64_t seed;  /* of its first repeat */
    uint32_t same; /* the first setting that is the same as this one: often itself */
} cr_setting;

/* One part of the trials, for machines that share the work: those whose number leaves
 * `index` when divided by `count`. */
typedef struct cr_shard {
    size_t index, count;
} cr_shard;

typedef struct cr_sweep_plan {
    cr_document document; /* the config, with its sweep section resolved */
    cr_sweep_section section;
    const char *const *overrides; /* the caller's, which outlive the plan */
    size_t override_count;
    cr_experiment **data; /* [data_count]: one, or one a fold; trials share their data */
    size_t data_count;
    cr_document *configs; /* [data_count] of its trials: with the caller's overrides, the
                              data's section resolved, and one thread */
    cr_data *received;    /* [data_count] where it was not loaded here (plan_message.h);
                             owned */
    char *elsewhere;      /* where that was (reader.h), likewise */
    cr_given_file *files; /* [file_count] of model.weights, likewise */
    size_t file_count;
    bool varies_data;     /* a parameter does: data.augment */
    cr_hash *data_hashes; /* [data_count] of the files' content and the options */
    cr_setting *settings; /* [section.settings] */
    size_t trials;        /* of all settings, duplicates too */
    size_t duplicates;    /* settings that are the same as another */
    cr_shard shard;
    cr_sweep_workload workload; /* what of it is to be run here, for the schedule. Costs:
                                   floating-point operations, and for each step's fixed
                                   cost the operations that could be done in its time */
    cr_hash base; /* of the config's own setting, where settings are made while it runs */
    cr_hash identity; /* of the sweep: config, data, sweep section and shard */
} cr_sweep_plan;

typedef struct cr_trial {
    size_t setting, repeat, fold;
    int64_t seed;
} cr_trial;

/* Reads the recipe's config and its data, and checks all settings; the plan borrows the
 * overrides. NULL with all errors of the
 * config, or of the first setting that is wrong, in err, which is not NULL. */
CR_MUST_CHECK cr_sweep_plan *cr_sweep_plan_create(const cr_recipe *recipe, cr_shard shard,
                                                  cr_text *warnings, cr_error *err);
void cr_sweep_plan_destroy(cr_sweep_plan *plan); /* takes NULL */

/* Gives the first settings their values, points [count × parameters] as in the section, in
 * place of those that they would have. False with err, which is not NULL; the plan is good
 * for nothing then. */
CR_MUST_CHECK bool cr_sweep_plan_give(cr_sweep_plan *plan, const double *points,
                                      size_t count, cr_error *err);

/* The values of a setting that was made, point [parameters]: it is checked, and its hash
 * and costs are known then. False with err where its config is none; its trials will say
 * so. */
CR_MUST_CHECK bool cr_sweep_plan_make(cr_sweep_plan *plan, size_t setting,
                                      const double *point, cr_error *err);

/* The same without a check, for a worker that is sent them. */
void cr_sweep_plan_place(cr_sweep_plan *plan, size_t setting, const double *point);

cr_trial cr_sweep_plan_trial(const cr_sweep_plan *plan, size_t number);

/* The hash of the trial's resolved config, data and seed. */
cr_hash cr_sweep_plan_hash(const cr_sweep_plan *plan, size_t number);

/* The trial's experiment, on the plan's data and one thread; draws as in cr_recipe. */
CR_MUST_CHECK cr_experiment *cr_sweep_plan_experiment(const cr_sweep_plan *plan,
                                                      size_t number, cr_kept_draws *draws,
                                                      cr_error *err);

/* Steps of making a plan, for one that is made of another (plan_message.h). The first
 * parses the config and reads its sweep section; the second takes the resolved section of
 * a fold's data as JSON, and makes the config of its trials. */
CR_MUST_CHECK bool cr_sweep_plan_read(cr_sweep_plan *plan, const cr_recipe *recipe,
                                      cr_text *warnings, cr_error *err);
CR_MUST_CHECK bool cr_sweep_plan_make_config(cr_sweep_plan *plan, size_t fold,
                                             const char *data, cr_error *err);

/* A setting's values: {"path": value, …} on one line. The caller frees it; NULL when out
 * of memory. */
CR_MUST_CHECK char *cr_sweep_plan_parameters(const cr_sweep_plan *plan, size_t setting);

#endif
