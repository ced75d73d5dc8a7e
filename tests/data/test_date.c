/* Dates and their parts against Python's datetime (golden/cells.py). */
#include "data/date.h"
#include "data/date_parts.h"
#include "golden_file.h"

#include <stdio.h>

/* Thousands of years from 1970 a double knows seconds to 4e-6, so hours to 1e-9. */
static const double tolerance = 2e-9;

/* Asserts that x is the list, to within rounding. */
static void check_list(const char *text, const double *x, const cr_json *list)
{
    for (const cr_json *item = cr_json_first(list); item;
         item = cr_json_next(item), x++) {
        double expected = cr_json_number(item);
        if (!(fabs(*x - expected) <= tolerance * fmax(1, fabs(expected))))
            fail_msg("%s: a part is %.17g, expected %.17g", text, *x, expected);
    }
}

static void test_parse_as_python(void **state)
{
    (void)state;
    cr_document document = golden_read("cells.json");
    const cr_date_set cycles = CR_DATE_ALL & ~(1u << CR_DATE_TIME | 1u << CR_DATE_YEAR);
    size_t cases = 0;
    const cr_json *list = cr_json_get(document.root, "dates");
    for (const cr_json *c = cr_json_first(list); c; c = cr_json_next(c), cases++) {
        const char *text = cr_json_get_string(c, "text");
        const char *format = cr_json_get_string(c, "format");
        double seconds = 0, x[8];
        char why[CR_DATE_WHY];
        if (format && !cr_date_check_format(format, why))
            fail_msg("%s: %s", format, why);
        if (!cr_date_parse(format, text, strlen(text), &seconds))
            fail_msg("%s is no date as %s", text, format ? format : "in ISO 8601");
        if (fabs(seconds - cr_json_get_number(c, "seconds", 0)) > 4e-6)
            fail_msg("%s is %.17g seconds", text, seconds);
        cr_date_parts_expand(seconds, CR_DATE_ALL, false, x);
        check_list(text, x, cr_json_get(c, "parts"));
        cr_date_parts_expand(seconds, cycles, true, x);
        check_list(text, x, cr_json_get(c, "cyclic"));
    }
    assert_true(cases > 80);
    cr_document_finish(&document);
}

static void test_parse_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *format, *text;
    } bad[] = {
        {NULL, "2023-02-29"},
        {NULL, "2024-13-01"},
        {NULL, "2024-00-01"},
        {NULL, "2024-01-00"},
        {NULL, "2024-1-1"},
        {NULL, "2024-01-01T"},
        {NULL, "2024-01-01 12"},
        {NULL, "2024-01-01 24:00"},
        {NULL, "2024-01-01 12:60"},
        {NULL, "2024-01-01T12:30+1"},
        {NULL, "2024-01-01T12:30:"},
        {NULL, "2024-01-01T12:30:00."},
        {NULL, "2024-01-01x"},
        {NULL, "20240101"},
        {NULL, "01.01.2024"},
        {"%d.%m.%Y", "31.4.2024"},
        {"%d.%m.%Y", "1.1.24"},
        {"%d.%m.%Y", "1.1.2024 "},
        {"%d.%m.%Y", "1/1/2024"},
        {"%Y-%j", "2023-366"},
        {"%a %d.%m.%Y", "Mon 01.03.2024"}, /* a Friday: day and month changed places? */
        {"%d %b %Y", "1 Mrz 2024"},
        {"%I %p", "13 pm"},
        {"%I %p", "12"},
        {"%Y %z", "2024 +5"},
        {"%Y %z", "2024 +05:0"},
        {"%Y", ""},
        {"%Y-%m-%d", "2024"},
    };
    for (size_t i = 0; i < CR_COUNT(bad); i++) {
        double seconds = 0;
        if (cr_date_parse(bad[i].format, bad[i].text, strlen(bad[i].text), &seconds))
            fail_msg("%s is a date", bad[i].text);
    }
}

static double seconds_of(const char *format, const char *text)
{
    double seconds = NAN;
    return cr_date_parse(format, text, strlen(text), &seconds) ? seconds : NAN;
}

/* What Python's strptime does not know, or does in another way. */
static void test_parse_by_formats_of_our_own(void **state)
{
    (void)state;
    assert_true(seconds_of("%s", "1709296200") == 1709296200);
    assert_true(seconds_of("%s", "-1") == -1);
    assert_true(seconds_of("%H:%M", "06:30") == 6.5 * 3600); /* of 1970-01-01 */
    assert_true(seconds_of("%F %R", "1970-01-02 00:01") == 86460);
    assert_true(seconds_of("%D %T", "01/02/70 00:00:01") == 86401);
    assert_true(seconds_of("%d%b%Y", "2JANUARY1970") == 86400);
    assert_true(seconds_of("%Y %Z", "1971 UTC") == 365 * 86400);
    assert_true(seconds_of("%I%p", "12am") == 0);
    assert_true(seconds_of("%I%p", "12PM") == 43200);
    assert_true(seconds_of(NULL, "1970-01-01 00:00:60") == 60); /* a leap second */
    assert_true(seconds_of("%m/%d/%y", "1/2/69") == -364 * 86400);
    assert_true(seconds_of("%m/%d/%y", "1/1/68") > 3e9);
}

static void test_check_format_says_why(void **state)
{
    (void)state;
    static const struct {
        const char *format, *why;
    } bad[] = {{"%Q", "%Q is none of"},
               {"%", "is none of"},
               {"date", "no part of a date"},
               {"", "no part of a date"},
               {"%Y %Y", "twice"},
               {"%F %m", "%m is there twice"},
               {"%Y %y", "the year or the month twice"},
               {"%b %m %d", "the year or the month twice"},
               {"%j %m", "%j"},
               {"%H %I %p", "the hour twice"},
               {"%H:%M %p", "go together"},
               {"%I:%M", "go together"},
               {"%s %Y", "stands alone"},
               {"%a %H:%M", "the weekday"}};
    for (size_t i = 0; i < CR_COUNT(bad); i++) {
        char why[CR_DATE_WHY] = "";
        if (cr_date_check_format(bad[i].format, why))
            fail_msg("%s is a format", bad[i].format);
        if (!strstr(why, bad[i].why))
            fail_msg("%s: %s", bad[i].format, why);
    }
}

static void test_parts_of_a_missing_date(void **state)
{
    (void)state;
    double x[10];
    assert_int_equal(cr_date_parts_count(CR_DATE_ALL, false), 6);
    assert_int_equal(cr_date_parts_count(CR_DATE_ALL, true), 10);
    cr_date_parts_expand(NAN, CR_DATE_ALL, true, x);
    for (size_t i = 0; i < 10; i++)
        assert_true(isnan(x[i]));
}

static void test_differences(void **state)
{
    (void)state;
    double monday = seconds_of(NULL, "2024-03-04"), next = seconds_of(NULL, "2024-03-11");
    assert_int_equal(cr_date_parts_differences(monday, monday), 0);
    assert_int_equal(cr_date_parts_differences(monday, next),
                     1u << CR_DATE_TIME | 1u << CR_DATE_DAY);
    assert_int_equal(cr_date_parts_differences(monday, monday + 60),
                     1u << CR_DATE_TIME | 1u << CR_DATE_HOUR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_as_python),
        cmocka_unit_test(test_parse_refuses),
        cmocka_unit_test(test_parse_by_formats_of_our_own),
        cmocka_unit_test(test_check_format_says_why),
        cmocka_unit_test(test_parts_of_a_missing_date),
        cmocka_unit_test(test_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
