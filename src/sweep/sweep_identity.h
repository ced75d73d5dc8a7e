/* Hashes of a sweep's parts: by them the same settings are found, a trial is known again,
 * and a directory is of this sweep or of another. */
#ifndef CHAINRULE_SWEEP_SWEEP_IDENTITY_H
#define CHAINRULE_SWEEP_SWEEP_IDENTITY_H

#include "sweep/sweep_plan.h"

/* The hash of the experiment's resolved config, without what is hashed on its own (seed
 * and data, but for its augmentations), which is removed from it; its
 * keys are sorted. */
CR_MUST_CHECK bool cr_sweep_identity_of_setting(const cr_experiment *experiment,
                                                cr_hash *hash, cr_error *err);

/* The hash of the options and the content of the experiment's data, without its files'
 * names and augmentations. Removes options from the experiment's config. */
CR_MUST_CHECK bool cr_sweep_identity_of_data(const cr_experiment *experiment,
                                             cr_hash *hash, cr_error *err);

/* Fills in the plan's identity: the hash of everything that says which trials there are.
 * Removes from its sweep section what does not. */
CR_MUST_CHECK bool cr_sweep_identity_of_plan(cr_sweep_plan *plan, cr_error *err);

/* Finds the settings of the plan, of the first `count`, that are the same as an earlier
 * one. */
CR_MUST_CHECK bool cr_sweep_identity_find_duplicates(cr_sweep_plan *plan, size_t count,
                                                     cr_error *err);

#endif
