/*
 * The database of a sweep: <directory>/sweep.db, SQLite, written by one process alone.
 *
 * Tables, for whoever reads it with other programs:
 *   sweep    one row: config, metric and goal, how many trials, program version
 *   trials   a row for every trial that ended: setting, seed, fold, values, config, hash,
 *            status, figures, error text
 *   metrics  a row for every epoch of a trial, with the columns of metrics.csv
 *   rungs    successive halving: a trial's value after each rung
 *   settings the settings whose values do not follow from the sweep section
 *   history  what began and ended, in its order, where settings depend on it
 *   moves    only while a sweep grows: runs of trials that have another number now
 *   results  a view of trials with a column for each parameter
 * PRAGMA user_version is the format's version, CR_STORE_VERSION.
 */
#ifndef CHAINRULE_SWEEP_STORE_H
#define CHAINRULE_SWEEP_STORE_H

#include "sweep/store_schema.h"
#include "sweep/sweep_plan.h"

enum { CR_STORE_VERSION = 1 };

typedef struct cr_store cr_store;

/* Opens the directory's database for the plan's sweep, or makes it. Fails when it is of
 * another sweep or format, when another process is at work in it, or when it cannot be
 * read or written. *other: it failed because of another sweep, which the message says in
 * what it differs; nothing was changed then. A change of program or kernel since is a
 * line in warnings. Settings that the database has for the plan are given to it. */
CR_MUST_CHECK cr_store *cr_store_open(const char *directory, cr_sweep_plan *plan,
                                      bool *other, cr_text *warnings, cr_error *err);

/* Opens the directory's database, which there is, for a sweep that is to grow. */
CR_MUST_CHECK cr_store *cr_store_open_to_grow(const char *directory, cr_error *err);

/* Makes the plan's sweep of the one that the database holds, whole or not at all.
 * moves[0..count): what becomes of each of its trials; their parameters are not read. */
CR_MUST_CHECK bool cr_store_grow(cr_store *store, const cr_sweep_plan *plan,
                                 const cr_store_move *moves, size_t count, cr_error *err);

/* Opens it to read, which may be while a sweep writes. */
CR_MUST_CHECK cr_store *cr_store_open_read(const char *directory, cr_error *err);
void cr_store_close(cr_store *store); /* takes NULL */

/* Whether the directory holds a database. */
bool cr_store_exists(const char *directory);

/* What is written between the two is on the disk, all of it, after cr_store_commit, or
 * else none of it. Beginning twice is the same as once; a commit without a beginning does
 * nothing. */
CR_MUST_CHECK bool cr_store_begin(cr_store *store, cr_error *err);
CR_MUST_CHECK bool cr_store_commit(cr_store *store, cr_error *err);

/* Writes a trial that ended, in place of an older row. rung: of successive halving; -1
 * without. */
CR_MUST_CHECK bool cr_store_add(cr_store *store, const cr_sweep_plan *plan, size_t number,
                                const cr_trial_result *result, int rung, cr_error *err);

/* Writes a setting that does not follow from the sweep section. */
CR_MUST_CHECK bool cr_store_add_setting(cr_store *store, const cr_sweep_plan *plan,
                                        size_t setting, cr_error *err);

/* Writes the next event, whose number is not read. */
CR_MUST_CHECK bool cr_store_add_event(cr_store *store, const cr_store_event *event,
                                      cr_error *err);

/* Gives the setting's trials that have a value the status "eliminated". */
CR_MUST_CHECK bool cr_store_eliminate(cr_store *store, size_t setting, cr_error *err);

/* Hands over all trials by number, all results of rungs by trial and rung, or all epochs by
 * trial and epoch. A visitor that returns false ends the visit, which is no error. */
CR_MUST_CHECK bool cr_store_visit(cr_store *store,
                                  bool (*take)(void *user, const cr_store_row *row),
                                  void *user, cr_error *err);
CR_MUST_CHECK bool
cr_store_visit_rungs(cr_store *store, bool (*take)(void *user, const cr_store_rung *rung),
                     void *user, cr_error *err);

CR_MUST_CHECK bool cr_store_visit_epochs(cr_store *store,
                                         bool (*take)(void *user,
                                                      const cr_store_epoch *epoch),
                                         void *user, cr_error *err);

/* For cr_store_visit: value becomes this column of trials in place of the sweep's metric,
 * such as "validation_loss". Fails if there is no such column of numbers. */
CR_MUST_CHECK bool cr_store_value_is(cr_store *store, const char *column, cr_error *err);

/* The one row of `sweep`, without what is only written. Its texts are copies;
 * cr_store_sweep_finish frees them. */
CR_MUST_CHECK bool cr_store_describe(cr_store *store, cr_store_sweep *sweep,
                                     cr_error *err);
void cr_store_sweep_finish(cr_store_sweep *sweep);

#endif
