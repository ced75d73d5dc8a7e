/* The one place that speaks SQLite: records of the tables of sweep.db written and read.
 * See store.h for what they mean. */
#ifndef CHAINRULE_SWEEP_STORE_DATABASE_H
#define CHAINRULE_SWEEP_STORE_DATABASE_H

#include "sweep/store_schema.h"

typedef struct cr_store_database cr_store_database;

/* Opens the file of that path, which it keeps a copy of for messages. writes: to write,
 * and then it is made if it does not exist. NULL with err. */
CR_MUST_CHECK cr_store_database *cr_store_database_open(const char *path, bool writes,
                                                        cr_error *err);
void cr_store_database_close(cr_store_database *database); /* takes NULL */

/* PRAGMA user_version: 0 for a database that is empty yet; -1 with err. */
int cr_store_database_version(cr_store_database *database, cr_error *err);

/* Executes statements that give no rows. */
CR_MUST_CHECK bool cr_store_database_execute(cr_store_database *database, const char *sql,
                                             cr_error *err);

/* Adds the columns that the table lacks if an older program made it. */
CR_MUST_CHECK bool cr_store_database_complete(cr_store_database *database,
                                              const cr_store_table *table, cr_error *err);

/* BEGIN and COMMIT. A commit that fails is rolled back. */
CR_MUST_CHECK bool cr_store_database_begin(cr_store_database *database, cr_error *err);
CR_MUST_CHECK bool cr_store_database_commit(cr_store_database *database, cr_error *err);

/* Writes a record of the table as a row, in place of one with the same key. */
CR_MUST_CHECK bool cr_store_database_add(cr_store_database *database,
                                         const cr_store_table *table, const void *record,
                                         cr_error *err);

/* Hands over all rows of the table as records, in the table's order; value_column as for
 * cr_store_schema_select. A record and its texts are valid during the call. A visitor
 * that returns false ends the visit, which is no error. */
CR_MUST_CHECK bool cr_store_database_visit(cr_store_database *database,
                                           const cr_store_table *table,
                                           const char *value_column,
                                           bool (*take)(void *user, const void *record),
                                           void *user, cr_error *err);

#endif
