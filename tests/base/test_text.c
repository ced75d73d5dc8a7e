#define _XOPEN_SOURCE 700 /* wcwidth */
#include "base/number.h"
#include "base/text.h"
#include "base/text_visible.h"
#include "base/text_width.h"
#include "fixture.h"

#include <locale.h>
#include <stdlib.h>
#include <wchar.h>

static void check_number(const char *text, bool good, double expected)
{
    double number = -1;
    assert_int_equal(cr_number_parse(text, strlen(text), &number), good);
    if (good)
        assert_true(number == expected);
}

static void test_parse_number_accepts_decimals(void **state)
{
    (void)state;
    check_number("0", true, 0);
    check_number("-12.5", true, -12.5);
    check_number("+3", true, 3);
    check_number(".5", true, 0.5);
    check_number("5.", true, 5);
    check_number("1e3", true, 1000);
    check_number("1.5E-2", true, 0.015);
    check_number("inf", true, (double)INFINITY);
    check_number("-Infinity", true, -(double)INFINITY);
    double nan_found = 0;
    assert_true(cr_number_parse("NaN", 3, &nan_found) && isnan(nan_found));
}

/* The short way against strtod, over all that it takes and a little more. */
static void test_parse_number_is_correctly_rounded(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 200000; i++) {
        uint32_t draw[4];
        cr_random_block(1, CR_FOR_CHECK, 0, i, draw);
        char text[40];
        uint64_t digits = ((uint64_t)draw[0] << 32 | draw[1]) >> draw[2] % 64;
        int length = snprintf(text, sizeof text, "%s%llu", draw[3] & 1 ? "-" : "",
                              (unsigned long long)digits);
        size_t point = (draw[3] & 1) + (draw[3] >> 1) % (unsigned)length;
        if (draw[3] >> 31 && point <= (size_t)length) {
            memmove(text + point + 1, text + point, (size_t)length - point + 1);
            text[point] = '.';
            length++;
        }
        double number = 0, expected = strtod(text, NULL);
        assert_true(cr_number_parse(text, (size_t)length, &number));
        if (memcmp(&number, &expected, sizeof number) != 0)
            fail_msg("%s: %.17g, expected %.17g", text, number, expected);
    }
}

static void test_parse_number_refuses_the_rest(void **state)
{
    (void)state;
    static const char *const bad[] = {"",      " 1",   "1 ",      "0x10", "1e",
                                      "e5",    ".",    "-",       "1,5",  "1.2.3",
                                      "12abc", "nano", "infinit", "--1",  "1e5.5"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        check_number(bad[i], false, 0);
}

static void test_format_reads_back(void **state)
{
    (void)state;
    char text[CR_NUMBER_TEXT];
    double x[64];
    cr_random_normal(3, CR_FOR_CHECK, 0, 0, 64, x);
    for (size_t i = 0; i < 64; i++) {
        double d = x[i] * pow(10, (double)i - 32);
        assert_true(strtod(cr_number_format_double(d, text), NULL) == d);
        float f = (float)d;
        assert_true(strtof(cr_number_format_float(f, text), NULL) == f);
    }
    assert_string_equal(cr_number_format_double(0.1, text), "0.1");
    assert_string_equal(cr_number_format_float(0.1f, text), "0.1");
}

static void test_format_whole_numbers(void **state)
{
    (void)state;
    static const double whole[] = {
        0.0,  -0.0, 7,    -42,   1000000,          123456789012345,
        1e14, 1e15, 1e22, -1e15, -999999999999999, 9007199254740992};
    char text[CR_NUMBER_TEXT], printed[CR_NUMBER_TEXT];
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        snprintf(printed, sizeof printed, "%.*g", fabs(whole[i]) < 1e16 ? 15 : 16,
                 whole[i]);
        if (strtod(printed, NULL) == whole[i])
            assert_string_equal(cr_number_format_double(whole[i], text), printed);
        assert_true(strtod(cr_number_format_double(whole[i], text), NULL) == whole[i]);
    }
    assert_string_equal(cr_number_format_double(-0.0, text), "-0");
    assert_string_equal(cr_number_format_double(1e15, text), "1e+15");
}

static void check_float(float number)
{
    char text[CR_NUMBER_TEXT], expected[CR_NUMBER_TEXT];
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(expected, sizeof expected, "%.*g", digits, (double)number);
        if (strtof(expected, NULL) == number)
            break;
    }
    assert_string_equal(cr_number_format_float(number, text), expected);
}

/* The short way against printf and strtof: of all floats some, what lies half-way between
 * two decimals, and around powers of ten. */
static void test_format_float_is_as_printf_does(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 300000; i++) {
        uint32_t draws[4];
        float number = 0;
        cr_random_block(11, CR_FOR_CHECK, 0, i, draws);
        memcpy(&number, &draws[0], sizeof number);
        if (isfinite(number))
            check_float(number);
        check_float((float)draws[1] * 0x1p-32F);
        check_float((float)(draws[2] % 10000000) / 8);
    }
    for (int power = -45; power <= 38; power++)
        for (float x = (float)pow(10, power), end = x * 1.00001F; x < end;
             x = nextafterf(x, INFINITY))
            check_float(-x);
    check_float(0.0F);
    check_float(-0.0F);
    check_float(INFINITY);
}

static void test_nearest_name(void **state)
{
    (void)state;
    static const char *const names[] = {"learning_rate", "units", "relu", "linear"};
    assert_string_equal(cr_text_nearest("learing_rate", names, 4), "learning_rate");
    assert_string_equal(cr_text_nearest("unist", names, 4),
                        "units"); /* neighbours swapped */
    assert_string_equal(cr_text_nearest("ReLU", names, 4), "relu");
    assert_null(cr_text_nearest("zebra", names, 4));
}

static void test_text_add_grows(void **state)
{
    (void)state;
    cr_text text = {0};
    for (int i = 0; i < 1000; i++)
        cr_text_add(&text, "%d,", i % 10);
    assert_false(text.failed);
    assert_int_equal(text.length, 2000);
    assert_int_equal(strlen(text.data), 2000);
    cr_text_finish(&text);
    assert_null(text.data);
}

static void test_error_first_wins_and_add_collects(void **state)
{
    (void)state;
    cr_error err = CR_ERROR_INIT;
    assert_false(cr_fail(&err, CR_E_DATA, "first %d", 1));
    assert_false(cr_fail(&err, CR_E_IO, "second"));
    assert_int_equal(err.code, CR_E_DATA);
    assert_string_equal(err.text, "first 1");
    cr_error_add(&err, CR_E_CONFIG, "third");
    assert_string_equal(err.text, "first 1\nthird");
    for (int i = 0; i < 2000; i++)
        cr_error_add(&err, CR_E_CONFIG, "a message of some length, again and again");
    assert_int_equal(err.count, 2002);
    assert_true(err.length < sizeof err.text && strlen(err.text) == err.length);
}

static void test_alloc_refuses_overflow(void **state)
{
    (void)state;
    cr_error err = CR_ERROR_INIT;
    assert_null(cr_alloc(SIZE_MAX / 2, 4, &err));
    assert_int_equal(err.code, CR_E_MEMORY);
    size_t product = 0;
    assert_false(cr_memory_multiply(SIZE_MAX, 2, &product));
    assert_true(cr_memory_multiply(SIZE_MAX, 1, &product) &&
                cr_memory_multiply(0, SIZE_MAX, &product));
    unsigned char *block = cr_alloc(100, 1, &err);
    assert_int_equal((uintptr_t)block % CR_ALIGNMENT, 0);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(block[i], 0);
    cr_free(block);
}

static void check_visible(const char *text, const char *expected, size_t width)
{
    char out[200];
    size_t length = cr_text_visible(text, strlen(text), out, sizeof out);
    assert_string_equal(out, expected);
    assert_int_equal(length, strlen(expected));
    assert_int_equal(cr_text_visible_width(text, strlen(text)), width);
    assert_int_equal(cr_text_visible(expected, length, out, sizeof out), length);
    assert_string_equal(out, expected); /* visible text stays as it is */
}

static void check_middle(const char *text, size_t width, const char *expected)
{
    char out[256];
    cr_text_visible_middle(text, strlen(text), width, out, sizeof out);
    assert_string_equal(out, expected);
    assert_true(cr_text_visible_width(out, strlen(out)) <= width);
}

static void test_visible_is_cut_in_the_middle(void **state)
{
    (void)state;
    check_middle("abcdefgh", 8, "abcdefgh");
    check_middle("abcdefgh", 7, "abc…fgh");
    check_middle("abcdefgh", 6, "abc…gh");
    check_middle("abcdefgh", 2, "a…");
    check_middle("日本語日本語", 6, "日…語"); /* of two columns each */
    check_middle("ab\ncdefgh", 6, "ab…fgh");  /* the newline is shown as two columns */
    check_middle("", 5, "");
}

static void test_visible_shows_what_is_no_text(void **state)
{
    (void)state;
    check_visible("", "", 0);
    check_visible("plain \\ text", "plain \\ text", 12);
    check_visible("\x1b[31mred", "\\x1b[31mred", 11);
    check_visible("a\tb\nc\rd\ve\x7f\x01", "a\\tb\\nc\\rd\\x0be\\x7f\\x01", 23);
    check_visible("\xc2\x85\xc2\x9b"
                  "31m",
                  "\\u0085\\u009b31m", 15);
    check_visible("\u2028\u2029", "\\u2028\\u2029", 12);
    check_visible("\u202a\u202e\u2066\u2069", "\\u202a\\u202e\\u2066\\u2069", 24);
    check_visible("\u00a0\u2027\u202f\u2065\u2070", "\u00a0\u2027\u202f\u2065\u2070", 5);
    check_visible("\xff\xc3(\xe2\x82", "\\xff\\xc3(\\xe2\\x82", 17);
    check_visible("\xed\xa0\x80\xc0\x80", "\\xed\\xa0\\x80\\xc0\\x80", 20);
    check_visible("赤い車", "赤い車", 6);
    check_visible("re\u0301d", "re\u0301d", 3);
    check_visible("a\u200bb\ufeff", "a\u200bb\ufeff", 2);
    check_visible("한국어", "한국어", 6);
    check_visible("\u1112\u1161\u11ab", "\u1112\u1161\u11ab", 2);
    check_visible("👍é½", "👍é½", 4);
}

static void test_visible_is_cut_behind_a_whole_character(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        const char *expected;
    } cases[] = {{"abc", 4, "abc"},     {"abc", 3, "ab"}, {"赤車", 6, "赤"},
                 {"赤車", 7, "赤車"},   {"x", 1, ""},     {"a\x1b", 5, "a"},
                 {"a\x1b", 6, "a\\x1b"}};
    for (size_t i = 0; i < CR_COUNT(cases); i++) {
        char out[16];
        memset(out, '#', sizeof out);
        cr_text_visible(cases[i].text, strlen(cases[i].text), out, cases[i].size);
        assert_string_equal(out, cases[i].expected);
        assert_int_equal(out[cases[i].size], '#');
    }
}

/* The C library knows widths too, in a locale; its version of Unicode is another one. */
static void test_width_is_the_librarys(void **state)
{
    (void)state;
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        skip();
    size_t others = 0;
    for (uint32_t code = 0xA0; code < 0x110000; code++) {
        int theirs = wcwidth((wchar_t)code);
        others += theirs >= 0 && theirs != cr_text_width(code);
    }
    setlocale(LC_CTYPE, "C");
    if (others > 200) /* of 280,000 that are in use */
        fail_msg("%zu characters have another width", others);
}

static void test_errors_are_a_line_each(void **state)
{
    (void)state;
    cr_error err = CR_ERROR_INIT;
    cr_error_add(&err, CR_E_DATA, "%s: \"%s\"", "a\nb.csv", "\x1b[2J");
    cr_error_add(&err, CR_E_CONFIG, "%s", "\xff");
    assert_string_equal(err.text, "a\\nb.csv: \"\\x1b[2J\"\n\\xff");
    assert_int_equal(err.length, strlen(err.text));
    assert_int_equal(err.count, 2);
    char longest[CR_ERROR_TEXT + 10];
    memset(longest, 0x1b, sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    cr_error_add(&err, CR_E_CONFIG, "%s", longest);
    assert_int_equal(err.length, strlen(err.text));
    assert_true(err.length > CR_ERROR_TEXT - 6 && err.length < CR_ERROR_TEXT);
    assert_string_equal(err.text + err.length - 4, "\\x1b");
}

static void test_line_is_one_line(void **state)
{
    (void)state;
    cr_text text = {0};
    cr_text_add_line(&text, "%s: %d", "a\nb", 3);
    cr_text_add_line(&text, "%s", "more");
    assert_string_equal(text.data, "a\\nb: 3\nmore\n");
    cr_text_finish(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_number_accepts_decimals),
        cmocka_unit_test(test_parse_number_is_correctly_rounded),
        cmocka_unit_test(test_parse_number_refuses_the_rest),
        cmocka_unit_test(test_format_reads_back),
        cmocka_unit_test(test_format_whole_numbers),
        cmocka_unit_test(test_format_float_is_as_printf_does),
        cmocka_unit_test(test_nearest_name),
        cmocka_unit_test(test_text_add_grows),
        cmocka_unit_test(test_error_first_wins_and_add_collects),
        cmocka_unit_test(test_alloc_refuses_overflow),
        cmocka_unit_test(test_visible_shows_what_is_no_text),
        cmocka_unit_test(test_visible_is_cut_behind_a_whole_character),
        cmocka_unit_test(test_width_is_the_librarys),
        cmocka_unit_test(test_visible_is_cut_in_the_middle),
        cmocka_unit_test(test_errors_are_a_line_each),
        cmocka_unit_test(test_line_is_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
