#include "base/text.h"
#include "config/document.h"
#include "config/json.h"
#include "config/json_scanner.h"
#include "fixture.h"

static bool parse(cr_document *document, const char *text, cr_error *err)
{
    *err = (cr_error)CR_ERROR_INIT;
    char *copy = cr_text_copy(text, strlen(text), NULL);
    return cr_document_parse(document, "t.json", copy, strlen(text), CR_E_CONFIG, err);
}

static void check_refused(const char *text, const char *message)
{
    cr_document document;
    cr_error err;
    assert_false(parse(&document, text, &err));
    if (!strstr(err.text, message))
        fail_msg("%s: said \"%s\", expected \"%s\"", text, err.text, message);
}

static void test_parse_refuses_what_is_not_json(void **state)
{
    (void)state;
    check_refused("", "t.json:1:1: the file is empty");
    check_refused("{\n  \"a\": 1,\n}", "t.json:2:9: remove the comma in front of '}'");
    check_refused("[1, 2,]", "remove the comma in front of ']'");
    check_refused("{\"a\" 1}", "t.json:1:6: found '1', expected ':'");
    check_refused("{a: 1}", "found 'a', expected a key in double quotes");
    check_refused("{\"a\": 1", "found the end, expected ',' or '}'");
    check_refused("{} {}", "found '{', expected the end");
    check_refused("[01]", "a number does not start with 0");
    check_refused("[1.]", "expected a digit behind the decimal point");
    check_refused("[1e]", "expected a digit in the exponent");
    check_refused("[-]", "expected a digit");
    check_refused("[1e999]", "t.json:1:2: the number is too large");
    check_refused("[NaN]", "JSON has no NaN");
    check_refused("[nul]", "expected a value");
    check_refused("[\"a\nb\"]", "no closing quote");
    check_refused("[\"abc]", "no closing quote");
    check_refused("[\"\\x\"]", "unknown escape");
    check_refused("[\"\\u0000\"]", "NUL");
    check_refused("[\"\\ud800\"]", "surrogate");
    check_refused("[\"\x80\"]", "not valid UTF-8");
    check_refused("[\"\xC0\xAF\"]", "not valid UTF-8");
    check_refused("[\"\xED\xA0\x80\"]", "not valid UTF-8");
    check_refused("[\"\t\"]", "expected an escape");
    check_refused("\xEF\xBB\xBF{}", "byte-order mark");
    check_refused("{\"a\": 1, \"b\": {\"a\": 2}, \"a\": 3}",
                  "t.json:1:25: the key \"a\" is there twice, first at line 1, column 2");
    check_refused(
        "{\"a\": 1, \"\\u0061\": 3}",
        "t.json:1:10: the key \"\\u0061\" is there twice, first at line 1, column 2");
    check_refused(
        "[0.1234567890123456789012345678901234567890123456789012345678901234567]",
        "more than 60 characters");
}

static void test_parse_refuses_deep_nesting(void **state)
{
    (void)state;
    static char deep[200001];
    memset(deep, '[', 200000);
    check_refused(deep, "t.json:1:65: nested too deeply");
    char fine[2 * CR_JSON_DEPTH + 1];
    memset(fine, '[', CR_JSON_DEPTH);
    memset(fine + CR_JSON_DEPTH, ']', CR_JSON_DEPTH);
    fine[2 * CR_JSON_DEPTH] = '\0';
    cr_document document;
    cr_error err;
    assert_true(parse(&document, fine, &err));
    cr_document_finish(&document);
}

static void test_print_on_one_line_is_what_was_read(void **state)
{
    (void)state;
    static const char json[] =
        "{\"a \\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\":[1,-0.5,1e-07,\"\",\"\\n\"],"
        "\"\":{},\"x\":[],\"y\":{\"true\":true,\"false\":false,\"null\":null},\"é\":"
        "[[0],{\"k\":\"ü\"}]}";
    cr_json *root = cr_json_parse(json, strlen(json));
    assert_non_null(root);
    char *text = cr_json_print(root, false);
    assert_string_equal(text, json);
    cr_free(text);
    cr_json_free(root);
    assert_null(cr_json_print(NULL, false));
}

/* JSON has no number for them. */
static void test_print_what_is_no_number_as_null(void **state)
{
    (void)state;
    cr_json *list = cr_json_new(CR_JSON_ARRAY);
    assert_true(cr_json_set_number(list, NULL, NAN));
    assert_true(cr_json_set_number(list, NULL, -INFINITY));
    assert_true(cr_json_set_number(list, NULL, 0));
    char *text = cr_json_print(list, false);
    assert_string_equal(text, "[null,null,0]");
    cr_free(text);
    cr_json_free(list);
}

static void test_parse_refuses_nul_byte(void **state)
{
    (void)state;
    cr_document document;
    cr_error err = CR_ERROR_INIT;
    char *text = cr_text_copy("{} ", 3, NULL);
    text[2] = '\0';
    assert_false(cr_document_parse(&document, "t.json", text, 3, CR_E_CONFIG, &err));
    assert_non_null(strstr(err.text, "byte 0x00"));
}

static void test_where_finds_positions(void **state)
{
    (void)state;
    cr_document d;
    cr_error err;
    char where[CR_WHERE];
    assert_true(parse(&d, "{\n \"é\": [1, {\"x\": 2}],\n \"b\": {\"c\": 3}}", &err));
    assert_string_equal(cr_document_where(&d, "b.c", where), "t.json:3:8: b.c");
    assert_string_equal(cr_document_where(&d, "é.1.x", where), "t.json:2:12: é.1.x");
    assert_string_equal(cr_document_where(&d, "b.missing", where),
                        "t.json:3:2: b.missing");
    assert_string_equal(cr_document_where(&d, "", where), "t.json:1:1");
    cr_document_finish(&d);
    assert_true(parse(&d, "{\"a\": 1,\n \"\\\"\\u00e9\": {\"x\": 2}}", &err));
    assert_string_equal(cr_document_where(&d, "\"é.x", where), "t.json:2:15: \"é.x");
    cr_document_finish(&d);
}

static void test_override_sets_and_makes(void **state)
{
    (void)state;
    cr_document d;
    cr_error err;
    assert_true(parse(&d, "{\"m\": {\"layers\": [{\"units\": 1}]}}", &err));
    assert_true(cr_document_override(&d, "m.layers.0.units=128", &err));
    assert_true(cr_document_override(&d, "training.epochs=3", &err));
    assert_true(cr_document_override(&d, "word=he said", &err));
    assert_true(cr_document_override(&d, "list=[1, \"a\"]", &err));
    char *text = cr_json_print(d.root, false);
    assert_string_equal(
        text, "{\"m\":{\"layers\":[{\"units\":128}]},\"training\":{\"epochs\":3},"
              "\"word\":\"he said\",\"list\":[1,\"a\"]}");
    char where[CR_WHERE];
    assert_string_equal(cr_document_where(&d, "m.layers.0.units", where),
                        "override m.layers.0.units=128");
    assert_string_equal(cr_document_where(&d, "list.1", where), "override list.1");
    assert_true(cr_document_override(&d,
                                     "list=[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, "
                                     "14, 15, 16, 17, 18, 19, 20]",
                                     &err));
    assert_string_equal(cr_document_where(&d, "list", where), "override list");
    cr_free(text);
    cr_document_finish(&d);
}

static void test_override_refuses_bad_paths(void **state)
{
    (void)state;
    static const char *const bad[] = {"novalue",          "=1",
                                      "layers.7.units=3", "layers.x.units=3",
                                      "seed.deeper=1",    "layers.-1=3"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_document d;
        cr_error err;
        assert_true(parse(&d, "{\"seed\": 1, \"layers\": [{}]}", &err));
        assert_false(cr_document_override(&d, bad[i], &err));
        assert_true(err.count > 0);
        cr_document_finish(&d);
    }
}

static void test_print_numbers_that_read_back_to_the_bit(void **state)
{
    (void)state;
    const double numbers[] = {0.1,   1.0 / 3, 0.30000000000000004,
                              1e300, -5e-324, 9007199254740991};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        cr_json *object = cr_json_new(CR_JSON_OBJECT);
        assert_true(cr_json_set_number(object, "n", numbers[i]));
        char *text = cr_json_print(object, false);
        cr_json_free(object);
        cr_document document;
        assert_true(
            cr_document_parse(&document, "t", text, strlen(text), CR_E_DATA, NULL));
        assert_true(cr_json_number(cr_json_get(document.root, "n")) == numbers[i]);
        cr_document_finish(&document);
    }
}

static void test_override_null_makes_nothing(void **state)
{
    (void)state;
    cr_document document;
    cr_error err = CR_ERROR_INIT;
    const char text[] = "{\"a\": {\"b\": 1, \"c\": 2}, \"l\": [1, 2]}";
    char *copy = cr_text_copy(text, strlen(text), NULL);
    assert_true(cr_document_parse(&document, "d", copy, strlen(text), CR_E_CONFIG, &err));
    assert_true(cr_document_override(&document, "a.b=null", &err));
    assert_true(cr_document_override(&document, "a.b=null", &err));   /* once more */
    assert_true(cr_document_override(&document, "x.y.z=null", &err)); /* no objects */
    assert_true(cr_document_override(&document, "l.0=null", &err)); /* no list shrinks */
    char *left = cr_json_print(document.root, false);
    assert_string_equal(left, "{\"a\":{\"b\":null,\"c\":2},\"l\":[null,2],\"x\":null}");
    cr_free(left);
    cr_document_finish(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_refuses_what_is_not_json),
        cmocka_unit_test(test_parse_refuses_deep_nesting),
        cmocka_unit_test(test_print_numbers_that_read_back_to_the_bit),
        cmocka_unit_test(test_print_what_is_no_number_as_null),
        cmocka_unit_test(test_print_on_one_line_is_what_was_read),
        cmocka_unit_test(test_parse_refuses_nul_byte),
        cmocka_unit_test(test_where_finds_positions),
        cmocka_unit_test(test_override_sets_and_makes),
        cmocka_unit_test(test_override_null_makes_nothing),
        cmocka_unit_test(test_override_refuses_bad_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
