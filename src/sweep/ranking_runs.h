/* Directories of single runs as trials to be ranked: what differs between their configs
 * is what was varied. */
#ifndef CHAINRULE_SWEEP_RANKING_RUNS_H
#define CHAINRULE_SWEEP_RANKING_RUNS_H

#include "sweep/trial_list.h"

/* Appends the runs of directories[0..count), each a run or a directory of runs and sweeps
 * (whose trials are left where they are), and finds what differs between the runs. A run
 * that has not ended has no value. The list's metric is chosen if it has none. Fails for a
 * directory with neither, and for a metric that no run has. */
CR_MUST_CHECK bool cr_ranking_runs_read(cr_trial_list *list,
                                        const char *const *directories, size_t count,
                                        cr_error *err);

#endif
