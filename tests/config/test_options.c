/* Option tables: what they accept, what they say, what they leave in the tree. */
#include "base/clock.h"
#include "base/text.h"
#include "config/document.h"
#include "config/options.h"
#include "fixture.h"

typedef struct fields {
    bool flag;
    int64_t count;
    double rate;
    const char *text;
    int choice;
    const cr_json *names, *value;
} fields;

static const char *const choices[] = {"none", "some", "all", NULL};

static const cr_option table[] = {
    {.key = "flag",
     .kind = CR_OPTION_BOOL,
     .offset = offsetof(fields, flag),
     .fallback = "true",
     .help = "a flag"},
    {.key = "count",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(fields, count),
     .fallback = CR_REQUIRED,
     .minimum = 1,
     .maximum = 100,
     .help = "how many"},
    {.key = "learning_rate",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(fields, rate),
     .fallback = "0.5",
     .minimum = 0,
     .maximum = INFINITY,
     .above_minimum = true,
     .help = "a rate"},
    {.key = "text",
     .kind = CR_OPTION_TEXT,
     .offset = offsetof(fields, text),
     .fallback = CR_OPTIONAL,
     .help = "words"},
    {.key = "choice",
     .kind = CR_OPTION_CHOICE,
     .offset = offsetof(fields, choice),
     .fallback = "\"some\"",
     .choices = choices,
     .help = "one of them"},
    {.key = "names",
     .kind = CR_OPTION_NAMES,
     .offset = offsetof(fields, names),
     .fallback = CR_OPTIONAL,
     .help = "names"},
    {.key = "value",
     .kind = CR_OPTION_VALUE,
     .offset = offsetof(fields, value),
     .fallback = CR_OPTIONAL,
     .kinds = 1u << CR_JSON_NUMBER | 1u << CR_JSON_STRING,
     .expects = "a number or a word",
     .help = "either"},
};

enum { ROWS = sizeof table / sizeof table[0] };

static void read(const char *json, fields *f, cr_error *err, cr_document *document)
{
    *err = (cr_error)CR_ERROR_INIT;
    *f = (fields){0};
    char *text = cr_text_copy(json, strlen(json), NULL);
    assert_true(
        cr_document_parse(document, "o.json", text, strlen(text), CR_E_CONFIG, err));
    cr_text warnings = {0};
    cr_reader reader = {.document = document,
                        .directory = (char[]){""},
                        .err = err,
                        .warnings = &warnings};
    cr_option_group group = {table, ROWS, f};
    cr_options_read(&reader, "", document->root, &group, 1);
}

static void test_options_fill_defaults_into_struct_and_tree(void **state)
{
    (void)state;
    fields f;
    cr_error err;
    cr_document d;
    read("{\"count\": 7, \"comment\": [1, 2]}", &f, &err, &d);
    assert_int_equal(err.count, 0);
    assert_true(f.flag && f.count == 7 && f.rate == 0.5 && f.choice == 1 && !f.text);
    char *text = cr_json_print(d.root, false);
    assert_string_equal(text, "{\"count\":7,\"comment\":[1,2],\"flag\":true,\"learning_"
                              "rate\":0.5,\"choice\":\"some\"}");
    cr_free(text);
    cr_document_finish(&d);
}

static void check_refused(const char *json, const char *message)
{
    fields f;
    cr_error err;
    cr_document d;
    read(json, &f, &err, &d);
    if (err.count == 0 || !strstr(err.text, message))
        fail_msg("%s: said \"%s\", expected \"%s\"", json, err.text, message);
    cr_document_finish(&d);
}

static void test_options_refuse(void **state)
{
    (void)state;
    check_refused("{}", "o.json:1:1: count: this key is missing; expected a whole number "
                        "from 1 to 100: how many");
    check_refused("{\"count\": 0}",
                  "o.json:1:2: count: found 0, expected a whole number from 1 to 100");
    check_refused("{\"count\": 101}", "found 101");
    check_refused("{\"count\": 1.5}", "found 1.5, expected a whole number");
    check_refused("{\"count\": 1e300}", "found 1e+300");
    check_refused("{\"count\": \"7\"}", "found \"7\", expected a whole number");
    check_refused("{\"count\": 1, \"learning_rate\": 0}",
                  "found 0, expected a number above 0");
    check_refused("{\"count\": 1, \"flag\": 1}", "found 1, expected true or false");
    check_refused("{\"count\": null}", "count: this key is missing"); /* as if left out */
    check_refused("{\"count\": 1, \"flagg\": null}", "unknown key \"flagg\"");
    check_refused("{\"count\": 1, \"text\": 3}", "expected text in quotes");
    check_refused("{\"count\": 1, \"choice\": \"al\"}",
                  "unknown choice \"al\"; did you mean \"all\"? known: none, some, all");
    check_refused("{\"count\": 1, \"names\": [1]}", "expected a list of names in quotes");
    check_refused("{\"count\": 1, \"value\": []}",
                  "found a list, expected a number or a word");
    check_refused("{\"count\": 1, \"lr\": 3}",
                  "unknown key \"lr\"; here it is called \"learning_rate\"");
    check_refused("{\"count\": 1, \"Flag\": true}",
                  "unknown key \"Flag\"; here it is called \"flag\"");
}

static void test_options_collect_all_errors(void **state)
{
    (void)state;
    fields f;
    cr_error err;
    cr_document d;
    read("{\n\"count\": -1,\n\"flag\": 2,\n\"zzz\": 3}", &f, &err, &d);
    assert_int_equal(err.count, 3);
    assert_non_null(strstr(err.text, "o.json:2:1: count"));
    assert_non_null(strstr(err.text, "o.json:3:1: flag"));
    assert_non_null(strstr(err.text, "o.json:4:1: zzz"));
    cr_document_finish(&d);
}

/* Only those that fit are looked up in the text, which is walked through for each. */
static void test_options_many_errors_take_no_time(void **state)
{
    (void)state;
    enum { ERRORS = 50000 };
    cr_text json = {0};
    cr_text_add(&json, "{\"count\": 1");
    for (int i = 0; i < ERRORS; i++)
        cr_text_add(&json, ", \"key%d\": 0", i);
    cr_text_add(&json, "}");
    fields f;
    cr_error err;
    cr_document d;
    double start = cr_clock();
    read(json.data, &f, &err, &d);
    assert_true(cr_clock() - start < 5); /* seconds: 0.05 measured, minutes without */
    assert_int_equal(err.count, ERRORS);
    assert_non_null(strstr(err.text, "o.json:1:14: key0"));
    cr_document_finish(&d);
    cr_text_finish(&json);
}

static void test_options_describe_names_every_row(void **state)
{
    (void)state;
    cr_text out = {0};
    cr_options_describe("x", "All of x.", table, ROWS, &out);
    for (size_t i = 0; i < ROWS; i++) {
        assert_non_null(strstr(out.data, table[i].key));
        assert_non_null(strstr(out.data, table[i].help));
    }
    assert_non_null(strstr(
        out.data, "| `count` | a whole number from 1 to 100 | required | how many |"));
    cr_text_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_fill_defaults_into_struct_and_tree),
        cmocka_unit_test(test_options_refuse),
        cmocka_unit_test(test_options_collect_all_errors),
        cmocka_unit_test(test_options_many_errors_take_no_time),
        cmocka_unit_test(test_options_describe_names_every_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
