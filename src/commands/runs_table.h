/* A ranking, and sweeps, for people: tables that fit the line. */
#ifndef CHAINRULE_COMMANDS_RUNS_TABLE_H
#define CHAINRULE_COMMANDS_RUNS_TABLE_H

#include "commands/runs_export.h"

/* The best `top` settings, to stdout. False with err. */
CR_MUST_CHECK bool cr_runs_table_print(const cr_ranking *ranking, size_t top,
                                       cr_error *err);

/* The sweeps. The first `ranked` are those whose trials are ranked: of them it is only
 * said what is not finished. */
CR_MUST_CHECK bool cr_runs_table_print_sweeps(const cr_sweep_list *sweeps, size_t ranked,
                                              cr_error *err);

#endif
