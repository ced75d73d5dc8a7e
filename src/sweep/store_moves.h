/* What a sweep's growing does to the numbers of its trials, in the database and in the
 * directory. */
#ifndef CHAINRULE_SWEEP_STORE_MOVES_H
#define CHAINRULE_SWEEP_STORE_MOVES_H

#include "sweep/store_database.h"
#include "sweep/sweep_plan.h"

/* In a transaction: gives the trials moves[0..count) their new numbers, and the table
 * `settings` those that are given in the plan. Parameters of the moves are not read: they
 * are the plan's. What is left for cr_store_moves_end then stands in `moves`. */
CR_MUST_CHECK bool cr_store_moves_begin(cr_store_database *database,
                                        const cr_sweep_plan *plan,
                                        const cr_store_move *moves, size_t count,
                                        cr_error *err);

/* In a transaction: writes the setting into `settings`. */
CR_MUST_CHECK bool cr_store_moves_add_setting(cr_store_database *database,
                                              const cr_sweep_plan *plan, size_t setting,
                                              cr_error *err);

/* Gives the plan the settings that the database has, if they are in its spaces: of another
 * sweep they are not. */
CR_MUST_CHECK bool cr_store_moves_give_settings(cr_store_database *database,
                                                cr_sweep_plan *plan, cr_error *err);

/* Outside of one: moves the runs in the sweep's directory that are still to be moved. */
CR_MUST_CHECK bool cr_store_moves_end(cr_store_database *database, const char *directory,
                                      cr_error *err);

#endif
