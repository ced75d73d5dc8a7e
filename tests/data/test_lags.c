/* Lags, against pandas: as a table is read, and row by row. */
#include "data/encoding_metadata.h"
#include "data/lag_history.h"
#include "data/lag_match.h"
#include "data/row_encoder.h"
#include "files.h"
#include "fixture.h"
#include "tables.h"

enum { LAGS = 5 };

static cr_document golden;
static cr_lags lags;

static const cr_json *member(const cr_json *object, const char *key)
{
    const cr_json *found = cr_json_get(object, key);
    assert_non_null(found);
    return found;
}

/* A column of the golden table by its name. */
static cr_lag_column find_column(const char *name)
{
    cr_lag_column column = {.name = (char *)name};
    const cr_json *c = cr_json_first(member(golden.root, "columns"));
    for (; strcmp(cr_json_string(c), name) != 0; c = cr_json_next(c))
        column.position++;
    return column;
}

static int setup(void **state)
{
    char path[512];
    snprintf(path, sizeof path, "%s/lags.json", getenv("CHAINRULE_GOLDEN"));
    if (files_setup(state) != 0 || !cr_document_read(&golden, path, NULL))
        return -1;
    const cr_json *c = cr_json_first(member(golden.root, "lags"));
    for (; c; c = cr_json_next(c)) {
        const char *name = cr_json_get_string(c, "group");
        cr_lag_column value = find_column(cr_json_get_string(c, "column"));
        cr_lag_column group = name ? find_column(name) : (cr_lag_column){0};
        if (!cr_lags_add(&lags, &value, name ? &group : NULL,
                         (size_t)cr_json_number(member(c, "step")), NULL))
            return -1;
    }
    return 0;
}

static int teardown(void **state)
{
    cr_lags_finish(&lags);
    cr_document_finish(&golden);
    return files_teardown(state);
}

/* The golden table, learned with its last column as the target. */
static const char *learn(cr_missing missing, cr_raw *raw, cr_encoding *encoding)
{
    const size_t target = 2;
    const tables_plan plan = {
        .targets = &target, .target_count = 1, .missing = missing, .lags = &lags};
    const char *path =
        files_write_text("lags.csv", cr_json_string(member(golden.root, "text")));
    const cr_source source = tables_source(path, 1);
    cr_error err = CR_ERROR_INIT;
    if (!tables_learn(&source, &plan, raw, encoding, &err))
        fail_msg("%s", err.text);
    return path;
}

/* Row i of the golden lags. */
static const cr_json *golden_row(size_t i)
{
    const cr_json *row = cr_json_first(member(golden.root, "values"));
    while (i-- > 0)
        row = cr_json_next(row);
    return row;
}

static void check_row(const double *found, size_t i)
{
    const cr_json *expected = cr_json_first(golden_row(i));
    for (size_t k = 0; k < LAGS; k++, expected = cr_json_next(expected))
        if (cr_json_is(expected, CR_JSON_NULL) ? !isnan(found[k])
                                               : found[k] != cr_json_number(expected))
            fail_msg("row %zu, lag %zu: found %g", i, k, found[k]);
}

static void test_lags_have_names(void **state)
{
    (void)state;
    char name[CR_LAGS_NAME];
    const cr_json *expected = cr_json_first(member(golden.root, "names"));
    assert_int_equal(lags.count, LAGS);
    assert_int_equal(lags.column_count, 3);
    assert_int_equal(cr_lags_reach(&lags), 7);
    for (size_t i = 0; i < LAGS; i++, expected = cr_json_next(expected))
        assert_string_equal(cr_lags_name(&lags, i, name), cr_json_string(expected));
}

/* In training, rows that lack history and rows with a gap are left out, and remembered. */
static void test_lags_of_a_table_are_those_of_pandas(void **state)
{
    (void)state;
    cr_raw raw;
    cr_encoding e;
    cr_dataset d;
    learn(CR_MISSING_DROP, &raw, &e);
    size_t first = e.inputs[cr_encoding_file_inputs(&e)].first;
    assert_int_equal(e.features, first + LAGS);
    assert_true(cr_dataset_encode(&d, &raw, &e, NULL));
    const cr_json *complete = member(golden.root, "complete");
    assert_int_equal(d.examples, cr_json_count(complete));
    assert_int_equal(d.examples + d.left_out + d.without_history, 40);
    assert_true(d.left_out > 0 && d.without_history > 0);
    size_t i = 0;
    for (const cr_json *c = cr_json_first(complete); c; c = cr_json_next(c), i++) {
        double found[LAGS];
        for (size_t k = 0; k < LAGS; k++) /* tenths in single precision */
            found[k] = round((double)d.values[i * d.stride + first + k] * 1e4) / 1e4;
        check_row(found, (size_t)cr_json_number(c));
    }
    cr_dataset_finish(&d);
    cr_encoding_finish(&e);
}

typedef struct reading_rows {
    cr_row_encoder *rows;
    size_t first; /* feature of a lag */
    size_t count;
    bool past_first;
} reading_rows;

static bool check_encoded(void *user, const cr_csv_row *row, cr_error *err)
{
    reading_rows *r = user;
    bool is_header = false;
    if (!r->past_first) {
        r->past_first = true;
        return cr_row_encoder_begin(r->rows, row, &is_header, err) && is_header;
    }
    if (!cr_row_encoder_read(r->rows, row, err))
        return false;
    check_row(r->rows->features + r->first, r->count++);
    return true;
}

/* Row by row, as new rows come: none is left out. */
static void test_lags_row_by_row_are_those_of_pandas(void **state)
{
    (void)state;
    cr_raw raw;
    cr_encoding e;
    cr_row_encoder rows;
    cr_error err = CR_ERROR_INIT;
    learn(CR_MISSING_MEAN, &raw, &e);
    assert_int_equal(raw.rows, 40); /* what is missing can be filled in */
    cr_raw_finish(&raw);
    assert_true(cr_row_encoder_init(&rows, &e, "lags.csv", NULL));
    reading_rows r = {&rows, e.inputs[cr_encoding_file_inputs(&e)].first, 0, false};
    const char *text = cr_json_string(member(golden.root, "text"));
    cr_table_format format = cr_table_format_default;
    format.delimiter = ',';
    cr_csv *csv = cr_csv_create("lags.csv", &format, check_encoded, &r, NULL);
    if (!cr_csv_feed(csv, text, strlen(text), &err) || !cr_csv_end(csv, &err))
        fail_msg("%s", err.text);
    assert_int_equal(r.count, 40);
    cr_csv_destroy(csv);
    cr_row_encoder_finish(&rows);
    cr_encoding_finish(&e);
}

static void test_lags_travel_with_the_encoding(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "{}",
        "[]",
        "[3]",
        "[{\"position\":2,\"column\":\"load\"}]",
        "[{\"position\":2,\"column\":\"load\",\"step\":0}]",
        "[{\"position\":2,\"column\":\"load\",\"step\":1.5}]",
        "[{\"position\":2,\"step\":1}]",
        "[{\"position\":9,\"column\":\"load\",\"step\":1}]",
        "[{\"position\":2,\"column\":\"load\",\"step\":1,\"group_position\":9,"
        "\"group\":\"site\"}]",
        "[{\"position\":1,\"column\":\"site\",\"step\":1}]",
        "[{\"position\":2,\"column\":\"load\",\"step\":1},{\"position\":2,\"column\":"
        "\"load\",\"step\":2},{\"position\":2,\"column\":\"load\",\"step\":3},"
        "{\"position\":2,\"column\":\"load\",\"step\":4},{\"position\":2,\"column\":"
        "\"load\",\"step\":5},{\"position\":2,\"column\":\"load\",\"step\":6}]",
    };
    cr_raw raw;
    cr_encoding e, back;
    learn(CR_MISSING_INDICATOR, &raw, &e);
    cr_raw_finish(&raw);
    e.fill = cr_alloc(e.features, sizeof *e.fill, NULL);
    cr_json *metadata = cr_json_new(CR_JSON_OBJECT);
    assert_true(cr_encoding_metadata_write(&e, metadata, NULL));
    assert_true(cr_encoding_metadata_read(&back, "m", metadata, NULL));
    assert_int_equal(back.lags.count, LAGS);
    assert_int_equal(back.lags.column_count, 3);
    assert_memory_equal(back.lags.items, e.lags.items, LAGS * sizeof *e.lags.items);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(back.lags.columns[i].position, e.lags.columns[i].position);
        assert_string_equal(back.lags.columns[i].name, e.lags.columns[i].name);
    }
    assert_true(back.inputs[back.input_count - 1].indicator); /* the first three rows */
    cr_encoding_finish(&back);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_true(cr_json_set_string(metadata, "lags", wrong[i]));
        if (cr_encoding_metadata_read(&back, "m", metadata, NULL))
            fail_msg("believed %s", wrong[i]);
    }
    cr_json_free(metadata);
    cr_encoding_finish(&e);
}

/* A long history is a ring: the values of rows far back are still right. */
static void test_history_of_a_long_series(void **state)
{
    (void)state;
    cr_lags long_lags = {0};
    const cr_lag_column value = {.position = 0};
    const size_t steps[] = {1, 37, 100};
    for (size_t i = 0; i < 3; i++)
        assert_true(cr_lags_add(&long_lags, &value, NULL, steps[i], NULL));
    cr_lag_history *history = cr_lag_history_create(&long_lags, NULL);
    for (size_t n = 0; n < 1000; n++) {
        double now = (double)(n * n), lagged[3];
        bool enough = false;
        assert_true(
            cr_lag_history_next(history, &now, (uint32_t[]){0}, lagged, &enough, NULL));
        assert_int_equal(enough, n >= 100);
        for (size_t i = 0; i < 3; i++) {
            double before = (double)n - (double)steps[i];
            assert_true(before < 0 ? isnan(lagged[i]) : lagged[i] == before * before);
        }
    }
    cr_lag_history_destroy(history);
    cr_lags_finish(&long_lags);
}

static void check_match(const cr_encoding *encoding, size_t count, size_t value)
{
    cr_lag_cells *cells = NULL;
    assert_true(cr_lag_match_columns(encoding, "f", NULL, count, &cells, NULL));
    assert_int_equal(cells[0].position, value);
    assert_int_equal(cells[1].position, 0);
    cr_free(cells);
}

/* Where neither file has names, columns are those of the training file in its order. */
static void test_lag_match_by_position(void **state)
{
    (void)state;
    cr_lags found = {0};
    const cr_lag_column value = {.position = 3}, group = {.position = 0};
    assert_true(cr_lags_add(&found, &value, &group, 4, NULL));
    size_t target = 1;
    cr_input inputs[2] = {{.position = 0}, {.position = 3}};
    cr_error err = CR_ERROR_INIT;
    cr_encoding e = {.lags = found,
                     .inputs = inputs,
                     .input_count = 2,
                     .file_columns = 4,
                     .target_positions = &target,
                     .target_count = 1};
    check_match(&e, 4, 3);
    check_match(&e, 3, 2);
    target = 3;
    cr_lag_cells *cells = NULL;
    assert_false(cr_lag_match_columns(&e, "f", NULL, 3, &cells, &err));
    assert_string_equal(err.text,
                        "f: found 3 columns, expected 4, with the target: the "
                        "input 3_lag4 looks at its earlier rows (cells that are "
                        "not known yet may be empty)");
    cr_free(cells);
    cr_lags_finish(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lags_have_names),
        cmocka_unit_test(test_lags_of_a_table_are_those_of_pandas),
        cmocka_unit_test(test_lags_row_by_row_are_those_of_pandas),
        cmocka_unit_test(test_lags_travel_with_the_encoding),
        cmocka_unit_test(test_history_of_a_long_series),
        cmocka_unit_test(test_lag_match_by_position),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
