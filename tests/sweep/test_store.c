/* The database: what is written is read, and nobody else's is touched. */
#include "plan_files.h"
#include "sweep/store.h"
#include "sweep/store_database.h"

#include <sqlite3.h>

static const char sweep[] = "{\"repeats\": 2, \"parameters\": {\"optimizer.learning_rate"
                            "\": {\"values\": [0.1, 0.2, 0.3]}}}";

/* A plan and a new directory's store of it. */
typedef struct place {
    cr_sweep_plan *plan;
    cr_store *store;
    char directory[256];
} place;

static void open_place(place *p, const char *name)
{
    cr_error err = CR_ERROR_INIT;
    cr_text warnings = {0};
    bool other = false;
    p->plan = plan_files_create(sweep, plan_files_whole, NULL);
    snprintf(p->directory, sizeof p->directory, "%s", files_path(name));
    p->store = cr_store_open(p->directory, p->plan, &other, &warnings, &err);
    if (!p->store)
        fail_msg("%s", err.text);
    assert_null(warnings.data);
}

static void close_place(place *p)
{
    cr_store_close(p->store);
    cr_sweep_plan_destroy(p->plan);
}

static const cr_epoch two_epochs[] = {
    {.epoch = 1, .steps = 2, .train = {4, 0.5, 0.25, 0}, .parameters_crc32 = 0xabcd},
    {.epoch = 2, .steps = 4, .train = {4, 0.4, 0.75, 0}, .parameters_crc32 = 7},
};

static cr_trial_result make_result(double value)
{
    return (cr_trial_result){.status = CR_TRIAL_COMPLETED,
                             .epochs = 2,
                             .steps = 4,
                             .parameters = 20,
                             .seconds = 0.125,
                             .parts = {{4, 0.3, 1, 0}, {3, 0.7, 0.5, 0}},
                             .regularization_loss = 0.01,
                             .value = value,
                             .epoch_count = 2,
                             .rows = two_epochs,
                             .config = "{}",
                             .error = "",
                             .has_accuracy = true};
}

static void add(place *p, size_t trial, const cr_trial_result *result, int rung)
{
    assert_true(cr_store_begin(p->store, NULL));
    assert_true(cr_store_begin(p->store, NULL)); /* is the same as once */
    assert_true(cr_store_add(p->store, p->plan, trial, result, rung, NULL));
    assert_true(cr_store_commit(p->store, NULL));
}

/* Rows that were visited, without their texts. */
typedef struct rows {
    cr_store_row row[8];
    char parameters[8][128], error[8][64];
    size_t count;
    size_t limit; /* the visit ends after so many; 0: it does not */
} rows;

static bool take_row(void *user, const cr_store_row *row)
{
    rows *r = user;
    r->row[r->count] = *row;
    snprintf(r->parameters[r->count], sizeof r->parameters[0], "%s", row->parameters);
    snprintf(r->error[r->count], sizeof r->error[0], "%s", row->error);
    return ++r->count != r->limit;
}

static void visit(cr_store *store, rows *r)
{
    size_t limit = r->limit;
    *r = (rows){.limit = limit};
    assert_true(cr_store_visit(store, take_row, r, NULL));
}

static void test_store_reads_back_what_was_added(void **state)
{
    (void)state;
    place p;
    rows r = {0};
    open_place(&p, "back");
    cr_trial_result result = make_result(0.1);
    add(&p, 3, &result, -1);
    result.value = NAN;
    result.status = CR_TRIAL_DIVERGED;
    result.error = "the loss became NaN";
    add(&p, 0, &result, -1);
    visit(p.store, &r);
    assert_int_equal(r.count, 2); /* by number */
    assert_int_equal(r.row[0].trial, 0);
    assert_int_equal(r.row[0].status, CR_TRIAL_DIVERGED);
    assert_true(isnan(r.row[0].value));
    assert_string_equal(r.error[0], "the loss became NaN");
    assert_int_equal(r.row[1].trial, 3);
    assert_int_equal(r.row[1].setting, 1);
    assert_int_equal(r.row[1].repeat, 1);
    assert_int_equal(r.row[1].fold, 0);
    assert_int_equal(r.row[1].seed, 6);
    assert_int_equal(r.row[1].status, CR_TRIAL_COMPLETED);
    assert_string_equal(r.parameters[1], "{\"optimizer.learning_rate\":0.2}");
    assert_string_equal(r.error[1], "");
    assert_true(r.row[1].value == 0.1);
    assert_true(r.row[1].seconds == 0.125);
    assert_int_equal(r.row[1].epochs, 2);
    assert_int_equal(r.row[1].parameter_count, 20);
    r.limit = 1;
    visit(p.store, &r);
    assert_int_equal(r.count, 1); /* a visitor may leave */
    close_place(&p);
}

/* A value of its own for each column of a record. */
static void fill(const cr_store_column *column, size_t number, char *record)
{
    static const char *const texts[] = {"a", "b", "c", "d", "e", "f", "g", "h",
                                        "i", "j", "k", "l", "m", "n", "o", "p"};
    void *at = record + column->offset;
    switch (column->kind) {
    case CR_STORE_COUNT:
        *(size_t *)at = number + 1; /* the first is the key: that of `sweep` is 1 */
        break;
    case CR_STORE_INTEGER:
        *(int64_t *)at = -(int64_t)number;
        break;
    case CR_STORE_NUMBER:
        *(double *)at = (double)number + 0.5;
        break;
    case CR_STORE_TEXT:
    case CR_STORE_OPTIONAL_TEXT:
        *(const char **)at = texts[number];
        break;
    case CR_STORE_STATUS:
        *(cr_trial_status *)at = CR_TRIAL_STOPPED_EARLY;
        break;
    }
}

/* What fill gave the column, as SQLite has it. */
static void assert_column(sqlite3_stmt *s, const cr_store_column *column, size_t number)
{
    char text[] = {(char)('a' + number), '\0'};
    int at = (int)number;
    assert_string_equal(sqlite3_column_name(s, at), column->name);
    if (column->kind == CR_STORE_COUNT)
        assert_int_equal(sqlite3_column_int64(s, at), number + 1);
    else if (column->kind == CR_STORE_INTEGER)
        assert_int_equal(sqlite3_column_int64(s, at), -(int64_t)number);
    else if (column->kind == CR_STORE_NUMBER)
        assert_true(sqlite3_column_double(s, at) == (double)number + 0.5);
    else
        assert_string_equal((const char *)sqlite3_column_text(s, at),
                            column->kind == CR_STORE_STATUS ? "stopped_early" : text);
}

typedef union record {
    cr_store_sweep sweep;
    cr_store_row row;
    cr_store_epoch epoch;
    cr_store_rung rung;
    char bytes[1024];
} record;

static bool take_record(void *user, const void *found)
{
    memcpy(user, found, sizeof(cr_store_row)); /* the largest */
    return false;
}

/* Every column of every table is written from its place, as SQLite itself sees, and those
 * that are read come back to it. */
static void test_store_columns_round_trip(void **state)
{
    (void)state;
    place p;
    open_place(&p, "columns");
    for (int t = 0; t < CR_STORE_TABLES; t++) {
        const cr_store_table *table = &cr_store_tables[t];
        record written = {0}, found = {0};
        char sql[64];
        sqlite3 *db = NULL;
        sqlite3_stmt *s = NULL;
        for (size_t i = 0; i < table->column_count; i++)
            fill(&table->columns[i], i, written.bytes);
        cr_store_database *database =
            cr_store_database_open(files_path("columns/sweep.db"), true, NULL);
        assert_true(cr_store_database_add(database, table, &written, NULL));
        assert_true(
            cr_store_database_visit(database, table, "value", take_record, &found, NULL));
        cr_store_database_close(database);
        snprintf(sql, sizeof sql, "SELECT * FROM %s", table->name);
        assert_int_equal(sqlite3_open(files_path("columns/sweep.db"), &db), SQLITE_OK);
        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(s), SQLITE_ROW);
        assert_int_equal(sqlite3_column_count(s), table->column_count);
        for (size_t i = 0; i < table->column_count; i++) {
            const cr_store_column *c = &table->columns[i];
            assert_column(s, c, i);
            bool is_text = c->kind == CR_STORE_TEXT || c->kind == CR_STORE_OPTIONAL_TEXT;
            size_t size = c->kind == CR_STORE_STATUS ? sizeof(cr_trial_status) : 8;
            if ((c->uses & CR_STORE_READ) && !is_text)
                assert_memory_equal(found.bytes + c->offset, written.bytes + c->offset,
                                    size);
        }
        sqlite3_finalize(s);
        sqlite3_close(db);
    }
    close_place(&p);
}

static void test_store_describes_its_sweep(void **state)
{
    (void)state;
    place p;
    cr_store_sweep found;
    open_place(&p, "described");
    cr_store_close(p.store);
    p.store = cr_store_open_read(p.directory, NULL);
    assert_non_null(p.store);
    assert_true(cr_store_describe(p.store, &found, NULL));
    assert_string_equal(found.name, "c");
    assert_string_equal(found.metric, "validation_accuracy");
    assert_string_equal(found.goal, "maximize");
    assert_non_null(strstr(found.section, "\"repeats\":2"));
    assert_int_equal(found.trials, 6);
    assert_int_equal(found.settings, 3);
    assert_int_equal(found.repeats, 2);
    assert_int_equal(found.folds, 0);
    cr_store_sweep_finish(&found);
    close_place(&p);
}

static void test_store_value_is_another_column(void **state)
{
    (void)state;
    place p;
    rows r = {0};
    cr_error err = CR_ERROR_INIT;
    open_place(&p, "column");
    cr_trial_result result = make_result(0.5);
    add(&p, 0, &result, -1);
    assert_true(cr_store_value_is(p.store, "train_loss", NULL));
    visit(p.store, &r);
    assert_true(r.row[0].value == 0.3);
    assert_false(cr_store_value_is(p.store, "epochs", &err)); /* no such number */
    assert_non_null(strstr(err.text, "unknown metric \"epochs\""));
    close_place(&p);
}

static void test_store_eliminates_what_has_a_value(void **state)
{
    (void)state;
    place p;
    rows r = {0};
    open_place(&p, "eliminated");
    cr_trial_result result = make_result(0.5);
    add(&p, 2, &result, -1);
    add(&p, 4, &result, -1);
    result.status = CR_TRIAL_DIVERGED;
    add(&p, 3, &result, -1);
    assert_true(cr_store_eliminate(p.store, 1, NULL));
    visit(p.store, &r);
    assert_int_equal(r.row[0].status, CR_TRIAL_ELIMINATED);
    assert_int_equal(r.row[1].status, CR_TRIAL_DIVERGED);
    assert_int_equal(r.row[2].status, CR_TRIAL_COMPLETED); /* of another setting */
    close_place(&p);
}

typedef struct rungs {
    cr_store_rung rung[8];
    size_t count;
} rungs;

static bool take_rung(void *user, const cr_store_rung *rung)
{
    rungs *r = user;
    r->rung[r->count++] = *rung;
    return true;
}

static void test_store_keeps_the_value_of_each_rung(void **state)
{
    (void)state;
    place p;
    rungs r = {0};
    rows trials = {0};
    open_place(&p, "rungs");
    cr_trial_result result = make_result(0.5);
    add(&p, 1, &result, 0);
    result.epochs = 6;
    result.value = 0.75;
    add(&p, 1, &result, 1);
    result.status = CR_TRIAL_DIVERGED;
    add(&p, 0, &result, 0);
    assert_true(cr_store_visit_rungs(p.store, take_rung, &r, NULL));
    assert_int_equal(r.count, 3);
    assert_int_equal(r.rung[0].trial, 0);
    assert_true(isnan(r.rung[0].value));
    assert_true(r.rung[1].value == 0.5 && r.rung[1].epochs == 2 && r.rung[1].rung == 0);
    assert_true(r.rung[2].value == 0.75 && r.rung[2].epochs == 6 && r.rung[2].rung == 1);
    visit(p.store, &trials);
    assert_int_equal(trials.count, 2); /* a trial has one row, the last */
    assert_int_equal(trials.row[1].epochs, 6);
    close_place(&p);
}

static void test_store_forgets_what_was_not_committed(void **state)
{
    (void)state;
    place p;
    rows r = {0};
    open_place(&p, "forgotten");
    cr_trial_result result = make_result(0.5);
    add(&p, 0, &result, -1);
    assert_true(cr_store_begin(p.store, NULL));
    assert_true(cr_store_add(p.store, p.plan, 1, &result, -1, NULL));
    cr_store_close(p.store); /* as if it had been killed */
    p.store = cr_store_open_read(p.directory, NULL);
    visit(p.store, &r);
    assert_int_equal(r.count, 1);
    close_place(&p);
}

static void test_store_refuses_another_sweep(void **state)
{
    (void)state;
    place p;
    cr_text warnings = {0};
    cr_error err = CR_ERROR_INIT;
    bool other = false;
    open_place(&p, "other");
    cr_store_close(p.store);
    p.store = NULL;
    cr_sweep_plan *plan = plan_files_create("{\"repeats\": 3}", plan_files_whole, NULL);
    assert_null(cr_store_open(p.directory, plan, &other, &warnings, &err));
    assert_true(other);
    assert_non_null(strstr(err.text, "it holds another sweep"));
    cr_sweep_plan_destroy(plan);
    p.store = cr_store_open(p.directory, p.plan, &other, &warnings, NULL); /* its own */
    assert_non_null(p.store);
    assert_false(other);
    close_place(&p);
}

static void test_store_refuses_what_is_no_database(void **state)
{
    (void)state;
    cr_error err = CR_ERROR_INIT;
    assert_false(cr_store_exists(files_directory));
    files_write_text("sweep.db", "no database, but as long as the head of one would be: "
                                 "a hundred bytes, and then some more of them for luck");
    assert_true(cr_store_exists(files_directory));
    assert_null(cr_store_open_read(files_directory, &err));
    assert_int_equal(err.code, CR_E_DATA);
    err = (cr_error)CR_ERROR_INIT;
    files_write_text("sweep.db", "");
    assert_null(cr_store_open_read(files_directory, &err));
    assert_non_null(strstr(err.text, "there is no sweep in it"));
    unlink(files_path("sweep.db"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_store_reads_back_what_was_added),
        cmocka_unit_test(test_store_columns_round_trip),
        cmocka_unit_test(test_store_describes_its_sweep),
        cmocka_unit_test(test_store_value_is_another_column),
        cmocka_unit_test(test_store_eliminates_what_has_a_value),
        cmocka_unit_test(test_store_keeps_the_value_of_each_rung),
        cmocka_unit_test(test_store_forgets_what_was_not_committed),
        cmocka_unit_test(test_store_refuses_another_sweep),
        cmocka_unit_test(test_store_refuses_what_is_no_database),
    };
    return cmocka_run_group_tests_name("store", tests, plan_files_setup, files_teardown);
}
