#include "sweep/store.h"

#include "base/directory.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "math/product.h"
#include "measure/metric.h"
#include "sweep/store_database.h"
#include "sweep/store_lock.h"
#include "sweep/store_moves.h"
#include "sweep/store_record.h"
#include "sweep/sweep_difference.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct cr_store {
    cr_store_database *database;
    char *directory, *path; /* path: of the file */
    int lock; /* the open file that locks the directory; -1: the store is only read */
    bool in_transaction, counted; /* counted: events is the number of those there are */
    size_t events;
    const char *value_column; /* static */
};

bool cr_store_exists(const char *directory)
{
    char *path = cr_path_join(directory, "sweep.db", NULL);
    bool exists = path && !cr_file_problem(path);
    cr_free(path);
    return exists;
}

static cr_store *open_file(const char *directory, bool writes, cr_error *err)
{
    cr_store *store = cr_alloc(1, sizeof *store, err);
    if (!store)
        return NULL;
    store->lock = -1;
    store->value_column = "value";
    store->directory = cr_text_copy(directory, strlen(directory), err);
    store->path = cr_path_join(directory, "sweep.db", err);
    if (store->directory && store->path)
        store->database = cr_store_database_open(store->path, writes, err);
    if (store->database)
        return store;
    cr_store_close(store);
    return NULL;
}

void cr_store_close(cr_store *store)
{
    if (!store)
        return;
    cr_store_database_close(store->database);
    if (store->lock >= 0)
        close(store->lock);
    cr_free(store->directory);
    cr_free(store->path);
    cr_free(store);
}

/* The format of the database; 0 for one that is empty yet, -1 with err. */
static int read_version(cr_store *store, cr_error *err)
{
    int version = cr_store_database_version(store->database, err);
    if (version <= 0 || version == CR_STORE_VERSION)
        return version;
    cr_fail(err, CR_E_DATA,
            "%s: its format is version %d, but this program knows version %d; read it "
            "with the program that made it, or choose another directory",
            store->path, version, CR_STORE_VERSION);
    return -1;
}

static bool add(cr_store *store, int table, const void *record, cr_error *err)
{
    return cr_store_database_add(store->database, &cr_store_tables[table], record, err);
}

/* Executes the statements, which it takes the ownership of. */
static bool execute(cr_store *store, cr_text *sql, cr_error *err)
{
    bool good = sql->failed ? cr_fail(err, CR_E_MEMORY, "out of memory")
                            : cr_store_database_execute(store->database, sql->data, err);
    cr_text_finish(sql);
    return good;
}

/* The row of the sweep; created: when, NULL: now. */
static bool add_sweep(cr_store *store, const cr_sweep_plan *plan, const char *created,
                      cr_error *err)
{
    cr_store_sweep row;
    cr_store_texts texts = {0};
    bool good = cr_store_record_sweep(plan, &row, &texts, err);
    if (created)
        row.created = created;
    good = good && add(store, CR_STORE_SWEEP, &row, err);
    cr_store_record_finish(&texts);
    return good;
}

/* Tables, index and view, and the row of the sweep. */
static bool create(cr_store *store, const cr_sweep_plan *plan, cr_error *err)
{
    cr_text sql = {0};
    cr_text_add(&sql, "BEGIN IMMEDIATE;");
    for (int i = 0; i < CR_STORE_TABLES; i++)
        cr_store_schema_create(&cr_store_tables[i], &sql);
    cr_store_schema_view(&plan->section, &sql);
    cr_text_add(&sql, ";PRAGMA user_version = %d", CR_STORE_VERSION);
    return execute(store, &sql, err) && add_sweep(store, plan, NULL, err) &&
           cr_store_database_commit(store->database, err);
}

/* What a database of an earlier version of this program has not. */
static bool create_missing(cr_store *store, cr_error *err)
{
    cr_text sql = {0};
    for (int i = CR_STORE_SETTINGS; i < CR_STORE_TABLES; i++)
        cr_store_schema_create(&cr_store_tables[i], &sql);
    return execute(store, &sql, err);
}

/* Columns of an earlier version are added, and a growth that was cut off is finished. */
static bool end_changes(cr_store *store, cr_error *err)
{
    return cr_store_database_complete(store->database, &cr_store_tables[CR_STORE_TRIALS],
                                      err) &&
           cr_store_moves_end(store->database, store->directory, err);
}

static bool refuse(const char *directory, const cr_store_sweep *found,
                   const cr_sweep_plan *plan, cr_error *err)
{
    cr_text difference = {0};
    cr_sweep_difference_describe(directory, found, plan, &difference);
    cr_sweep_difference_refuse(directory, &difference, err);
    cr_text_finish(&difference);
    return false;
}

/* Whether the database is of this plan's sweep. */
static bool compare(cr_store *store, const char *directory, cr_sweep_plan *plan,
                    bool *other, cr_text *warnings, cr_error *err)
{
    char identity[CR_HASH_TEXT], kernel[CR_PRODUCT_KERNEL];
    cr_store_sweep found;
    if (!cr_store_moves_give_settings(store->database, plan, err) ||
        !cr_store_describe(store, &found, err))
        return false;
    bool good = true;
    *other = strcmp(found.identity, cr_hash_format(plan->identity, identity)) != 0;
    if (*other)
        good = refuse(directory, &found, plan, err);
    else if (strcmp(found.version, CR_VERSION) != 0 ||
             strcmp(found.kernel, cr_product_kernel(kernel)) != 0)
        cr_text_add_line(
            warnings,
            "%s: it was begun by version %s, kernels %s; this is %s, kernels %s: "
            "the same trial may have other bits",
            store->path, found.version, found.kernel, CR_VERSION, kernel);
    cr_store_sweep_finish(&found);
    return good;
}

/* Takes the directory for this process. */
static bool take_directory(cr_store *store, cr_error *err)
{
    return cr_store_lock_take(store->directory, &store->lock, err) &&
           cr_store_database_execute(store->database, "PRAGMA journal_mode = TRUNCATE",
                                     err);
}

cr_store *cr_store_open(const char *directory, cr_sweep_plan *plan, bool *other,
                        cr_text *warnings, cr_error *err)
{
    *other = false;
    cr_store *store = NULL;
    if (cr_directory_create(directory, err))
        store = open_file(directory, true, err);
    if (!store)
        return NULL;
    int version = read_version(store, err);
    if (version > 0 && !(create_missing(store, err) &&
                         compare(store, directory, plan, other, warnings, err)))
        version = -1;
    bool good = version >= 0 && take_directory(store, err);
    if (good && version == 0) { /* or somebody else has made it meanwhile */
        version = read_version(store, err);
        good = version == 0
                   ? create(store, plan, err)
                   : version > 0 && compare(store, directory, plan, other, warnings, err);
    }
    if (good && end_changes(store, err))
        return store;
    cr_store_close(store);
    return NULL;
}

cr_store *cr_store_open_to_grow(const char *directory, cr_error *err)
{
    cr_store *store = open_file(directory, true, err);
    if (store && read_version(store, err) > 0 && take_directory(store, err) &&
        create_missing(store, err) && end_changes(store, err))
        return store;
    cr_store_close(store);
    return NULL;
}

bool cr_store_grow(cr_store *store, const cr_sweep_plan *plan, const cr_store_move *moves,
                   size_t count, cr_error *err)
{
    cr_text view = {0};
    cr_store_sweep found;
    cr_store_schema_view(&plan->section, &view);
    bool good = cr_store_describe(store, &found, err) && cr_store_begin(store, err) &&
                cr_store_moves_begin(store->database, plan, moves, count, err) &&
                execute(store, &view, err) &&
                add_sweep(store, plan, found.created, err) && cr_store_commit(store, err);
    cr_text_finish(&view);
    cr_store_sweep_finish(&found);
    return good && cr_store_moves_end(store->database, store->directory, err);
}

static bool has_no_sweep(const cr_store *store, cr_error *err)
{
    return cr_fail(err, CR_E_DATA, "%s: there is no sweep in it", store->path);
}

cr_store *cr_store_open_read(const char *directory, cr_error *err)
{
    cr_store *store = open_file(directory, false, err);
    int version = store ? read_version(store, err) : -1;
    if (version > 0)
        return store;
    if (version == 0)
        (void)has_no_sweep(store, err);
    cr_store_close(store);
    return NULL;
}

bool cr_store_begin(cr_store *store, cr_error *err)
{
    if (!store->in_transaction)
        store->in_transaction = cr_store_database_begin(store->database, err);
    return store->in_transaction;
}

bool cr_store_commit(cr_store *store, cr_error *err)
{
    if (!store->in_transaction)
        return true;
    store->in_transaction = false;
    return cr_store_database_commit(store->database, err);
}

bool cr_store_add(cr_store *store, const cr_sweep_plan *plan, size_t number,
                  const cr_trial_result *result, int rung, cr_error *err)
{
    cr_store_row row;
    cr_store_texts texts = {0};
    bool good = cr_store_record_trial(plan, number, result, &row, &texts, err) &&
                add(store, CR_STORE_TRIALS, &row, err);
    for (size_t i = 0; good && i < result->epoch_count; i++) {
        cr_store_epoch epoch;
        cr_store_record_epoch(number, &result->rows[i], result->has_accuracy, &epoch,
                              &texts);
        good = add(store, CR_STORE_METRICS, &epoch, err);
    }
    if (good && rung >= 0) {
        const cr_store_rung value = {number, (size_t)rung, row.epochs, row.value};
        good = add(store, CR_STORE_RUNGS, &value, err);
    }
    cr_store_record_finish(&texts);
    return good;
}

bool cr_store_add_setting(cr_store *store, const cr_sweep_plan *plan, size_t setting,
                          cr_error *err)
{
    return cr_store_moves_add_setting(store->database, plan, setting, err);
}

static bool count_event(void *user, const void *record)
{
    const cr_store_event *row = record;
    *(size_t *)user = row->number + 1;
    return true;
}

bool cr_store_add_event(cr_store *store, const cr_store_event *event, cr_error *err)
{
    const cr_store_table *table = &cr_store_tables[CR_STORE_HISTORY];
    if (!store->counted && !cr_store_database_visit(store->database, table, "",
                                                    count_event, &store->events, err))
        return false;
    store->counted = true;
    cr_store_event row = *event;
    row.number = store->events++;
    return add(store, CR_STORE_HISTORY, &row, err);
}

bool cr_store_eliminate(cr_store *store, size_t setting, cr_error *err)
{
    char sql[160];
    snprintf(sql, sizeof sql,
             "UPDATE trials SET status = 'eliminated' WHERE setting = %zu AND status IN "
             "('completed', 'stopped_early')",
             setting);
    return cr_store_database_execute(store->database, sql, err);
}

bool cr_store_value_is(cr_store *store, const char *column, cr_error *err)
{
    const cr_store_table *table = &cr_store_tables[CR_STORE_TRIALS];
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].kind == CR_STORE_NUMBER &&
            strcmp(table->columns[i].name, column) == 0) {
            store->value_column = table->columns[i].name;
            return true;
        }
    const char *near = cr_metric_nearest(column, CR_PARTS, true);
    return cr_fail(
        err, CR_E_USAGE,
        "unknown metric \"%s\"; %s%s%sknown: train_, validation_ and test_ with "
        "loss, accuracy or rmse, regularization_loss, time_s",
        column, near ? "did you mean \"" : "", near ? near : "", near ? "\"? " : "");
}

/* Whom a visit hands its rows to: one of the three. */
typedef struct visitor {
    bool (*row)(void *user, const cr_store_row *row);
    bool (*rung)(void *user, const cr_store_rung *rung);
    bool (*epoch)(void *user, const cr_store_epoch *epoch);
    void *user;
} visitor;

static bool take_row(void *user, const void *record)
{
    const visitor *v = user;
    return v->row(v->user, record);
}

static bool take_rung(void *user, const void *record)
{
    const visitor *v = user;
    return v->rung(v->user, record);
}

static bool take_epoch(void *user, const void *record)
{
    const visitor *v = user;
    return v->epoch(v->user, record);
}

bool cr_store_visit(cr_store *store, bool (*take)(void *user, const cr_store_row *row),
                    void *user, cr_error *err)
{
    visitor v = {.row = take, .user = user};
    return cr_store_database_visit(store->database, &cr_store_tables[CR_STORE_TRIALS],
                                   store->value_column, take_row, &v, err);
}

bool cr_store_visit_rungs(cr_store *store,
                          bool (*take)(void *user, const cr_store_rung *rung), void *user,
                          cr_error *err)
{
    visitor v = {.rung = take, .user = user};
    return cr_store_database_visit(store->database, &cr_store_tables[CR_STORE_RUNGS],
                                   store->value_column, take_rung, &v, err);
}

bool cr_store_visit_epochs(cr_store *store,
                           bool (*take)(void *user, const cr_store_epoch *epoch),
                           void *user, cr_error *err)
{
    visitor v = {.epoch = take, .user = user};
    return cr_store_database_visit(store->database, &cr_store_tables[CR_STORE_METRICS],
                                   store->value_column, take_epoch, &v, err);
}

/* The place of a text of `sweep` that is read; NULL for another column. */
static const char **text_place(cr_store_sweep *sweep, const cr_store_column *column)
{
    return column->kind == CR_STORE_TEXT && (column->uses & CR_STORE_READ)
               ? (const char **)(void *)((char *)sweep + column->offset)
               : NULL;
}

typedef struct description {
    cr_store_sweep *sweep;
    bool found;
} description;

/* Copies the record with its texts. One that could not be copied is NULL. */
static bool take_sweep(void *user, const void *record)
{
    const cr_store_table *table = &cr_store_tables[CR_STORE_SWEEP];
    description *d = user;
    cr_store_sweep *sweep = d->sweep;
    d->found = true;
    *sweep = *(const cr_store_sweep *)record;
    for (size_t i = 0; i < table->column_count; i++) {
        const char **text = text_place(sweep, &table->columns[i]);
        if (text)
            *text = cr_text_copy(*text, strlen(*text), NULL);
    }
    return false;
}

bool cr_store_describe(cr_store *store, cr_store_sweep *sweep, cr_error *err)
{
    const cr_store_table *table = &cr_store_tables[CR_STORE_SWEEP];
    description d = {.sweep = sweep};
    *sweep = (cr_store_sweep){0};
    bool good = cr_store_database_visit(store->database, table, store->value_column,
                                        take_sweep, &d, err);
    if (good && !d.found)
        good = has_no_sweep(store, err);
    for (size_t i = 0; good && i < table->column_count; i++) {
        const char **text = text_place(sweep, &table->columns[i]);
        good = !text || *text || cr_fail(err, CR_E_MEMORY, "out of memory");
    }
    if (!good)
        cr_store_sweep_finish(sweep);
    return good;
}

void cr_store_sweep_finish(cr_store_sweep *sweep)
{
    const cr_store_table *table = &cr_store_tables[CR_STORE_SWEEP];
    for (size_t i = 0; i < table->column_count; i++) {
        const char **text = text_place(sweep, &table->columns[i]);
        if (text)
            cr_free((void *)*text);
    }
    *sweep = (cr_store_sweep){0};
}
