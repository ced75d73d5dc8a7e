/* The experiments of a sweep: its config with overrides, first the caller's, then the
 * sweep's own. */
#ifndef CHAINRULE_SWEEP_SWEEP_OVERRIDES_H
#define CHAINRULE_SWEEP_SWEEP_OVERRIDES_H

#include "sweep/sweep_plan.h"

/* Overrides of one experiment. */
typedef struct cr_sweep_overrides {
    const char **items; /* [count], owned; the first `borrowed` texts are the plan's */
    size_t count, borrowed;
} cr_sweep_overrides;

/* A list is begun by one of these two, with err when out of memory, and finished in any
 * case. */

/* The caller's overrides, and with folds "data.validation={…}" of the fold, which is
 * split as the config says of its own split. */
CR_MUST_CHECK bool cr_sweep_overrides_data(const cr_sweep_plan *plan, size_t fold,
                                           cr_sweep_overrides *list, cr_error *err);

/* The setting's values, for plan->configs. */
CR_MUST_CHECK bool cr_sweep_overrides_setting(const cr_sweep_plan *plan, size_t setting,
                                              cr_sweep_overrides *list, cr_error *err);
void cr_sweep_overrides_finish(cr_sweep_overrides *list);

/* Adds "seed=…" to a list of cr_sweep_overrides_setting. */
CR_MUST_CHECK bool cr_sweep_overrides_seed(cr_sweep_overrides *list, int64_t seed,
                                           cr_error *err);

/* The experiment of the plan's config with the overrides; `how` has document, load_for,
 * data and draws of its recipe. NULL with err. */
CR_MUST_CHECK cr_experiment *cr_sweep_overrides_apply(const cr_sweep_plan *plan,
                                                      const cr_sweep_overrides *list,
                                                      const cr_recipe *how,
                                                      cr_error *err);

#endif
