/*
 * The database of a sweep: <directory>/sweep.db, SQLite, written by one process alone.
 *
 * Tables, for whoever reads it with other programs:
 *   sweep    one row: config, metric and goal, how many trials, program version
 *   trials   a row for every trial that ended: setting, seed, fold, values, config, hash,
 *            status, figures, error text
 *   metrics  a row for every epoch of a trial, with the columns of metrics.csv
 *   rungs    successive halving: a trial's value after each rung
 *   results  a view of trials with a column for each parameter
 * PRAGMA user_version is the format's version, CR_STORE_VERSION.
 */
#ifndef CHAINRULE_SWEEP_STORE_H
#define CHAINRULE_SWEEP_STORE_H

#include "sweep/trial.h"

enum { CR_STORE_VERSION = 1 };

typedef struct cr_store cr_store;

/* Opens the directory's database for the plan's sweep, or makes it. Fails when it is of
 * another sweep or format, when another process is at work in it, or when it cannot be
 * read or written. *other: it failed because of another sweep. A change of program or
 * kernel since is a line in warnings. */
CR_MUST_CHECK cr_store *cr_store_open(const char *directory, const cr_sweep_plan *plan,
                                      bool *other, cr_text *warnings, cr_error *err);

/* Opens it to read, which may be while a sweep writes. */
CR_MUST_CHECK cr_store *cr_store_open_read(const char *directory, cr_error *err);
void cr_store_close(cr_store *store); /* takes NULL */

/* Whether the directory holds a database. */
bool cr_store_exists(const char *directory);

/* What is written between the two is on the disk, all of it, after cr_store_commit, or
 * else none of it. Beginning twice is the same as once. */
CR_MUST_CHECK bool cr_store_begin(cr_store *store, cr_error *err);
CR_MUST_CHECK bool cr_store_commit(cr_store *store, cr_error *err);

/* Writes a trial that ended, in place of an older row. rung: of successive halving; -1
 * without. */
CR_MUST_CHECK bool cr_store_add(cr_store *store, const cr_sweep_plan *plan, size_t number,
                                const cr_trial_result *result, int rung, cr_error *err);

/* Calls trials of the setting eliminated. */
CR_MUST_CHECK bool cr_store_eliminate(cr_store *store, size_t setting, cr_error *err);

/* A trial as it is in the database. */
typedef struct cr_store_row {
    size_t trial, setting, repeat, fold;
    int64_t seed;
    cr_trial_status status;
    const char *parameters; /* JSON; owned by the store, until the next row */
    const char *error;      /* likewise; "" without one */
    double value;           /* of the metric; NaN without one */
    double seconds;
    size_t epochs, parameter_count;
} cr_store_row;

/* All trials by number, or those of one setting. take returning false ends it without an
 * error. */
enum { CR_ALL_SETTINGS = -1 };
CR_MUST_CHECK bool cr_store_visit(cr_store *store, long setting,
                                  bool (*take)(void *user, const cr_store_row *row),
                                  void *user, cr_error *err);

/* For cr_store_visit: value becomes this column of trials in place of the sweep's metric,
 * such as "validation_loss". */
CR_MUST_CHECK bool cr_store_value_is(cr_store *store, const char *column, cr_error *err);

/* The trial's value after a rung; false if there is none. A trial that failed has NaN. */
CR_MUST_CHECK bool cr_store_rung(cr_store *store, size_t trial, int rung, double *value);

/* What the one row of the sweep says. */
typedef struct cr_store_sweep {
    char *name;          /* of the config, owned */
    char *sections;      /* the sweep section, JSON, owned */
    char *metric, *goal; /* owned */
    size_t trials;       /* that are to be run in this directory */
    size_t settings, repeats, folds;
} cr_store_sweep;

CR_MUST_CHECK bool cr_store_describe(cr_store *store, cr_store_sweep *sweep,
                                     cr_error *err);
void cr_store_sweep_finish(cr_store_sweep *sweep);

#endif
