/* Numbers as tables write them, against what Python reads (golden/cells.py). */
#include "data/number_format.h"
#include "golden_file.h"

#include <stdio.h>

/* The format that a case of cells.json has. */
static cr_number_format format_of(const cr_json *c)
{
    return (cr_number_format){.decimal = *cr_json_get_string(c, "decimal"),
                              .thousands = *cr_json_get_string(c, "thousands"),
                              .currency = cr_json_get_bool(c, "currency", false),
                              .percent = cr_json_get_bool(c, "percent", false),
                              .unit = cr_json_get_string(c, "unit")};
}

static void test_parse_as_python(void **state)
{
    (void)state;
    cr_document document = golden_read("cells.json");
    size_t cases = 0;
    const cr_json *list = cr_json_get(document.root, "numbers");
    for (const cr_json *c = cr_json_first(list); c; c = cr_json_next(c), cases++) {
        const cr_number_format format = format_of(c);
        const char *text = cr_json_get_string(c, "text");
        double number = 0;
        if (!cr_number_format_parse(&format, text, strlen(text), &number) ||
            number != cr_json_get_number(c, "value", 0))
            fail_msg("%s is read as %.17g", text, number);
    }
    assert_true(cases > 400);
    cr_document_finish(&document);
}

static bool parse(const cr_number_format *format, const char *text)
{
    double number = 0;
    return cr_number_format_parse(format, text, strlen(text), &number);
}

static void test_parse_groups_have_three_digits(void **state)
{
    (void)state;
    const cr_number_format comma = {.decimal = '.', .thousands = ','};
    static const char *const good[] = {"1,234",   "12,345", "123,456.7", "1234",  "1e3",
                                       "1,234e2", "0.5",    ".5",        "-1,234"};
    static const char *const bad[] = {"1,23",    "1,2345", "1234,567", ",123",  "1,,234",
                                      "1,234,5", "1,234,", "1.5,000",  "1 234", "0x1",
                                      "1,234x",  "- 5-",   "",         "-",     "5%",
                                      "$5",      "(5)",    "1,234.5.6"};
    for (size_t i = 0; i < CR_COUNT(good); i++)
        if (!parse(&comma, good[i]))
            fail_msg("%s is no number", good[i]);
    for (size_t i = 0; i < CR_COUNT(bad); i++)
        if (parse(&comma, bad[i]))
            fail_msg("%s is a number", bad[i]);
}

static void test_parse_keeps_to_its_decimal_mark(void **state)
{
    (void)state;
    const cr_number_format comma = {.decimal = ','};
    const cr_number_format european = {.decimal = ',', .thousands = '.'};
    assert_true(parse(&comma, "1,5"));
    assert_false(parse(&comma, "1.5")); /* a thousands separator that was not named? */
    assert_true(parse(&european, "1.500"));
    assert_false(parse(&european, "1.5"));
    assert_false(parse(&european, "1,5,5"));
    assert_false(parse(&european, "inf"));
}

static void test_parse_marks_match(void **state)
{
    (void)state;
    const cr_number_format money = {.decimal = '.', .currency = true};
    static const char *const bad[] = {
        "(5", "5)",  "(-5)", "-(5)",   "$5 USD",    "$$5",   "5 ABC",   "$",     "USD",
        "()", "-5-", "--5",  "5 cent", "5\xC2\xA2", "USDX5", "5.5.5 $", "XUSD 5"};
    double number = 0;
    for (size_t i = 0; i < CR_COUNT(bad); i++)
        if (parse(&money, bad[i]))
            fail_msg("%s is a number", bad[i]);
    assert_true(cr_number_format_parse(&money, "5-", 2, &number));
    assert_true(number == -5);
    assert_true(cr_number_format_parse(&money, "\xE2\x88\x92$5", 5, &number));
    assert_true(number == -5);
    assert_true(cr_number_format_parse(&money, "\xE2\x82\xB9 7", 5, &number));
    assert_true(number == 7);
    const cr_number_format length = {.decimal = '.', .unit = "m"};
    assert_true(parse(&length, "5 m"));
    assert_true(parse(&length, "m 5"));
    assert_false(parse(&length, "5 mm"));
    assert_false(parse(&length, "5 km"));
    char many[600];
    memset(many, '1', sizeof many - 1);
    many[sizeof many - 1] = '\0';
    assert_true(parse(&money, many));
    many[0] = '$';
    assert_false(parse(&money, many)); /* more digits than any number has */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_as_python),
        cmocka_unit_test(test_parse_groups_have_three_digits),
        cmocka_unit_test(test_parse_keeps_to_its_decimal_mark),
        cmocka_unit_test(test_parse_marks_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
