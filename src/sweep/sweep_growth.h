/*
 * A directory's sweep becomes a larger one, which has all of its trials: they are kept, as
 * what they are among the others, and the rest is still to be run.
 *
 * Trials are known by their hashes. Where settings are random draws, and ranges are wider
 * or parameters more than before, the settings of the trials that have ended are given to
 * the plan, and count among its samples: of the new draws, those that could have been
 * drawn before too make room for them, as long as there are any, so that all in all they
 * are spread as if they had been drawn at once.
 */
#ifndef CHAINRULE_SWEEP_SWEEP_GROWTH_H
#define CHAINRULE_SWEEP_SWEEP_GROWTH_H

#include "sweep/store.h"

/* Opens the database of a directory that holds another sweep, for the plan's. *kept: how
 * many trials it has from the other. NULL with err if that is no part of the plan's, which
 * is good for nothing then; the directory stays as it was. */
CR_MUST_CHECK cr_store *cr_sweep_growth_open(const char *directory, cr_sweep_plan *plan,
                                             size_t *kept, cr_error *err);

#endif
