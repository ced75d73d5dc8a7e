#include "data/sources/table_file.h"
#include "files.h"
#include "fixture.h"
#include "tables.h"

/* Reads all columns but the last as numbers and the last as words. */
static bool read_table(const char *path, cr_raw *table, cr_error *err)
{
    cr_opened file;
    cr_reading reading = {0};
    const cr_source source = tables_source(path, -1);
    *err = (cr_error)CR_ERROR_INIT;
    if (!cr_source_open(&file, &source, err))
        return false;
    size_t last = file.columns - 1;
    cr_column_kind kinds[16];
    for (size_t i = 0; i < file.columns; i++)
        kinds[i] = CR_COLUMN_NUMBER;
    const tables_plan plan = {&last, 1, kinds, true, CR_MISSING_ERROR, NULL};
    bool good = tables_choose(&reading, &file, &plan, err) &&
                cr_source_read(&file, &reading, table, err);
    cr_reading_finish(&reading);
    cr_source_close(&file);
    return good;
}

static void check_same(const char *path)
{
    cr_raw table;
    cr_error err;
    if (!read_table(path, &table, &err))
        fail_msg("%s", err.text);
    assert_int_equal(table.rows, 3);
    assert_int_equal(table.width, 2);
    const double expected[] = {1, 2.5, -3, 4e2, 5, 0.5};
    assert_true(tables_have_numbers(&table, expected));
    assert_int_equal(table.classes.names.count, 2);
    assert_string_equal(table.classes.names.items[0], "red");
    assert_string_equal(table.classes.names.items[1], "light blue");
    const int32_t codes[] = {0, 1, 0};
    assert_memory_equal(table.codes, codes, sizeof codes);
    cr_raw_finish(&table);
}

static void test_table_read_variants(void **state)
{
    (void)state;
    static const char plain[] = "a,b,color\n1,2.5,red\n-3,4e2,light blue\n5,.5,red\n";
    check_same(files_write_text("plain.csv", plain));
    check_same(files_write_gzip("plain.csv.gz", plain, strlen(plain)));
    check_same(files_write_text("none.csv", "1,2.5,red\n-3,4e2,light blue\n5,.5,red"));
    check_same(files_write_text(
        "crlf.csv", "a,b,c\r\n1,2.5,red\r\n-3,4e2,light blue\r\n\r\n5,.5,red\r\n"));
    check_same(files_write_text(
        "t.tsv", "a\tb\tc\n1\t2.5\tred\n-3\t4e2\tlight blue\n5\t.5\tred\n"));
    check_same(files_write_text("semicolon.csv",
                                "a;b;c\n1;2.5;red\n-3;4e2;light blue\n5;.5;red\n"));
    check_same(files_write_text(
        "quoted.csv",
        "\"a\",\"b,1\",c\n\"1\",\"2.5\",\"red\"\n -3 , 4e2 ,\"light blue\"\n5,.5,red\n"));
    check_same(files_write_text("mark.csv",
                                "\xEF\xBB\xBF"
                                "a,b,c\n1,2.5,red\n-3,4e2,light blue\n5,.5,red\n"));
}

static void test_table_has_header(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool has_header;
    } cases[] = {
        {"a,b\n1,x\n2,y\n", true},  {"1,x\n2,y\n", false}, {"a,b\nc,d\n", false},
        {"?,x\n2,y\n3,z\n", false}, {"a\n", true},         {"2019,2020\n1,2\n", false},
        {"\"a\"\n1\n?\n", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_table_file file;
        const cr_source source =
            tables_source(files_write_text("h.csv", cases[i].text), -1);
        assert_true(cr_table_file_open(&file, &source, NULL));
        assert_int_equal(file.has_header, cases[i].has_header);
        cr_table_file_close(&file);
    }
}

static void check_refused(const char *text, const char *message)
{
    cr_raw table;
    cr_error err;
    assert_false(read_table(files_write_text("bad.csv", text), &table, &err));
    assert_int_equal(err.code, CR_E_DATA);
    if (!strstr(err.text, message))
        fail_msg("said \"%s\", expected \"%s\"", err.text, message);
}

static void test_table_read_names_the_place(void **state)
{
    (void)state;
    check_refused("", "the file is empty");
    check_refused("\n\n", "the file is empty");
    check_refused("a,b,c\n1,2,x\n1,oops,y\n",
                  "bad.csv:3: column \"b\": found \"oops\", expected a number");
    check_refused("1,2,x\n1,oops,y\n", "bad.csv:2: column 1 (from 0): found \"oops\"");
    check_refused("a,b,c\n1,2,x\n1,nan,y\n",
                  "found \"nan\", a missing value, expected a number");
    check_refused("a,b,c\n1,2,x\n1,1e400,y\n", "expected a finite number");
    check_refused("a,b,c\n1,2,x\n1,,y\n", "found an empty cell");
    check_refused("a,b,c\n1,2,x\n1,2\n",
                  "bad.csv:3: found 2 cells, expected 3 as in line 1");
    check_refused("a,b,c\n1,2,x\n\n1,2,x,4\n", "bad.csv:4: found 4 cells");
    check_refused("a,b,c\n1,2,\"x\ny\"\n1,oops,y\n", "bad.csv:4: column \"b\"");
    check_refused("a,b,c\r\n1,2,x\r\n1,oops,y\r\n", "bad.csv:3: column \"b\"");
    check_refused("a,b,c\n1,2,\"x\n",
                  "a quote inside a cell, or one that is never closed");
    check_refused("a,b,c\n1,2,x\"y\n", "bad.csv:2: a quote inside a cell");
    check_refused("a,b,c\n1,2,x\n1,2,\n",
                  "bad.csv:3: column \"c\": the target is missing: found an empty cell");
}

static void test_table_read_damaged_gzip(void **state)
{
    (void)state;
    static char text[20000];
    for (size_t i = 0; i + 6 < sizeof text; i += 6)
        memcpy(text + i, i % 7 ? "1,2,x\n" : "3,4,y\n", 6);
    const char *path = files_write_gzip("whole.csv.gz", text, strlen(text));
    char *bytes = NULL;
    size_t length = 0;
    assert_true(cr_file_read(path, 1 << 20, CR_E_DATA, &bytes, &length, NULL));
    cr_raw table;
    cr_error err;
    assert_false(
        read_table(files_write("short.csv.gz", bytes, length - 10), &table, &err));
    assert_non_null(strstr(err.text, "truncated"));
    bytes[length / 2] ^= 0x55;
    assert_false(read_table(files_write("wrong.csv.gz", bytes, length), &table, &err));
    assert_non_null(strstr(err.text, "damaged"));
    cr_free(bytes);
    assert_false(read_table(files_path("missing.csv"), &table, &err));
    assert_non_null(strstr(err.text, "no such file"));
    assert_false(read_table(files_directory, &table, &err));
    assert_non_null(strstr(err.text, "is a directory"));
}

static void test_table_read_many_words(void **state)
{
    (void)state;
    cr_text text = {0};
    for (int i = 0; i < 5000; i++)
        cr_text_add(&text, "%d,word%d\n", i, i % 2500);
    cr_raw table;
    cr_error err;
    assert_true(
        read_table(files_write("many.csv", text.data, text.length), &table, &err));
    assert_int_equal(table.classes.names.count, 2500);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(table.codes[i], i % 2500);
    assert_int_equal(table.classes.lines[7], 8);
    cr_raw_finish(&table);
    cr_text_finish(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_read_variants),
        cmocka_unit_test(test_table_has_header),
        cmocka_unit_test(test_table_read_names_the_place),
        cmocka_unit_test(test_table_read_damaged_gzip),
        cmocka_unit_test(test_table_read_many_words),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
