/* A ranking, and sweeps, for other programs: CSV and JSON, with everything in them. */
#ifndef CHAINRULE_COMMANDS_RUNS_EXPORT_H
#define CHAINRULE_COMMANDS_RUNS_EXPORT_H

#include "commands/cells.h"
#include "sweep/ranking.h"
#include "sweep/sweep_list.h"

/* The best `top` settings, and the sweeps, of which the first `ranked` are those whose
 * trials are the settings: CSV has rows for the others alone. To stdout; false with err.
 */
void cr_runs_export_csv(const cr_cells *cells, const cr_ranking *ranking,
                        const cr_sweep_list *sweeps, size_t ranked, size_t top);
CR_MUST_CHECK bool cr_runs_export_json(const cr_ranking *ranking,
                                       const cr_sweep_list *sweeps, size_t top,
                                       cr_error *err);

/* The state that the single runs of a setting are in, or how many are in each:
 * "2 completed, 1 running"; "" for the trials of a sweep. Returns out. */
enum { CR_RUNS_STATE = 128 };
const char *cr_runs_export_state(const cr_ranking_setting *setting,
                                 char out[CR_RUNS_STATE]);

#endif
