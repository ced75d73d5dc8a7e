/* Normalisation against NumPy's (golden/offsets.py), of columns close to 0 and far from it. */
#include "files.h"
#include "golden_file.h"
#include "tables.h"

enum { MOST = 128 };

/* Learns the encoding of a table of the column "a", NaN for a gap, and a target. */
static cr_encoding learn(size_t rows, const double *values)
{
    cr_text text = {0};
    cr_text_add(&text, "a,y\n");
    for (size_t i = 0; i < rows; i++)
        if (isnan(values[i]))
            cr_text_add(&text, ",1\n");
        else
            cr_text_add(&text, "%.17g,1\n", values[i]);
    cr_raw raw;
    cr_encoding encoding;
    cr_error err = CR_ERROR_INIT;
    const size_t target = 1;
    const tables_plan plan = {&target, 1, NULL, false, CR_MISSING_MEAN, NULL};
    const cr_source source = tables_source(files_write_text("t.csv", text.data), 1);
    if (!tables_learn(&source, &plan, &raw, &encoding, &err))
        fail_msg("%s", err.text);
    const cr_part all = {.count = raw.rows};
    const cr_normalization how = {.kind = CR_NORMALIZE_STANDARDIZE};
    assert_true(cr_normalize_fit(&encoding, &how, &raw, &all, NULL));
    cr_raw_finish(&raw);
    cr_text_finish(&text);
    return encoding;
}

static void test_standardize_is_that_of_numpy_at_every_offset(void **state)
{
    (void)state;
    cr_document golden = golden_read("offsets.json");
    const cr_json *columns = cr_json_get(golden.root, "columns");
    assert_int_equal(cr_json_count(columns), 3);
    for (const cr_json *c = cr_json_first(columns); c; c = cr_json_next(c)) {
        double values[MOST];
        size_t rows = golden_numbers(c, "values", MOST, values);
        double mean = golden_number(c, "mean"), deviation = golden_number(c, "deviation");
        cr_encoding e = learn(rows, values);
        /* a double's step at the mean, a few times: the cells themselves have half of one */
        double step = 4 * fmax(1, fabs(mean)) * 0x1p-52;
        assert_true(fabs(e.fill[0] - mean) <= step);
        assert_true(fabs(e.shift[0] - mean) <= step);
        assert_true(fabs(1 / e.scale[0] - deviation) <= step);
        cr_encoding_finish(&e);
    }
    cr_document_finish(&golden);
}

/* Also where some are missing: rounding must not look like a deviation, which would be
 * scaled to 1. */
static void test_standardize_of_equal_numbers(void **state)
{
    (void)state;
    static const double of[] = {0.1, 1234567.1, -1e9 / 3};
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
        double values[MOST];
        for (size_t j = 0; j < MOST; j++)
            values[j] = j % 7 == 0 ? (double)NAN : of[i];
        cr_encoding e = learn(MOST, values);
        assert_true(e.fill[0] == of[i]);
        assert_true(e.shift[0] == of[i]);
        assert_true(e.scale[0] == 1);
        cr_encoding_finish(&e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_standardize_is_that_of_numpy_at_every_offset),
        cmocka_unit_test(test_standardize_of_equal_numbers),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
