/* Columns of the table of runs: how a parameter is called there, and what single runs were
 * trained on. */
#ifndef CHAINRULE_COMMANDS_RUNS_COLUMNS_H
#define CHAINRULE_COMMANDS_RUNS_COLUMNS_H

#include "sweep/ranking.h"

/* Whether the settings are those of sweeps, and not single runs, which may have nothing to
 * do with one another. */
bool cr_runs_columns_of_sweeps(const cr_ranking *ranking);

/* The end of a parameter's path that no other has: "units" of model.layers.0.units. Of
 * single runs with what says where it belongs, such as "augment.2.std". Points into the
 * path. */
const char *cr_runs_columns_name(const cr_ranking *ranking, size_t parameter);

/* The files or the folder that a single run was trained on, as JSON; NULL where all have
 * the same, and of sweeps. */
const char *cr_runs_columns_data(const cr_ranking *ranking,
                                 const cr_ranking_setting *setting);

/* Whether the column of data or that of epochs says a parameter of single runs. */
bool cr_runs_columns_is_said(const cr_ranking *ranking, size_t parameter);

/* Whether it is a layer's name, which tells less than anything else. */
bool cr_runs_columns_is_name(const cr_ranking *ranking, size_t parameter);

#endif
