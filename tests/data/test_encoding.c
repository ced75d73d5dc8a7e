/* A messy table becomes the numbers that scikit-learn makes of it (golden/tables.py). */
#include "config/document.h"
#include "config/json.h"
#include "data/encoding_metadata.h"
#include "files.h"
#include "fixture.h"
#include "tables.h"

#include <chainrule/train.h>

static const cr_json *member(const cr_json *object, const char *key)
{
    const cr_json *found = cr_json_get(object, key);
    assert_non_null(found);
    return found;
}

static void compare(const cr_json *expected, const cr_real *values, size_t rows,
                    size_t features, size_t stride)
{
    assert_int_equal(cr_json_count(expected), rows);
    size_t i = 0;
    for (const cr_json *row = cr_json_first(expected); row;
         row = cr_json_next(row), i++) {
        assert_int_equal(cr_json_count(row), features);
        size_t j = 0;
        for (const cr_json *v = cr_json_first(row); v; v = cr_json_next(v), j++)
            if (!(fabs((double)values[i * stride + j] - cr_json_number(v)) < 1e-5))
                fail_msg("row %zu feature %zu: %g, scikit-learn has %g", i, j,
                         (double)values[i * stride + j], cr_json_number(v));
    }
}

static void learn(const char *path, cr_missing missing, cr_dataset *dataset,
                  cr_encoding *encoding)
{
    cr_raw raw;
    cr_error err = CR_ERROR_INIT;
    const cr_column_kind kinds[] = {CR_COLUMN_SKIP, CR_COLUMN_GUESS, CR_COLUMN_GUESS,
                                    CR_COLUMN_WORD, CR_COLUMN_GUESS, CR_COLUMN_GUESS};
    const size_t target = 0;
    const tables_plan plan = {&target, 1, kinds, true, missing, NULL};
    const cr_source source = tables_source(path, -1);
    if (!tables_learn(&source, &plan, &raw, encoding, &err))
        fail_msg("%s", err.text);
    assert_int_equal(encoding->file_columns, 6);
    assert_int_equal(encoding->columns.count, 5); /* there is a header */
    cr_part all = {.count = raw.rows};
    const cr_normalization how = {.kind = CR_NORMALIZE_STANDARDIZE};
    assert_true(cr_normalize_fit(encoding, &how, &raw, &all, NULL));
    assert_true(cr_dataset_encode(dataset, &raw, encoding, NULL));
}

/* As predict reads it: by an encoding that went through a model's metadata. */
static void check_other(const cr_encoding *learned, const char *path,
                        const cr_json *expected)
{
    cr_encoding encoding;
    cr_json *metadata = cr_json_new(CR_JSON_OBJECT);
    cr_dataset other;
    cr_error err = CR_ERROR_INIT;
    assert_true(cr_encoding_metadata_write(learned, metadata, NULL));
    const cr_source source = tables_source(path, -1);
    if (!cr_encoding_metadata_read(&encoding, "m", metadata, &err) ||
        !cr_dataset_load(&other, &source, &encoding, CR_TARGET_IGNORED, &err))
        fail_msg("%s", err.text);
    compare(expected, other.values, other.examples, other.features, other.stride);
    cr_dataset_finish(&other);
    cr_encoding_finish(&encoding);
    cr_json_free(metadata);
}

static void check_case(const char *path, const char *other, const cr_json *c)
{
    static const struct {
        const char *name;
        cr_missing missing;
    } modes[] = {{"mean", CR_MISSING_MEAN},
                 {"indicator", CR_MISSING_INDICATOR},
                 {"drop", CR_MISSING_DROP}};
    size_t mode = 0;
    while (strcmp(modes[mode].name, cr_json_string(member(c, "missing"))) != 0)
        mode++;
    cr_dataset d;
    cr_encoding e;
    learn(path, modes[mode].missing, &d, &e);
    assert_int_equal(d.examples + d.left_out, 8);
    compare(member(c, "train"), d.values, d.examples, d.features, d.stride);
    size_t i = 0;
    const cr_json *labels = member(c, "labels");
    for (const cr_json *v = cr_json_first(labels); v; v = cr_json_next(v), i++)
        assert_int_equal(d.labels[i], (int)cr_json_number(v));
    if (modes[mode].missing != CR_MISSING_DROP)
        check_other(&e, other, member(c, "new"));
    cr_dataset_finish(&d);
    cr_encoding_finish(&e);
}

static void test_encoding_is_that_of_scikit_learn(void **state)
{
    (void)state;
    char path[512], messy[256], other[256];
    cr_document golden;
    snprintf(path, sizeof path, "%s/tables.json", getenv("CHAINRULE_GOLDEN"));
    assert_true(cr_document_read(&golden, path, NULL));
    strcpy(messy,
           files_write_text("messy.csv", cr_json_string(member(golden.root, "text"))));
    strcpy(other,
           files_write_text("new.csv", cr_json_string(member(golden.root, "new"))));
    const cr_json *cases = member(golden.root, "cases");
    assert_int_equal(cr_json_count(cases), 3);
    for (const cr_json *c = cr_json_first(cases); c; c = cr_json_next(c))
        check_case(messy, other, c);
    cr_document_finish(&golden);
}

/* What a model says of its inputs is not believed before it fits together. */
static void test_encoding_read_refuses_contradictions(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "{}",
        "[]",
        "{\"file_columns\":3,\"missing\":\"often\"}",
        "{\"file_columns\":3,\"missing\":\"mean\"}",
        "{\"file_columns\":2,\"missing\":\"drop\"}",
        "{\"file_columns\":3,\"missing\":\"drop\",\"columns\":[]}",
        "{\"file_columns\":3,\"missing\":\"drop\",\"columns\":[{\"position\":0}]}",
        "{\"file_columns\":3,\"missing\":\"drop\",\"columns\":[{\"position\":0},"
        "{\"position\":1}]}",
        "{\"file_columns\":3,\"missing\":\"drop\",\"columns\":[{\"position\":0},"
        "{\"position\":1,\"words\":[]}]}",
        "{\"file_columns\":3,\"missing\":\"drop\",\"columns\":[{\"position\":0},"
        "{\"position\":2,\"words\":[\"u\",\"v\"]}]}",
        "{\"file_columns\":3,\"missing\":\"drop\",\"columns\":[{\"position\":1},"
        "{\"position\":0,\"words\":[\"u\",\"v\"]}]}",
        "{\"file_columns\":3,\"missing\":\"drop\",\"columns\":[1,2]}",
        "{\"file_columns\":3,\"missing\":\"drop\",\"missing_values\":{},\"columns\":[{"
        "\"position\":0},{\"position\":1,\"words\":[\"u\",\"v\"]}]}",
        "{\"file_columns\":3,\"missing\":\"drop\",\"cells\":{\"decimal\":\"x\"},"
        "\"columns\":[{\"position\":0},{\"position\":1,\"words\":[\"u\",\"v\"]}]}",
        "{\"file_columns\":3,\"missing\":\"drop\",\"cells\":{\"type\":\"date\"},"
        "\"columns\":[{\"position\":0},{\"position\":1,\"words\":[\"u\",\"v\"]}]}",
        "{\"file_columns\":3,\"missing\":\"drop\",\"columns\":[{\"position\":0,"
        "\"format\":{\"type\":\"date\"}},{\"position\":1,\"words\":[\"u\",\"v\"]}]}",
        "{\"file_columns\":3,\"missing\":\"drop\",\"columns\":[{\"position\":0,"
        "\"format\":{\"type\":\"number\",\"parts\":[\"day\"]}},{\"position\":1,"
        "\"words\":[\"u\",\"v\"]}]}",
        "{\"file_columns\":3,\"missing\":\"drop\",\"columns\":[{\"position\":0,"
        "\"format\":{\"type\":\"date\",\"parts\":[\"day\",\"age\"]}},{\"position\":1,"
        "\"words\":[\"u\",\"v\"]}]}",
        "{\"file_columns\":3,\"missing\":\"drop\",\"columns\":[{\"position\":0,"
        "\"format\":{\"type\":\"date\",\"format\":\"%Q\",\"parts\":[\"day\"]}},{"
        "\"position\":1,\"words\":[\"u\",\"v\"]}]}",
        "{\"file_columns\":3,\"missing\":\"drop\",\"columns\":[{\"position\":0},{"
        "\"position\":1,\"words\":[\"u\",\"v\"],\"format\":{\"type\":\"date\","
        "\"parts\":[\"day\"]}}]}",
    };
    cr_raw raw;
    cr_encoding e, back;
    const size_t target = 2;
    const tables_plan plan = {.targets = &target, .target_count = 1};
    const cr_source source =
        tables_source(files_write_text("t.csv", "a,b,y\n1,u,3\n2,v,3\n"), 1);
    assert_true(tables_learn(&source, &plan, &raw, &e, NULL));
    assert_int_equal(e.features, 3);
    cr_json *metadata = cr_json_new(CR_JSON_OBJECT);
    assert_true(cr_encoding_metadata_write(&e, metadata, NULL));
    assert_true(cr_encoding_metadata_read(&back, "m", metadata, NULL));
    cr_encoding_finish(&back);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_true(cr_json_set_string(metadata, "inputs", wrong[i]));
        if (cr_encoding_metadata_read(&back, "m", metadata, NULL))
            fail_msg("believed %s", wrong[i]);
    }
    cr_json_free(metadata);
    cr_raw_finish(&raw);
    cr_encoding_finish(&e);
}

/* A table of all kinds of cells, and a config that says how they are written. */
static cr_experiment *load_cells(void)
{
    cr_error err = CR_ERROR_INIT;
    files_write_text("cells.csv", "when;paid;n;mass;y\n"
                                  "1.3.2024;1.230,50 \xE2\x82\xAC;1,5;2 kg;5 %\n"
                                  "2.4.2024;-;-9,0;kg 3;6%\n"
                                  "-;(5);2;4;7,5%\n");
    const char *path = files_write_text(
        "c.json",
        "{\"data\": {\"train\": \"cells.csv\", \"target\": \"y\", \"missing\": "
        "\"indicator\", \"decimal\": \",\", \"thousands\": \".\", \"missing_values\": "
        "[\"-\", -9], \"types\": {\"when\": {\"type\": \"date\", \"format\": "
        "\"%d.%m.%Y\", \"cyclic\": true}, \"paid\": \"currency\", \"3\": {\"type\": "
        "\"number\", \"unit\": \"kg\"}, \"-1\": \"percent\"}}, \"model\": {\"layers\": "
        "[{\"type\": \"linear\"}]}, \"loss\": {\"type\": \"l2\"}}");
    cr_experiment *e = cr_experiment_load(path, NULL, 0, &err);
    if (!e)
        fail_msg("%s", err.text);
    return e;
}

static void check_cells(const cr_encoding *e)
{
    assert_int_equal(e->cells.number.decimal, ',');
    assert_int_equal(e->cells.number.thousands, '.');
    assert_int_equal(e->gaps.words.count, 2);
    assert_true(cr_missing_words_have_number(&e->gaps, -9));
    assert_int_equal(e->inputs[0].format.type, CR_CELL_DATE);
    assert_string_equal(e->inputs[0].format.date, "%d.%m.%Y");
    assert_true(e->inputs[0].format.cyclic);
    assert_int_equal(e->inputs[0].format.parts, 1u << CR_DATE_TIME | 1u << CR_DATE_MONTH |
                                                    1u << CR_DATE_DAY |
                                                    1u << CR_DATE_WEEKDAY);
    assert_int_equal(e->inputs[0].count, 8); /* time, three pairs, missing */
    assert_int_equal(e->inputs[1].format.type, CR_CELL_CURRENCY);
    assert_int_equal(e->inputs[1].format.number.decimal, ',');
    assert_int_equal(e->inputs[2].format.type, CR_CELL_ANY);
    assert_string_equal(e->inputs[3].format.number.unit, "kg");
    assert_int_equal(e->target_formats[0].type, CR_CELL_PERCENT);
    assert_int_equal(e->features, 8 + 2 + 2 + 1);
}

static void test_encoding_keeps_how_cells_are_written(void **state)
{
    (void)state;
    cr_encoding back;
    cr_experiment *experiment = load_cells();
    const cr_encoding *e = cr_experiment_model(experiment)->encoding;
    check_cells(e);
    const double means[] = {0, 0, 0, 0, 0, 0, 0, 1. / 3, 612.75, 1. / 3, 1.75, 1. / 3, 3};
    for (size_t j = 7; j < 13; j++) /* sums of two or three exact numbers */
        assert_true(fabs(e->fill[j] - means[j]) < 1e-12);
    assert_true(e->fill[0] == (19783 + 19815) / 2.); /* days to 2024-03-01 and -04-02 */
    cr_json *metadata = cr_json_new(CR_JSON_OBJECT);
    assert_true(cr_encoding_metadata_write(e, metadata, NULL));
    assert_true(cr_encoding_metadata_read(&back, "m", metadata, NULL));
    check_cells(&back);
    cr_column columns[5];
    assert_true(cr_encoding_match(&back, "f", NULL, 5, CR_TARGET_NEEDED, columns, NULL));
    assert_int_equal(columns[0].kind, CR_COLUMN_DATE);
    assert_ptr_equal(columns[1].format, &back.inputs[1].format);
    assert_ptr_equal(columns[2].format, &back.cells);
    assert_ptr_equal(columns[4].format, &back.target_formats[0]);
    assert_ptr_equal(columns[4].gaps, &back.gaps);
    cr_encoding_finish(&back);
    cr_json_free(metadata);
    cr_experiment_destroy(experiment);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encoding_is_that_of_scikit_learn),
        cmocka_unit_test(test_encoding_read_refuses_contradictions),
        cmocka_unit_test(test_encoding_keeps_how_cells_are_written),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
