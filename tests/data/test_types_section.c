/* What a config says of cells: the section that is left of it, and what is wrong with it. */
#include "data/missing_words.h"
#include "data/types_section.h"
#include "fixture.h"

typedef struct reading {
    cr_document document;
    cr_text warnings;
    cr_error err;
    cr_reader reader;
    cr_types_section section;
} reading;

/* Reads the object `data` of a config. */
static void read_section(reading *r, const char *data)
{
    *r = (reading){.err = CR_ERROR_INIT};
    cr_text config = {0};
    cr_text_add(&config, "{\"data\": %s}", data);
    char *text = cr_text_copy(config.data, config.length, NULL);
    cr_text_finish(&config);
    assert_true(
        cr_document_parse(&r->document, "c", text, strlen(text), CR_E_CONFIG, NULL));
    r->reader =
        (cr_reader){.document = &r->document, .err = &r->err, .warnings = &r->warnings};
    cr_types_fields fields = {.decimal = -1, .thousands = -1};
    const cr_option_group group = {cr_types_section_options,
                                   cr_types_section_option_count, &fields};
    cr_json *object = cr_json_edit(r->document.root, "data");
    cr_options_read(&r->reader, "data", object, &group, 1);
    cr_types_section_read(&r->reader, object, &fields, &r->section);
}

static void finish(reading *r)
{
    cr_document_finish(&r->document);
    cr_text_finish(&r->warnings);
}

static void test_read_nothing(void **state)
{
    (void)state;
    reading r;
    read_section(&r, "{}");
    assert_int_equal(r.err.count, 0);
    assert_true(cr_cell_format_is_plain(&r.section.cells));
    assert_null(r.section.types);
    assert_null(r.section.missing_values);
    finish(&r);
}

static void test_read_types(void **state)
{
    (void)state;
    reading r;
    cr_cell_format format, copy;
    read_section(&r, "{\"decimal\": \",\", \"thousands\": \" \", \"types\": {"
                     "\"a\": \"currency\", "
                     "\"b\": {\"type\": \"number\", \"decimal\": \".\", \"thousands\": "
                     "\"none\", \"unit\": \"kg\"}, "
                     "\"c\": {\"type\": \"date\", \"format\": \"%d.%m.%y\", \"parts\": "
                     "[\"month\", \"time\"], \"cyclic\": true}, \"d\": \"words\"}}");
    if (r.err.count > 0)
        fail_msg("%s", r.err.text);
    const cr_cell_format *cells = &r.section.cells;
    assert_true(cells->number.decimal == ',' && cells->number.thousands == ' ');
    assert_false(cr_cell_format_is_plain(cells));
    const cr_json *type = cr_json_first(r.section.types);
    assert_true(cr_cell_format_read(&format, type, cells, NULL));
    assert_int_equal(format.type, CR_CELL_CURRENCY);
    assert_true(format.number.currency && format.number.decimal == ',' &&
                format.number.thousands == ' ');
    cr_cell_format_finish(&format);
    type = cr_json_next(type);
    assert_true(cr_cell_format_read(&format, type, cells, NULL));
    assert_true(format.number.decimal == '.' && format.number.thousands == '\0');
    assert_true(cr_cell_format_copy(&copy, &format, NULL));
    cr_cell_format_finish(&format);
    assert_string_equal(copy.number.unit, "kg");
    assert_false(cr_cell_format_is_plain(&copy));
    cr_cell_format_finish(&copy);
    type = cr_json_next(type);
    assert_true(cr_cell_format_read(&format, type, cells, NULL));
    assert_string_equal(format.date, "%d.%m.%y");
    assert_int_equal(format.parts, 1u << CR_DATE_TIME | 1u << CR_DATE_MONTH);
    assert_true(format.cyclic);
    cr_cell_format_finish(&format);
    assert_true(cr_cell_format_read(&format, cr_json_next(type), cells, NULL));
    assert_int_equal(format.type, CR_CELL_WORDS);
    cr_cell_format_finish(&format);
    finish(&r);
}

static void test_read_says_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *data, *message;
    } wrong[] = {
        {"{\"thousands\": \".\"}", "data.thousands: \".\" cannot both"},
        {"{\"decimal\": \",\", \"types\": {\"a\": {\"type\": \"number\", \"thousands\": "
         "\",\"}}}",
         "data.types.a: \",\" cannot both part thousands and stand before the fraction; "
         "set "
         "\"decimal\" to \".\""},
        {"{\"missing_values\": [[]]}", "data.missing_values: found a list in the list"},
        {"{\"types\": {\"a\": \"curency\"}}", "did you mean \"currency\"?"},
        {"{\"types\": {\"a\": null}}", "data.types.a: found null, expected a type"},
        {"{\"types\": {\"a\": {\"type\": \"dat\"}}}", "did you mean \"date\"?"},
        {"{\"types\": {\"a\": {\"type\": \"date\", \"form\": \"%d\"}}}", "\"format\"?"},
        {"{\"types\": {\"a\": {\"type\": \"date\", \"format\": \"\"}}}",
         "data.types.a.format: \"\" does not say how dates are written"},
        {"{\"types\": {\"a\": {\"type\": \"number\", \"unit\": \"\"}}}",
         "expected text that does not begin with a digit"},
        {"{\"types\": {\"a\": {\"type\": \"percent\", \"cyclic\": true}}}",
         "data.types.a.cyclic: only dates have it; remove this key"},
    };
    for (size_t i = 0; i < CR_COUNT(wrong); i++) {
        reading r;
        read_section(&r, wrong[i].data);
        if (r.err.count == 0 || !strstr(r.err.text, wrong[i].message))
            fail_msg("%s: %s", wrong[i].data, r.err.text);
        finish(&r);
    }
}

static void test_missing_words(void **state)
{
    (void)state;
    reading r;
    cr_missing_words missing, copy;
    read_section(&r, "{\"missing_values\": [\"-\", \"n.A.\", -999, \"1e3\"]}");
    assert_true(cr_missing_words_read(&missing, r.section.missing_values, NULL));
    assert_true(cr_missing_words_copy(&copy, &missing, NULL));
    cr_missing_words_finish(&missing);
    assert_true(cr_missing_words_have(&copy, "-"));
    assert_true(cr_missing_words_have(&copy, "N.a."));
    assert_false(cr_missing_words_have(&copy, "n.a"));
    assert_true(cr_missing_words_have_number(&copy, -999));
    assert_true(cr_missing_words_have_number(&copy, 1000));
    assert_false(cr_missing_words_have_number(&copy, 999));
    cr_missing_words_finish(&copy);
    assert_false(cr_missing_words_read(&copy, r.document.root, NULL));
    cr_missing_words_finish(&copy);
    finish(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_nothing),
        cmocka_unit_test(test_read_types),
        cmocka_unit_test(test_read_says_what_is_wrong),
        cmocka_unit_test(test_missing_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
