/* A cell in its column: gaps, values, and what would cure one that cannot be read. */
#include "data/cell.h"
#include "data/cell_cure.h"
#include "fixture.h"

static cr_cell cell_of(const char *text)
{
    return (cr_cell){.file = "t.csv",
                     .line = 2,
                     .column_name = "x",
                     .text = text,
                     .length = strlen(text)};
}

/* What helps a cell of a column of numbers. */
static void check_cure(const cr_cell_format *format, const char *text,
                       const char *expected)
{
    const cr_cell cell = cell_of(text);
    const cr_column column = {.kind = CR_COLUMN_NUMBER, .format = format};
    cr_text cure = {0};
    cr_cell_cure(&cell, &column, &cure);
    if (strcmp(cure.length ? cure.data : "", expected) != 0)
        fail_msg("%s: %s", text, cure.length ? cure.data : "");
    cr_text_finish(&cure);
}

static void test_cure_of_plain_numbers(void **state)
{
    (void)state;
    check_cure(NULL, "1,5", "\"decimal\": \",\" in \"data\" reads it as 1.5");
    check_cure(NULL, "1_000", "\"thousands\": \"_\" in \"data\" reads it as 1000");
    check_cure(NULL,
               "1\xC2\xA0"
               "000,5",
               "\"decimal\": \",\", \"thousands\": \" \" in \"data\" reads it as 1000.5");
    check_cure(NULL,
               "\xE2\x88\x92"
               "5",
               "\"types\": {\"x\": \"number\"} in \"data\" reads it as -5");
    check_cure(
        NULL, "7 m/s",
        "\"types\": {\"x\": {\"type\": \"number\", \"unit\": \"m/s\"}} in \"data\" "
        "reads it as 7");
    check_cure(NULL, "5 and 6", "");
    check_cure(NULL, "a5b", "");
    check_cure(NULL, "", "");
    check_cure(NULL, "1,2345,6", "");
}

static void test_cure_where_something_is_said(void **state)
{
    (void)state;
    const cr_cell_format comma = {.number.decimal = ','};
    check_cure(&comma, "1.5", "\"decimal\": \".\" in \"data\" reads it as 1.5");
    check_cure(&comma, "1.500",
               "\"thousands\": \".\" in \"data\" reads it as 1500, \"decimal\": \".\" in "
               "\"data\" as 1.5");
    const cr_cell_format european = {.number = {.decimal = ',', .thousands = '.'}};
    check_cure(&european, "1.5",
               "\"decimal\": \".\", \"thousands\": \"none\" in \"data\" reads it as 1.5");
    const cr_cell_format money = {.type = CR_CELL_CURRENCY,
                                  .number = {.decimal = '.', .currency = true}};
    check_cure(&money, "$1,230.50",
               "\"types\": {\"x\": {\"type\": \"currency\", \"thousands\": \",\"}} in "
               "\"data\" reads it as 1230.5");
    check_cure(&money, "5%", "");
    char unit[] = "kg";
    const cr_cell_format mass = {
        .type = CR_CELL_NUMBER, .number = {.decimal = '.', .unit = unit}, .unit = unit};
    check_cure(&mass, "1,000.5 kg",
               "\"types\": {\"x\": {\"type\": \"number\", \"unit\": \"kg\", "
               "\"thousands\": \",\"}} in \"data\" reads it as 1000.5");
}

static void test_quantities(void **state)
{
    (void)state;
    static const char *const are[] = {
        "1,230",     "$5",         "5 EUR",          "12.5 %",    "(5.00)",
        "1.234.567", "31.12.2024", "3/1/24 5:30 PM", "1 Mar 2024"};
    static const char *const are_not[] = {"",      "red",  "5 kg",    "3rd",     "A-1043",
                                          "10-20", "65+",  "18-",     "1.2.3",   "B 5",
                                          "12:30", "none", "2 doors", "10.0.0.1"};
    for (size_t i = 0; i < CR_COUNT(are); i++)
        if (!cr_cell_cure_is_quantity(are[i], strlen(are[i])))
            fail_msg("%s is none", are[i]);
    for (size_t i = 0; i < CR_COUNT(are_not); i++)
        if (cr_cell_cure_is_quantity(are_not[i], strlen(are_not[i])))
            fail_msg("%s is one", are_not[i]);
}

static void test_read_gaps(void **state)
{
    (void)state;
    double numbers[] = {(double)NAN, -9}, value = 0;
    char *words[] = {(char[]){"-"}, (char[]){"-9"}};
    const cr_missing_words gaps = {
        .words = {.items = words, .count = 2}, .numbers = numbers, .numeric = true};
    const cr_cell_format comma = {.number.decimal = ','};
    const cr_column column = {.kind = CR_COLUMN_NUMBER, .format = &comma, .gaps = &gaps};
    static const char *const missing[] = {"-", "-9", "-9,0", "?", "", "NA"};
    for (size_t i = 0; i < CR_COUNT(missing); i++) {
        const cr_cell cell = cell_of(missing[i]);
        assert_true(cr_cell_read(&cell, &column, CR_MISSING_MEAN, &value, NULL));
        assert_true(isnan(value));
        assert_false(cr_cell_read(&cell, &column, CR_MISSING_ERROR, &value, NULL));
    }
    const cr_cell there = cell_of("-9,5"), other = cell_of("-9.5");
    assert_true(cr_cell_read(&there, &column, CR_MISSING_ERROR, &value, NULL));
    assert_true(value == -9.5);
    assert_false(cr_cell_read(&other, &column, CR_MISSING_MEAN, &value, NULL));
}

static void test_read_says_a_cure_once(void **state)
{
    (void)state;
    cr_error err = CR_ERROR_INIT;
    double value = 0;
    const cr_column column = {.kind = CR_COLUMN_NUMBER, .of_model = true};
    const cr_cell cell = cell_of("$5");
    for (int i = 0; i < 2; i++)
        assert_false(cr_cell_read(&cell, &column, CR_MISSING_ERROR, &value, &err));
    assert_string_equal(err.text,
                        "t.csv:2: column \"x\": found \"$5\", expected a number; to read "
                        "such cells, train with other keys: \"types\": {\"x\": "
                        "\"currency\"} in \"data\" reads it as 5\n"
                        "t.csv:2: column \"x\": found \"$5\", expected a number");
}

static void test_key_of_a_column(void **state)
{
    (void)state;
    char number[24];
    assert_string_equal(cr_cell_format_key("a b", 3, number), "a b");
    assert_string_equal(cr_cell_format_key("a\"b", 3, number), "3");
    assert_string_equal(cr_cell_format_key("a\nb", 3, number), "3");
    assert_string_equal(cr_cell_format_key("", 3, number), "3");
    assert_string_equal(cr_cell_format_key(NULL, 3, number), "3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cure_of_plain_numbers),
        cmocka_unit_test(test_cure_where_something_is_said),
        cmocka_unit_test(test_quantities),
        cmocka_unit_test(test_read_gaps),
        cmocka_unit_test(test_read_says_a_cure_once),
        cmocka_unit_test(test_key_of_a_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
