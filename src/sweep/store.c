#include "sweep/store.h"

#include "base/directory.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "math/blas.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUSY_MILLISECONDS = 60000 };

static const char schema[] =
    "CREATE TABLE sweep(id INTEGER PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL,"
    " config TEXT NOT NULL, sweep TEXT NOT NULL, identity TEXT NOT NULL,"
    " metric TEXT NOT NULL, goal TEXT NOT NULL, settings INTEGER NOT NULL,"
    " repeats INTEGER NOT NULL, folds INTEGER NOT NULL, trials INTEGER NOT NULL,"
    " shard INTEGER NOT NULL, shards INTEGER NOT NULL, version TEXT NOT NULL,"
    " kernel TEXT NOT NULL, created TEXT NOT NULL);"
    "CREATE TABLE trials(trial INTEGER PRIMARY KEY, setting INTEGER NOT NULL,"
    " repeat INTEGER NOT NULL, fold INTEGER NOT NULL, seed INTEGER NOT NULL,"
    " hash TEXT NOT NULL, parameters TEXT NOT NULL, config TEXT NOT NULL,"
    " status TEXT NOT NULL, error TEXT, value REAL, epochs INTEGER, steps INTEGER,"
    " time_s REAL, parameter_count INTEGER, train_loss REAL, train_accuracy REAL,"
    " train_rmse REAL, validation_loss REAL, validation_accuracy REAL,"
    " validation_rmse REAL, test_loss REAL, test_accuracy REAL, test_rmse REAL,"
    " regularization_loss REAL);"
    "CREATE INDEX trials_by_setting ON trials(setting);"
    "CREATE TABLE metrics(trial INTEGER NOT NULL, epoch INTEGER NOT NULL,"
    " step INTEGER, time_s REAL, learning_rate REAL, train_loss REAL,"
    " train_accuracy REAL, train_rmse REAL, validation_loss REAL,"
    " validation_accuracy REAL, validation_rmse REAL, regularization_loss REAL,"
    " parameters_crc32 TEXT, PRIMARY KEY (trial, epoch)) WITHOUT ROWID;"
    "CREATE TABLE rungs(trial INTEGER NOT NULL, rung INTEGER NOT NULL,"
    " epochs INTEGER, value REAL, PRIMARY KEY (trial, rung)) WITHOUT ROWID;";

/* Statements that are used again and again. */
enum { ADD_TRIAL, ADD_METRICS, ADD_RUNG, ELIMINATE, SELECT_ALL, SELECT_SETTING, RUNG };
enum { STATEMENTS = RUNG + 1 };

#define SELECT                                                                           \
    "SELECT trial, setting, repeat, fold, seed, status, parameters, error, \"%s\","      \
    " time_s, epochs, parameter_count FROM trials"

static const char *const texts[STATEMENTS] = {
    [ADD_TRIAL] = "INSERT OR REPLACE INTO trials VALUES"
                  "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [ADD_METRICS] = "INSERT OR REPLACE INTO metrics VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [ADD_RUNG] = "INSERT OR REPLACE INTO rungs VALUES(?,?,?,?)",
    [ELIMINATE] = "UPDATE trials SET status = 'eliminated' WHERE setting = ? AND status "
                  "IN ('completed', 'stopped_early')",
    [SELECT_ALL] = "", /* behind SELECT */
    [SELECT_SETTING] = " WHERE setting = ?",
    [RUNG] = "SELECT value FROM rungs WHERE trial = ? AND rung = ?",
};

struct cr_store {
    sqlite3 *db;
    char *path;
    int lock; /* of the directory; -1: reading only */
    bool in_transaction;
    char value_column[64];
    sqlite3_stmt *statements[STATEMENTS];
};

static bool failed(const cr_store *store, const char *what, cr_error *err)
{
    int code = sqlite3_errcode(store->db);
    bool broken = code == SQLITE_NOTADB || code == SQLITE_CORRUPT || code == SQLITE_ERROR;
    return cr_fail(err, broken ? CR_E_DATA : CR_E_IO, "%s: cannot %s: %s%s", store->path,
                   what, sqlite3_errmsg(store->db),
                   code == SQLITE_FULL ? " (what was finished before is safe; make room "
                                         "and run the same command again)"
                   : broken ? "; it is not the database of a sweep, or damaged: restore "
                              "it, or choose another directory"
                            : "");
}

static bool execute(cr_store *store, const char *sql, const char *what, cr_error *err)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
           failed(store, what, err);
}

/* The statement, ready to be bound; NULL with an error. */
static sqlite3_stmt *prepare(cr_store *store, int which, cr_error *err)
{
    sqlite3_stmt **statement = &store->statements[which];
    char select[512];
    const char *text = texts[which];
    if (*statement) {
        sqlite3_reset(*statement);
        return *statement;
    }
    if (which == SELECT_ALL || which == SELECT_SETTING) {
        snprintf(select, sizeof select, SELECT "%s ORDER BY trial", store->value_column,
                 text);
        text = select;
    }
    if (sqlite3_prepare_v2(store->db, text, -1, statement, NULL) != SQLITE_OK)
        failed(store, "use it", err);
    return *statement;
}

static bool run(cr_store *store, sqlite3_stmt *statement, cr_error *err)
{
    bool good = sqlite3_step(statement) == SQLITE_DONE || failed(store, "write", err);
    sqlite3_reset(statement);
    return good;
}

static void bind_integer(sqlite3_stmt *s, int *at, size_t value)
{
    sqlite3_bind_int64(s, ++*at, (sqlite3_int64)value);
}

/* A number, or NULL for one that is none. */
static void bind_number(sqlite3_stmt *s, int *at, double value)
{
    if (isfinite(value))
        sqlite3_bind_double(s, ++*at, value);
    else
        sqlite3_bind_null(s, ++*at);
}

static void bind_text(sqlite3_stmt *s, int *at, const char *text)
{
    sqlite3_bind_text(s, ++*at, text, -1, SQLITE_TRANSIENT);
}

/* Loss, accuracy and rmse, as far as there are. */
static void bind_figures(sqlite3_stmt *s, int *at, const cr_figures *figures,
                         bool has_accuracy)
{
    bool exist = figures->examples > 0;
    bind_number(s, at, exist ? figures->loss : NAN);
    bind_number(s, at, exist && has_accuracy ? figures->accuracy : NAN);
    bind_number(s, at, exist && !has_accuracy ? figures->rmse : NAN);
}

bool cr_store_exists(const char *directory)
{
    char *path = cr_path_join(directory, "sweep.db", NULL);
    bool exists = path && !cr_file_problem(path);
    cr_free(path);
    return exists;
}

/* One sweep at a time. The record lock is this process's alone, and tells of another
 * sweep at work. The other lock is inherited by the workers: after a sweep that was
 * killed, it is free when the last of them has noticed, which is soon. Both are on a file
 * of their own, since SQLite has locks on the database. */
static bool take_lock(cr_store *store, const char *directory, cr_error *err)
{
    char *path = cr_path_join(directory, "lock", err);
    if (!path)
        return false;
    store->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    bool good = store->lock >= 0 ||
                cr_fail(err, CR_E_IO, "%s: cannot write: %s", path, strerror(errno));
    cr_free(path);
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (good && fcntl(store->lock, F_SETLK, &whole) != 0 &&
        (errno == EACCES || errno == EAGAIN))
        return cr_fail(err, CR_E_USAGE,
                       "%s: another sweep is at work in this directory; wait until it "
                       "has finished, or stop it first",
                       directory);
    if (good && flock(store->lock, LOCK_EX) != 0 && errno == EINTR)
        return cr_fail(
            err, CR_E_USAGE,
            "%s: interrupted while waiting for the workers of a sweep that was "
            "killed",
            directory);
    return good;
}

static cr_store *open_file(const char *directory, int flags, cr_error *err)
{
    cr_store *store = cr_alloc(1, sizeof *store, err);
    if (!store)
        return NULL;
    store->lock = -1;
    strcpy(store->value_column, "value");
    store->path = cr_path_join(directory, "sweep.db", err);
    if (store->path &&
        sqlite3_open_v2(store->path, &store->db, flags, NULL) == SQLITE_OK) {
        sqlite3_busy_timeout(store->db, BUSY_MILLISECONDS);
        return store;
    }
    if (store->path)
        failed(store, "open it", err);
    cr_store_close(store);
    return NULL;
}

void cr_store_close(cr_store *store)
{
    if (!store)
        return;
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(store->statements[i]);
    sqlite3_close(store->db);
    if (store->lock >= 0)
        close(store->lock);
    cr_free(store->path);
    cr_free(store);
}

/* The first column of the first row as text, for the caller to free; NULL with err. */
static char *query_text(cr_store *store, const char *sql, cr_error *err)
{
    sqlite3_stmt *statement = NULL;
    char *text = NULL;
    if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        failed(store, "read it", err);
    } else {
        const char *found = (const char *)sqlite3_column_text(statement, 0);
        if (found)
            text = cr_text_copy(found, strlen(found), err);
        else /* nothing that is asked for is NULL */
            cr_fail(err, CR_E_MEMORY, "out of memory");
    }
    sqlite3_finalize(statement);
    return text;
}

/* The format of the database; 0 for one that is empty yet, -1 with err. */
static int read_version(cr_store *store, cr_error *err)
{
    char *text = query_text(store, "PRAGMA user_version", err);
    int version = -1;
    if (text && sscanf(text, "%d", &version) == 1 && version != 0 &&
        version != CR_STORE_VERSION) {
        cr_fail(err, CR_E_DATA,
                "%s: its format is version %d, but this program knows version %d; read "
                "it with the program that made it, or choose another directory",
                store->path, version, CR_STORE_VERSION);
        version = -1;
    }
    cr_free(text);
    return version;
}

/* The view `results`: trials with a column for each parameter. */
static bool create_view(cr_store *store, const cr_sweep_section *section, cr_error *err)
{
    cr_text sql = {0};
    cr_text_add(&sql, "CREATE VIEW results AS SELECT trial, setting, repeat, fold, seed");
    for (size_t i = 0; i < section->parameter_count; i++) {
        const char *path = section->parameters[i].path;
        if (!strpbrk(path, "'\"")) /* no path of a config has those */
            cr_text_add(&sql, ", parameters ->> '$.\"%s\"' AS \"%s\"", path, path);
    }
    cr_text_add(&sql, ", status, value, epochs, time_s, train_loss, train_accuracy,"
                      " train_rmse, validation_loss, validation_accuracy,"
                      " validation_rmse, test_loss, test_accuracy, test_rmse"
                      " FROM trials");
    bool good = sql.failed ? cr_fail(err, CR_E_MEMORY, "out of memory")
                           : execute(store, sql.data, "write", err);
    cr_text_finish(&sql);
    return good;
}

static bool create(cr_store *store, const cr_sweep_plan *plan, cr_error *err)
{
    char version[64], identity[CR_HASH_TEXT];
    snprintf(version, sizeof version, "PRAGMA user_version = %d", CR_STORE_VERSION);
    size_t trials = 0;
    for (size_t i = 0; i < plan->trials; i++)
        trials += cr_sweep_plan_has(plan, i);
    if (!execute(store, "BEGIN IMMEDIATE", "write", err) ||
        !execute(store, schema, "write", err) ||
        !create_view(store, &plan->section, err) ||
        !execute(store, version, "write", err))
        return false;
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(store->db,
                           "INSERT INTO sweep VALUES(1,?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
                           "strftime('%Y-%m-%dT%H:%M:%SZ','now'))",
                           -1, &s, NULL) != SQLITE_OK)
        return failed(store, "write", err);
    char *name = cr_path_stem(plan->document.name, err);
    char *sweep = cr_json_print(cr_json_get(plan->document.root, "sweep"), false);
    int at = 0;
    bind_text(s, &at, name ? name : "");
    bind_text(s, &at, plan->document.text);
    bind_text(s, &at, sweep ? sweep : "");
    bind_text(s, &at, cr_hash_format(plan->identity, identity));
    bind_text(s, &at, plan->section.judge.metric.name);
    bind_text(s, &at, plan->section.judge.metric.maximize ? "maximize" : "minimize");
    bind_integer(s, &at, plan->section.settings - plan->duplicates);
    bind_integer(s, &at, plan->section.repeats);
    bind_integer(s, &at, plan->section.folds);
    bind_integer(s, &at, trials);
    bind_integer(s, &at, plan->shard.index + 1);
    bind_integer(s, &at, plan->shard.count);
    bind_text(s, &at, CR_VERSION);
    bind_text(s, &at, cr_blas_kernel());
    bool good = name && sweep && run(store, s, err);
    sqlite3_finalize(s);
    cr_free(name);
    cr_free(sweep);
    return good && execute(store, "COMMIT", "write", err);
}

/* Whether the database is of this plan's sweep. */
static bool compare(cr_store *store, const cr_sweep_plan *plan, bool *other,
                    cr_text *warnings, cr_error *err)
{
    char identity[CR_HASH_TEXT];
    char *found = query_text(store, "SELECT identity FROM sweep", err);
    char *made =
        query_text(store, "SELECT version || ', kernel ' || kernel FROM sweep", err);
    char now[128];
    snprintf(now, sizeof now, "%s, kernel %s", CR_VERSION, cr_blas_kernel());
    bool good = found && made;
    *other = good && strcmp(found, cr_hash_format(plan->identity, identity)) != 0;
    if (*other)
        good = cr_fail(err, CR_E_USAGE,
                       "%s: it holds another sweep: config, data or shard are not those "
                       "that it was begun with; choose another directory with -o, or "
                       "remove this one",
                       store->path);
    if (good && strcmp(made, now) != 0)
        cr_text_add(warnings,
                    "%s: it was begun by version %s; this is %s: the same trial may have "
                    "other bits\n",
                    store->path, made, now);
    cr_free(found);
    cr_free(made);
    return good;
}

cr_store *cr_store_open(const char *directory, const cr_sweep_plan *plan, bool *other,
                        cr_text *warnings, cr_error *err)
{
    *other = false;
    cr_store *store = NULL;
    if (cr_directory_create(directory, err))
        store = open_file(directory, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err);
    if (!store)
        return NULL;
    bool good = take_lock(store, directory, err) &&
                execute(store, "PRAGMA journal_mode = TRUNCATE", "write", err);
    int version = good ? read_version(store, err) : -1;
    if (version == 0 ? create(store, plan, err)
                     : version > 0 && compare(store, plan, other, warnings, err))
        return store;
    cr_store_close(store);
    return NULL;
}

cr_store *cr_store_open_read(const char *directory, cr_error *err)
{
    cr_store *store = open_file(directory, SQLITE_OPEN_READONLY, err);
    int version = store ? read_version(store, err) : -1;
    if (version > 0)
        return store;
    if (version == 0)
        cr_fail(err, CR_E_DATA, "%s: there is no sweep in it", store->path);
    cr_store_close(store);
    return NULL;
}

bool cr_store_begin(cr_store *store, cr_error *err)
{
    if (!store->in_transaction)
        store->in_transaction = execute(store, "BEGIN IMMEDIATE", "write", err);
    return store->in_transaction;
}

bool cr_store_commit(cr_store *store, cr_error *err)
{
    if (!store->in_transaction)
        return true;
    store->in_transaction = false;
    if (execute(store, "COMMIT", "write", err))
        return true;
    sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

static bool add_metrics(cr_store *store, size_t number, const cr_trial_result *result,
                        cr_error *err)
{
    bool good = true;
    for (size_t i = 0; good && i < result->epoch_count; i++) {
        const cr_epoch *e = &result->rows[i];
        sqlite3_stmt *s = prepare(store, ADD_METRICS, err);
        if (!s)
            return false;
        char crc32[16];
        snprintf(crc32, sizeof crc32, "%08lx", (unsigned long)e->parameters_crc32);
        int at = 0;
        bind_integer(s, &at, number);
        bind_integer(s, &at, e->epoch);
        bind_integer(s, &at, e->steps);
        bind_number(s, &at, e->seconds);
        bind_number(s, &at, e->learning_rate);
        bind_figures(s, &at, &e->train, result->has_accuracy);
        bind_figures(s, &at, &e->validation, result->has_accuracy);
        bind_number(s, &at, e->regularization_loss);
        bind_text(s, &at, crc32);
        good = run(store, s, err);
    }
    return good;
}

static bool add_rung(cr_store *store, size_t number, int rung, size_t epochs,
                     double value, cr_error *err)
{
    sqlite3_stmt *s = prepare(store, ADD_RUNG, err);
    int at = 0;
    if (!s)
        return false;
    bind_integer(s, &at, number);
    bind_integer(s, &at, (size_t)rung);
    bind_integer(s, &at, epochs);
    bind_number(s, &at, value);
    return run(store, s, err);
}

bool cr_store_add(cr_store *store, const cr_sweep_plan *plan, size_t number,
                  const cr_trial_result *result, int rung, cr_error *err)
{
    const cr_trial trial = cr_sweep_plan_trial(plan, number);
    bool has_value =
        result->status == CR_TRIAL_COMPLETED || result->status == CR_TRIAL_STOPPED_EARLY;
    double value = has_value ? result->value : NAN;
    char hash[CR_HASH_TEXT];
    char *parameters = cr_sweep_plan_parameters(plan, trial.setting);
    sqlite3_stmt *s = prepare(store, ADD_TRIAL, err);
    if (!s || !parameters) {
        cr_free(parameters);
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    }
    int at = 0;
    bind_integer(s, &at, number);
    bind_integer(s, &at, trial.setting);
    bind_integer(s, &at, trial.repeat);
    bind_integer(s, &at, trial.fold);
    bind_integer(s, &at, (size_t)trial.seed);
    bind_text(s, &at, cr_hash_format(cr_sweep_plan_hash(plan, number), hash));
    bind_text(s, &at, parameters);
    bind_text(s, &at, result->config);
    bind_text(s, &at, cr_trial_status_names[result->status]);
    if (*result->error)
        bind_text(s, &at, result->error);
    else
        sqlite3_bind_null(s, ++at);
    bind_number(s, &at, value);
    bind_integer(s, &at, result->epochs);
    bind_integer(s, &at, result->steps);
    bind_number(s, &at, result->seconds);
    bind_integer(s, &at, result->parameters);
    for (int i = 0; i < CR_PARTS; i++)
        bind_figures(s, &at, &result->parts[i], result->has_accuracy);
    bind_number(s, &at, has_value ? result->regularization_loss : NAN);
    cr_free(parameters);
    return run(store, s, err) && add_metrics(store, number, result, err) &&
           (rung < 0 || add_rung(store, number, rung, result->epochs, value, err));
}

bool cr_store_eliminate(cr_store *store, size_t setting, cr_error *err)
{
    sqlite3_stmt *s = prepare(store, ELIMINATE, err);
    int at = 0;
    if (!s)
        return false;
    bind_integer(s, &at, setting);
    return run(store, s, err);
}

static cr_trial_status status_named(const char *name)
{
    for (int i = 0; i <= CR_TRIAL_ELIMINATED; i++)
        if (strcmp(name, cr_trial_status_names[i]) == 0)
            return (cr_trial_status)i;
    return CR_TRIAL_FAILED;
}

static const char *column_text(sqlite3_stmt *s, int column)
{
    const char *text = (const char *)sqlite3_column_text(s, column);
    return text ? text : "";
}

static double column_number(sqlite3_stmt *s, int column)
{
    return sqlite3_column_type(s, column) == SQLITE_NULL
               ? NAN
               : sqlite3_column_double(s, column);
}

bool cr_store_value_is(cr_store *store, const char *column, cr_error *err)
{
    char sql[160];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM pragma_table_info('trials') WHERE name = '%.40s' AND "
             "type = 'REAL'",
             strchr(column, '\'') ? "" : column);
    char *found = query_text(store, sql, err);
    bool known = found && strcmp(found, "1") == 0;
    cr_free(found);
    if (!found)
        return false;
    if (!known)
        return cr_fail(err, CR_E_USAGE,
                       "unknown metric \"%s\"; known: train_, validation_ and test_ with "
                       "loss, accuracy or rmse, regularization_loss, time_s",
                       column);
    snprintf(store->value_column, sizeof store->value_column, "%s", column);
    return true;
}

bool cr_store_visit(cr_store *store, long setting,
                    bool (*take)(void *user, const cr_store_row *row), void *user,
                    cr_error *err)
{
    sqlite3_stmt *s =
        prepare(store, setting == CR_ALL_SETTINGS ? SELECT_ALL : SELECT_SETTING, err);
    if (!s)
        return false;
    if (setting != CR_ALL_SETTINGS)
        sqlite3_bind_int64(s, 1, setting);
    int code = SQLITE_ROW;
    bool going = true;
    while (going && (code = sqlite3_step(s)) == SQLITE_ROW) {
        cr_store_row row = {
            .trial = (size_t)sqlite3_column_int64(s, 0),
            .setting = (size_t)sqlite3_column_int64(s, 1),
            .repeat = (size_t)sqlite3_column_int64(s, 2),
            .fold = (size_t)sqlite3_column_int64(s, 3),
            .seed = sqlite3_column_int64(s, 4),
            .status = status_named(column_text(s, 5)),
            .parameters = column_text(s, 6),
            .error = column_text(s, 7),
            .value = column_number(s, 8),
            .seconds = column_number(s, 9),
            .epochs = (size_t)sqlite3_column_int64(s, 10),
            .parameter_count = (size_t)sqlite3_column_int64(s, 11),
        };
        going = take(user, &row);
    }
    bool good = !going || code == SQLITE_DONE || failed(store, "read it", err);
    sqlite3_reset(s);
    return good;
}

bool cr_store_rung(cr_store *store, size_t trial, int rung, double *value)
{
    sqlite3_stmt *s = prepare(store, RUNG, NULL);
    if (!s)
        return false;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)trial);
    sqlite3_bind_int(s, 2, rung);
    bool found = sqlite3_step(s) == SQLITE_ROW;
    *value = found ? column_number(s, 0) : NAN;
    sqlite3_reset(s);
    return found;
}

static size_t query_count(cr_store *store, const char *sql, cr_error *err)
{
    unsigned long long count = 0;
    char *text = query_text(store, sql, err);
    if (text)
        sscanf(text, "%llu", &count);
    cr_free(text);
    return (size_t)count;
}

bool cr_store_describe(cr_store *store, cr_store_sweep *sweep, cr_error *err)
{
    *sweep = (cr_store_sweep){
        .name = query_text(store, "SELECT name FROM sweep", err),
        .sections = query_text(store, "SELECT sweep FROM sweep", err),
        .metric = query_text(store, "SELECT metric FROM sweep", err),
        .goal = query_text(store, "SELECT goal FROM sweep", err),
        .trials = query_count(store, "SELECT trials FROM sweep", err),
        .settings = query_count(store, "SELECT settings FROM sweep", err),
        .repeats = query_count(store, "SELECT repeats FROM sweep", err),
        .folds = query_count(store, "SELECT folds FROM sweep", err),
    };
    if (sweep->name && sweep->sections && sweep->metric && sweep->goal)
        return true;
    cr_store_sweep_finish(sweep);
    return false;
}

void cr_store_sweep_finish(cr_store_sweep *sweep)
{
    cr_free(sweep->name);
    cr_free(sweep->sections);
    cr_free(sweep->metric);
    cr_free(sweep->goal);
    *sweep = (cr_store_sweep){0};
}
