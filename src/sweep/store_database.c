#include "sweep/store_database.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

enum { BUSY_MILLISECONDS = 60000 };

struct cr_store_database {
    sqlite3 *db;
    char *path;
    sqlite3_stmt *inserts[CR_STORE_TABLES]; /* each made when it is first needed */
};

static bool failed(const cr_store_database *database, const char *what, cr_error *err)
{
    int code = sqlite3_errcode(database->db);
    bool broken = code == SQLITE_NOTADB || code == SQLITE_CORRUPT || code == SQLITE_ERROR;
    return cr_fail(err, broken ? CR_E_DATA : CR_E_IO, "%s: cannot %s: %s%s",
                   database->path, what, sqlite3_errmsg(database->db),
                   code == SQLITE_FULL ? " (what was finished before is safe; make room "
                                         "and run the same command again)"
                   : broken ? "; it is not the database of a sweep, or damaged: restore "
                              "it, or choose another directory"
                            : "");
}

cr_store_database *cr_store_database_open(const char *path, bool writes, cr_error *err)
{
    cr_store_database *database = cr_alloc(1, sizeof *database, err);
    if (!database)
        return NULL;
    /* Who reads may have to roll back what a sweep that was killed left half written. */
    int flags = SQLITE_OPEN_READWRITE | (writes ? SQLITE_OPEN_CREATE : 0);
    database->path = cr_text_copy(path, strlen(path), err);
    if (database->path &&
        sqlite3_open_v2(path, &database->db, flags, NULL) == SQLITE_OK) {
        sqlite3_busy_timeout(database->db, BUSY_MILLISECONDS);
        /* "value" is a column, or an error: never the text "value" */
        sqlite3_db_config(database->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
        if (!writes)
            sqlite3_exec(database->db, "PRAGMA query_only = 1", NULL, NULL, NULL);
        return database;
    }
    if (database->path)
        failed(database, "open it", err);
    cr_store_database_close(database);
    return NULL;
}

void cr_store_database_close(cr_store_database *database)
{
    if (!database)
        return;
    for (int i = 0; i < CR_STORE_TABLES; i++)
        sqlite3_finalize(database->inserts[i]);
    sqlite3_close(database->db);
    cr_free(database->path);
    cr_free(database);
}

int cr_store_database_version(cr_store_database *database, cr_error *err)
{
    sqlite3_stmt *statement = NULL;
    int version = -1;
    if (sqlite3_prepare_v2(database->db, "PRAGMA user_version", -1, &statement, NULL) ==
            SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        version = sqlite3_column_int(statement, 0);
    else
        failed(database, "read it", err);
    sqlite3_finalize(statement);
    return version;
}

bool cr_store_database_execute(cr_store_database *database, const char *sql,
                               cr_error *err)
{
    return sqlite3_exec(database->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
           failed(database, "write", err);
}

bool cr_store_database_begin(cr_store_database *database, cr_error *err)
{
    return cr_store_database_execute(database, "BEGIN IMMEDIATE", err);
}

bool cr_store_database_commit(cr_store_database *database, cr_error *err)
{
    if (cr_store_database_execute(database, "COMMIT", err))
        return true;
    sqlite3_exec(database->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

/* Makes the statement of the text, of which the caller has the ownership; NULL with err. */
static sqlite3_stmt *prepare(cr_store_database *database, cr_text *text, cr_error *err)
{
    sqlite3_stmt *statement = NULL;
    if (text->failed)
        cr_fail(err, CR_E_MEMORY, "out of memory");
    else if (sqlite3_prepare_v2(database->db, text->data, -1, &statement, NULL) !=
             SQLITE_OK)
        failed(database, "use it", err);
    cr_text_finish(text);
    return statement;
}

/* The text outlives the step. */
static void bind_text(sqlite3_stmt *s, int at, const char *text)
{
    sqlite3_bind_text(s, at, text, -1, SQLITE_STATIC);
}

/* Binds a column's place in the record to parameter `at`, from 1. */
static void bind_place(sqlite3_stmt *s, int at, cr_store_kind kind, const void *place)
{
    const char *const *text = place;
    const double *number = place;
    switch (kind) {
    case CR_STORE_COUNT:
        sqlite3_bind_int64(s, at, (sqlite3_int64) * (const size_t *)place);
        break;
    case CR_STORE_INTEGER:
        sqlite3_bind_int64(s, at, *(const int64_t *)place);
        break;
    case CR_STORE_NUMBER:
        if (isfinite(*number))
            sqlite3_bind_double(s, at, *number);
        else
            sqlite3_bind_null(s, at);
        break;
    case CR_STORE_OPTIONAL_TEXT:
        if (**text)
            bind_text(s, at, *text);
        else
            sqlite3_bind_null(s, at);
        break;
    case CR_STORE_TEXT:
        bind_text(s, at, *text);
        break;
    case CR_STORE_STATUS:
        bind_text(s, at, cr_trial_status_names[*(const cr_trial_status *)place]);
        break;
    }
}

/* The table's INSERT, ready to be bound; NULL with err. */
static sqlite3_stmt *insert_into(cr_store_database *database, const cr_store_table *table,
                                 cr_error *err)
{
    sqlite3_stmt **statement = &database->inserts[table - cr_store_tables];
    if (!*statement) {
        cr_text text = {0};
        cr_store_schema_insert(table, &text);
        *statement = prepare(database, &text, err);
    }
    return *statement;
}

bool cr_store_database_add(cr_store_database *database, const cr_store_table *table,
                           const void *record, cr_error *err)
{
    sqlite3_stmt *s = insert_into(database, table, err);
    if (!s)
        return false;
    for (size_t i = 0; i < table->column_count; i++)
        bind_place(s, (int)i + 1, table->columns[i].kind,
                   (const char *)record + table->columns[i].offset);
    bool good = sqlite3_step(s) == SQLITE_DONE || failed(database, "write", err);
    sqlite3_reset(s);
    return good;
}

/* Whether the database's own table has fewer columns than ours; a table that is not there
 * at all is for who uses it to find out. */
static bool lacks_columns(cr_store_database *database, const cr_store_table *table)
{
    cr_text text = {0};
    cr_text_add(&text, "SELECT count(*) FROM pragma_table_info('%s')", table->name);
    sqlite3_stmt *s = prepare(database, &text, NULL);
    size_t count =
        s && sqlite3_step(s) == SQLITE_ROW ? (size_t)sqlite3_column_int64(s, 0) : 0;
    sqlite3_finalize(s);
    return count > 0 && count < table->column_count;
}

bool cr_store_database_complete(cr_store_database *database, const cr_store_table *table,
                                cr_error *err)
{
    if (!lacks_columns(database, table))
        return true;
    cr_text text = {0};
    cr_store_schema_alter(table, &text);
    bool good = text.failed ? cr_fail(err, CR_E_MEMORY, "out of memory")
                            : cr_store_database_execute(database, text.data, err);
    cr_text_finish(&text);
    return good;
}

static cr_trial_status status_named(const char *name)
{
    for (int i = 0; i <= CR_TRIAL_ELIMINATED; i++)
        if (strcmp(name, cr_trial_status_names[i]) == 0)
            return (cr_trial_status)i;
    return CR_TRIAL_FAILED;
}

/* Fills in a column's place in the record from column `at` of the row, from 0. */
static void read_place(sqlite3_stmt *s, int at, cr_store_kind kind, void *place)
{
    const char *text = NULL;
    switch (kind) {
    case CR_STORE_COUNT:
        *(size_t *)place = (size_t)sqlite3_column_int64(s, at);
        break;
    case CR_STORE_INTEGER:
        *(int64_t *)place = sqlite3_column_int64(s, at);
        break;
    case CR_STORE_NUMBER:
        *(double *)place = sqlite3_column_type(s, at) == SQLITE_NULL
                               ? NAN
                               : sqlite3_column_double(s, at);
        break;
    case CR_STORE_TEXT:
    case CR_STORE_OPTIONAL_TEXT:
        text = (const char *)sqlite3_column_text(s, at);
        *(const char **)place = text ? text : "";
        break;
    case CR_STORE_STATUS:
        text = (const char *)sqlite3_column_text(s, at);
        *(cr_trial_status *)place = status_named(text ? text : "");
        break;
    }
}

/* The present row of a selection as a record of the table. */
static void read_record(sqlite3_stmt *s, const cr_store_table *table, void *record)
{
    int at = 0;
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].uses & CR_STORE_READ)
            read_place(s, at++, table->columns[i].kind,
                       (char *)record + table->columns[i].offset);
}

bool cr_store_database_visit(cr_store_database *database, const cr_store_table *table,
                             const char *value_column,
                             bool (*take)(void *user, const void *record), void *user,
                             cr_error *err)
{
    union {
        cr_store_sweep sweep;
        cr_store_row row;
        cr_store_epoch epoch;
        cr_store_rung rung;
        cr_store_setting setting;
        cr_store_move move;
        cr_store_event event;
    } record;
    cr_text text = {0};
    cr_store_schema_select(table, value_column, lacks_columns(database, table), &text);
    sqlite3_stmt *s = prepare(database, &text, err);
    if (!s)
        return false;
    int code = SQLITE_ROW;
    bool going = true;
    memset(&record, 0, sizeof record);
    while (going && (code = sqlite3_step(s)) == SQLITE_ROW) {
        read_record(s, table, &record);
        going = take(user, &record);
    }
    bool good = !going || code == SQLITE_DONE || failed(database, "read it", err);
    sqlite3_finalize(s);
    return good;
}
