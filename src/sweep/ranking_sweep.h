/* The trials of a sweep's database, for ranking. */
#ifndef CHAINRULE_SWEEP_RANKING_SWEEP_H
#define CHAINRULE_SWEEP_RANKING_SWEEP_H

#include "sweep/trial_list.h"

/* Appends the trials in directory/sweep.db. metric: a column to take their values from;
 * NULL: the sweep's own metric, on which the list must agree. *section becomes the
 * sweep's section of the config, JSON, in place of what was there; the caller frees it. */
CR_MUST_CHECK bool cr_ranking_sweep_read(cr_trial_list *list, const char *directory,
                                         const char *metric, char **section,
                                         cr_error *err);

#endif
