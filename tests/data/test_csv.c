/* The quick ways through a table against libcsv, which is the reference, and text that is
 * cut up at every place. */
#include "base/random.h"
#include "base/text.h"
#include "data/csv.h"
#include "fixture.h"

static bool note_row(void *user, const cr_csv_row *row, cr_error *err)
{
    (void)err;
    cr_text_add(user, "%zu:", row->line);
    for (size_t i = 0; i < row->count; i++) {
        assert_int_equal(strlen(row->cells[i]), row->lengths[i]);
        cr_text_add(user, "[%s]", row->cells[i]);
    }
    cr_text_add(user, "\n");
    return true;
}

/* Feeds the text in pieces, the first of its own size; the rows as text, and how it
 * ended. */
static char *read_pieces(const cr_table_format *format, const char *text, size_t first,
                         size_t piece)
{
    cr_text rows = {0};
    cr_error err = CR_ERROR_INIT;
    cr_csv *csv = cr_csv_create("test", format, note_row, &rows, &err);
    assert_non_null(csv);
    bool good = true;
    size_t length = strlen(text);
    for (size_t at = 0, size = first; good && at < length; at += size, size = piece) {
        size = size < length - at ? size : length - at;
        char *copy = cr_text_copy(text + at, size, NULL); /* so that its end is guarded */
        good = cr_csv_feed(csv, copy, size, &err);
        cr_free(copy);
    }
    good = good && cr_csv_end(csv, &err);
    cr_csv_destroy(csv);
    cr_text_add(&rows, good ? "end" : err.text);
    return rows.data;
}

static void check_same(const cr_table_format *format, const char *text, size_t first,
                       size_t piece, const char *expected)
{
    char *found = read_pieces(format, text, first, piece);
    if (strcmp(found, expected) != 0)
        fail_msg("in pieces of %zu and %zu: found\n%s\nexpected\n%s", first, piece, found,
                 expected);
    cr_free(found);
}

/* The same rows wherever the text is cut. */
static void check_rows(const cr_table_format *format, const char *text,
                       const char *expected)
{
    size_t length = strlen(text);
    check_same(format, text, length, 1, expected);
    for (size_t first = 1; first < length; first++)
        check_same(format, text, first, length, expected);
    for (size_t piece = 1; piece < 9; piece++)
        check_same(format, text, piece, piece, expected);
}

/* Byte by byte within a row, all is left to libcsv. */
static void test_feed_is_the_same_as_libcsv(void **state)
{
    (void)state;
    static const char alphabet[] = ",,,\n\n\r \t\"\"ab1.";
    cr_table_format format = cr_table_format_default;
    size_t with_rows = 0;
    for (uint32_t round = 0; round < 30000; round++) {
        char text[32] = "x";
        size_t length = 1 + round % 30, used = round % 3 ? 8 : sizeof alphabet - 1;
        format.delimiter = round % 2 ? ',' : ' ';
        for (size_t i = 1; i < length; i++) {
            uint32_t draw[4];
            cr_random_block(1, CR_FOR_CHECK, round, i, draw);
            text[i] = alphabet[draw[0] % used];
        }
        char *slow = read_pieces(&format, text, 1, 1);
        check_same(&format, text, length, 1, slow);
        check_same(&format, text, 1 + round % 7, 1 + round % 11, slow);
        with_rows += strchr(slow, ']') != NULL;
        cr_free(slow);
    }
    assert_true(with_rows > 20000);
}

static void test_feed_quoted(void **state)
{
    (void)state;
    const cr_table_format *format = &cr_table_format_default;
    check_rows(format, "a,\"b\",c\n1,2,3\n\"x\",\"\",\"y\"\r\n4,5,6\r\n\n7,\"8\",9",
               "1:[a][b][c]\n2:[1][2][3]\n3:[x][][y]\n4:[4][5][6]\n6:[7][8][9]\nend");
    check_rows(format, "\"a\nb\",\"c\r\nd\"\n\"\"\"e\"\"\", \"f,g\" \n1,2\n",
               "1:[a\nb][c\r\nd]\n4:[\"e\"][f,g]\n5:[1][2]\nend");
    check_rows(format, "a,b\n\"1\"x,2\n",
               "1:[a][b]\ntest:2: a quote inside a cell, or one that is never closed; a "
               "cell with quotes is written \"like \"\"this\"\"\"");
    check_rows(format, "a,b\n1,\"2\n3,4\n",
               "1:[a][b]\ntest:2: a quote inside a cell, or one that is never closed; a "
               "cell with quotes is written \"like \"\"this\"\"\"");
}

static void test_delimiters(void **state)
{
    (void)state;
    static const char expected[] = "1:[a][b c][d,;|]\n2:[1][][3]\nend";
    cr_table_format format = cr_table_format_default;
    check_rows(&format, "a,b c,\"d,;|\"\n1,,3\n", expected);
    check_rows(&format, "a;b c;\"d,;|\"\n1;;3\n", expected);
    check_rows(&format, "a\tb c\t\"d,;|\"\n1\t\t3\n", expected);
    check_rows(&format, "a|b c|\"d,;|\"\n1||3\n", expected);
    check_rows(&format, "\"a,,\"|b\n1|2\n", "1:[a,,][b]\n2:[1][2]\nend");
    check_rows(&format, "\n\r\na;b\n1;2\n", "3:[a][b]\n4:[1][2]\nend");
    check_rows(&format, "one\n1\n", "1:[one]\n2:[1]\nend");
    format.delimiter = ':';
    check_rows(&format, "a:b,;c\n1:2\n", "1:[a][b,;c]\n2:[1][2]\nend");
    format.delimiter = ' ';
    check_rows(&format, "  a  b \"c d\"  \n1 \t2   3\n\n   \n\"\" 5 6",
               "1:[a][b][c d]\n2:[1][2][3]\n5:[][5][6]\nend");
}

static void test_a_first_line_names_the_delimiter(void **state)
{
    (void)state;
    cr_table_format format = cr_table_format_default;
    check_rows(&format, "sep=;\na,b;c\n1;2\n", "2:[a,b][c]\n3:[1][2]\nend");
    check_rows(&format, "sep=\t\r\na;b\tc;d;e\r\n", "2:[a;b][c;d;e]\nend");
    check_rows(&format, "sep=;", "end");
    check_rows(&format, "sep=;x\n1;2\n", "1:[sep=][x]\n2:[1][2]\nend");
    check_rows(&format, "a;b\nsep=;\n", "1:[a][b]\n2:[sep=][]\nend");
    format.delimiter = '|';
    check_rows(&format, "sep=;\na;b|c\n", "2:[a;b][c]\nend");
}

static void test_comments_and_skipped_lines(void **state)
{
    (void)state;
    cr_table_format format = cr_table_format_default;
    format.comment_prefix = "#";
    check_rows(&format, "# a; \"b\n#\na,b\n1,2\n#3,4\n5,#6\n\"7\n#7\",8\n #9,9\n#",
               "3:[a][b]\n4:[1][2]\n6:[5][#6]\n7:[7\n#7][8]\n9:[#9][9]\nend");
    format.comment_prefix = "//-";
    check_rows(&format, "//-x\r\na,b\r\n//-\r\n//,2\r\n/,\"3\"\r\n//",
               "2:[a][b]\n4:[//][2]\n5:[/][3]\n6:[//]\nend");
    format.comment_prefix = NULL;
    format.skip_rows = 2;
    check_rows(&format, "Report \"2024\r\n\r\na;b\r\n1;2\r\n", "3:[a][b]\n4:[1][2]\nend");
    check_rows(&format, "x\n\n\na;b\n", "4:[a][b]\nend");
    check_rows(&format, "x\ny", "end");
    check_rows(&format, "x\ry\rsep=;\ra;b\r", "4:[a][b]\nend");
    format.comment_prefix = "#";
    check_rows(&format, "x\n#y\n#z\na;b\n", "4:[a][b]\nend");
}

static void test_lines_are_counted_whatever_ends_them(void **state)
{
    (void)state;
    cr_table_format format = cr_table_format_default;
    check_rows(&format, "a,b\r1,2\n3,4\r\n5,6\n7,8",
               "1:[a][b]\n2:[1][2]\n3:[3][4]\n4:[5][6]\n5:[7][8]\nend");
    format.comment_prefix = "#";
    check_rows(&format, "#x\r#y\na,b\n", "3:[a][b]\nend");
}

static void test_max_line(void **state)
{
    (void)state;
    cr_table_format format = cr_table_format_default;
    format.max_line = 9;
    check_rows(&format, "a,b\n1234,6789\n", "1:[a][b]\n2:[1234][6789]\nend");
    static const char why[] =
        "a row of more than 9 bytes, the most that \"max_line\" in \"data\" allows; is "
        "it "
        "a table, with line ends? (A quote that is never closed makes a long row too.)";
    static const char *const texts[] = {"a,b\n1234,67890\n", "a,b\n1234567890",
                                        "a,b\n1,\"234567\"\n", "a,b\n1,\"2\n\n\n\n\n\n\n",
                                        "a,b\n1,\"2\"\"45678"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        cr_text expected = {0};
        cr_text_add(&expected, "1:[a][b]\ntest:2: %s", why);
        check_rows(&format, texts[i], expected.data);
        cr_text_finish(&expected);
    }
    cr_text expected = {0};
    cr_text_add(&expected, "test:1: %s", why);
    check_rows(&format, "0123456789,b\n1,2\n", expected.data);
    check_rows(&format, "\"23456789\n0", expected.data);
    cr_text_finish(&expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_feed_is_the_same_as_libcsv),
        cmocka_unit_test(test_feed_quoted),
        cmocka_unit_test(test_delimiters),
        cmocka_unit_test(test_a_first_line_names_the_delimiter),
        cmocka_unit_test(test_comments_and_skipped_lines),
        cmocka_unit_test(test_lines_are_counted_whatever_ends_them),
        cmocka_unit_test(test_max_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
