/* The text of files, in whatever they are written, and cut up at every place. */
#include "data/file_kind.h"
#include "data/table_text.h"
#include "files.h"
#include "fixture.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

static cr_table_format format_of(const char *encoding, size_t piece)
{
    cr_table_format format = cr_table_format_default;
    format.encoding = encoding;
    format.piece = piece;
    return format;
}

/* The whole text, or the message why there is none. */
static char *read_whole(cr_table_text *text, size_t most, cr_error *err)
{
    cr_text whole = {0};
    const char *piece = NULL;
    size_t length = 1;
    while (text && length > 0 && cr_table_text_read(text, &piece, &length, err)) {
        assert_true(length <= most);
        cr_text_add_bytes(&whole, piece, length);
    }
    cr_table_text_close(text);
    if (err->count > 0) {
        cr_text_finish(&whole);
        cr_text_add(&whole, "%s", err->text);
    }
    return whole.data;
}

static void check_bytes(const void *bytes, size_t length, const char *encoding,
                        const char *expected)
{
    const char *path = files_write("t.csv", bytes, length);
    static const size_t pieces[] = {0, 1, 2, 3, 5, 7, 64};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        cr_error err = CR_ERROR_INIT;
        const cr_table_format format = format_of(encoding, pieces[i]);
        char *found = read_whole(cr_table_text_open(path, &format, SIZE_MAX, &err),
                                 pieces[i] ? pieces[i] + 16 : SIZE_MAX, &err);
        const char *behind = found && err.count ? strstr(found, "t.csv") : found;
        if (strcmp(behind ? behind : "", expected) != 0)
            fail_msg("in pieces of %zu: found\n%s\nexpected\n%s", pieces[i],
                     behind ? behind : "", expected);
        cr_free(found);
    }
}

#define CHECK(bytes, encoding, expected)                                                 \
    check_bytes(bytes, sizeof(bytes) - 1, encoding, expected)

/* More than is looked at first, so that characters are cut in what follows. */
#define FIRST_LINE                                                                       \
    "0123456789012345678901234567890123456789012345678901234567890123456789\n"

static void test_utf8(void **state)
{
    (void)state;
    static const char text[] = FIRST_LINE "na\xC3\xAFve,\xE2\x82\xAC,\xF0\x9F\x98\x80\n";
    CHECK(FIRST_LINE "na\xC3\xAFve,\xE2\x82\xAC,\xF0\x9F\x98\x80\n", NULL, text);
    CHECK(FIRST_LINE "na\xC3\xAFve,\xE2\x82\xAC,\xF0\x9F\x98\x80\n", "UTF-8", text);
    CHECK("\xEF\xBB\xBF" FIRST_LINE "\xC3\xAF", NULL, FIRST_LINE "\xC3\xAF");
    CHECK("\xEF\xBB\xBF"
          "\xC3\xAF",
          "latin-1", "\xC3\xAF"); /* the mark says more */
    CHECK("\xEF\xBB\xBF", NULL, "");
    CHECK("", NULL, "");
    CHECK("\xEF\xBB\xBF\xEF\xBB\xBF", NULL, "\xEF\xBB\xBF");
}

static void test_wrong_utf8(void **state)
{
    (void)state;
    static const char why[] =
        "not valid UTF-8 (byte 0xE9); say in \"data\" what it is written in, such as "
        "\"encoding\": \"windows-1252\" or \"latin-1\", or save it as UTF-8";
    cr_text expected = {0};
    cr_text_add(&expected, "t.csv:3: %s", why);
    CHECK(FIRST_LINE "\xC3\xA9\ncaf\xE9,1\n", NULL, expected.data);
    CHECK(FIRST_LINE "\n\xE9", NULL, expected.data);
    CHECK(FIRST_LINE "\nab\xE9\x82", NULL, expected.data); /* cut off at the end */
    expected.length = 0;
    cr_text_add(&expected, "t.csv:1: %s", why);
    CHECK("\xE9", NULL, expected.data);
    cr_text_finish(&expected);
}

/* Behind the first bytes, by which files of other kinds are told. */
static void test_bytes_of_zero(void **state)
{
    (void)state;
    CHECK(
        FIRST_LINE "a\nb\0c\n", NULL,
        "t.csv:3: a byte of 0, which no text has; the file is damaged there, or no table "
        "of text");
    CHECK(
        FIRST_LINE "\0", "latin-1",
        "t.csv:2: a byte of 0, which no text has; the file is damaged there, or no table "
        "of text");
    /* what comes first is said first, whatever the pieces */
    CHECK(
        FIRST_LINE "a\0b\nc\x9D\n", "shift_jis",
        "t.csv:2: a byte of 0, which no text has; the file is damaged there, or no table "
        "of text");
    CHECK(
        FIRST_LINE "a\0b\n\xE9\n", NULL,
        "t.csv:2: a byte of 0, which no text has; the file is damaged there, or no table "
        "of text");
}

static void test_one_byte_encodings(void **state)
{
    (void)state;
    CHECK(FIRST_LINE "caf\xE9\xFC\n", "latin-1", FIRST_LINE "caf\xC3\xA9\xC3\xBC\n");
    CHECK("caf\xE9", "ISO-8859-1", "caf\xC3\xA9");
    CHECK(FIRST_LINE "\x80 5,\x93quoted\x94\n", "windows-1252",
          FIRST_LINE "\xE2\x82\xAC 5,\xE2\x80\x9Cquoted\xE2\x80\x9D\n");
    CHECK("\xA4", "latin-9", "\xE2\x82\xAC");
    CHECK(FIRST_LINE "a\nb\x81", "windows-1252",
          "t.csv:3: the byte 0x81 is no character of \"windows-1252\"; is it written in "
          "another encoding? \"encoding\" in \"data\" says which");
}

#define LE "a\0,\0b\0\n\0\xAC\x20,\0\x3D\xD8\x00\xDE\n\0"
#define BE "\0a\0,\0b\0\n\x20\xAC\0,\xD8\x3D\xDE\x00\0\n"
#define WIDE "a,b\n\xE2\x82\xAC,\xF0\x9F\x98\x80\n"

static void test_utf16(void **state)
{
    (void)state;
    CHECK("\xFF\xFE" LE LE LE LE LE LE, NULL, WIDE WIDE WIDE WIDE WIDE WIDE);
    CHECK("\xFE\xFF" BE BE BE BE BE BE, NULL, WIDE WIDE WIDE WIDE WIDE WIDE);
    CHECK("\xFF\xFE" LE, "utf-16", WIDE);
    CHECK("\xFE\xFF" BE, "utf-16", WIDE);
    CHECK("\xFE\xFF" BE, "windows-1252", WIDE);
    CHECK(LE LE LE LE LE, "utf-16le", WIDE WIDE WIDE WIDE WIDE);
    CHECK(BE, "utf-16be", WIDE);
    CHECK("\xFF\xFE" LE, "utf-16le", WIDE);
    CHECK("\xFF\xFE\0\0a\0\0\0\n\0\0\0", NULL, "a\n");
    CHECK(LE, NULL,
          "t.csv: there are bytes of 0 at its start: either it is no text, or it is "
          "UTF-16: \"encoding\": \"utf-16le\" in \"data\"");
    CHECK(BE, NULL,
          "t.csv: there are bytes of 0 at its start: either it is no text, or it is "
          "UTF-16: \"encoding\": \"utf-16be\" in \"data\"");
    CHECK("\xFF\xFE" LE "a\0\n\0x\0\n\0\x3D\xD8", NULL,
          "t.csv:5: the byte 0x3D is no character of \"UTF-16\"; is it written in "
          "another encoding? \"encoding\" in \"data\" says which");
    CHECK("\xFF\xFE" LE "\x00\xDE\n\0", NULL,
          "t.csv:3: the byte 0x00 is no character of \"UTF-16\"; is it written in "
          "another encoding? \"encoding\" in \"data\" says which");
}

static void test_gzip_members_and_checksum(void **state)
{
    (void)state;
    static char text[300000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + i * i % 23);
    char *bytes = NULL, *again = NULL;
    size_t length = 0, other = 0;
    assert_true(cr_file_read(files_write_gzip("a.gz", text, sizeof text / 2), 1 << 20,
                             CR_E_DATA, &bytes, &length, NULL));
    assert_true(
        cr_file_read(files_write_gzip("b.gz", text + sizeof text / 2, sizeof text / 2),
                     1 << 20, CR_E_DATA, &again, &other, NULL));
    cr_text both = {0};
    cr_text_add_bytes(&both, bytes, length);
    cr_text_add_bytes(&both, again, other);
    cr_text_add_bytes(&both, "ignored", 7);
    const char *path = files_write("both.gz", both.data, both.length);
    cr_error err = CR_ERROR_INIT;
    cr_table_text *file =
        cr_table_text_open(path, &cr_table_format_default, SIZE_MAX, &err);
    size_t at = 0, size = 1;
    for (const char *piece = NULL; size > 0; at += size) {
        assert_true(cr_table_text_read(file, &piece, &size, &err));
        assert_true(at + size <= sizeof text);
        assert_memory_equal(piece, text + at, size);
    }
    assert_int_equal(at, sizeof text);
    assert_int_equal(cr_table_text_crc32(file),
                     crc32(0, (const unsigned char *)both.data, (unsigned)both.length));
    cr_table_text_close(file);
    cr_text_finish(&both);
    cr_free(bytes);
    cr_free(again);
}

/* What a pipe has is handed out before more comes. */
static void test_a_stream_does_not_wait(void **state)
{
    (void)state;
    int ends[2];
    cr_error err = CR_ERROR_INIT;
    const char *piece = NULL;
    size_t length = 0;
    assert_int_equal(pipe(ends), 0);
    cr_table_text *text = cr_table_text_open_stream(
        ends[0], "standard input", &cr_table_format_default, SIZE_MAX, &err);
    static const char *const lines[] = {"1,2\n", "\xC3\xA9\n", "x", "\n"};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(write(ends[1], lines[i], strlen(lines[i])), strlen(lines[i]));
        assert_true(cr_table_text_read(text, &piece, &length, &err));
        assert_int_equal(length, strlen(lines[i]));
        assert_memory_equal(piece, lines[i], length);
    }
    close(ends[1]);
    assert_true(cr_table_text_read(text, &piece, &length, &err));
    assert_int_equal(length, 0);
    cr_table_text_close(text);
    close(ends[0]);
}

static void test_files_of_other_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        const char *name;
    } cases[] = {
        {"PK\3\4\x14\0", 6, "a zip archive, such as a spreadsheet of Excel"},
        {"\xD0\xCF\x11\xE0\xA1\xB1", 6, "an old Excel (xls)"},
        {"\x89PNG\r\n\x1A\n", 8, "a picture (PNG)"},
        {"\xFF\xD8\xFF\xE0", 4, "a picture (JPEG)"},
        {"GIF89a", 6, "a picture (GIF)"},
        {"BM\x36\0\0\0\0\0\0\0\x36\0", 12, "a picture (BMP)"},
        {"II*\0\x08\0\0\0", 8, "a picture (TIFF)"},
        {"RIFF\x24\0\0\0WEBPVP8 ", 16, "a picture (WebP)"},
        {"%PDF-1.7\n", 9, "a PDF document"},
        {"SQLite format 3\0", 16, "an SQLite database"},
        {"PAR1\x15", 5, "a Parquet file"},
        {"ARROW1\0\0", 8, "an Arrow file"},
        {"\x93NUMPY\1\0", 8, "a NumPy array"},
        {"\x89HDF\r\n\x1A\n", 8, "an HDF5 file"},
        {"\x80\4\x95\0", 4, "a Python pickle"},
        {"\xFD"
         "7zXZ\0",
         6, "compressed with xz"},
        {"BZh91AY", 7, "compressed with bzip2"},
        {"\x28\xB5\x2F\xFD\4", 5, "compressed with zstd"},
        {"7z\xBC\xAF\x27\x1C", 6, "a 7z archive"},
        {"\0\0\x08\3\0\0", 6, "IDX data"},
        {"\n <!DOCTYPE HTML>", 16, "a web page (HTML)"},
        {"<html lang=", 11, "a web page (HTML)"},
        {"\xEF\xBB\xBF<?xml version", 15, "XML"},
        {"{\"a\": 1}", 8, "JSON"},
        {"{\n  \"a\"", 7, "JSON"},
        {"[{\"a\"", 5, "JSON"},
        {"[\n  [1, 2]", 10, "JSON"},
        {"{}", 2, "JSON"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_error err = CR_ERROR_INIT;
        const char *path = files_write("t.csv", cases[i].bytes, cases[i].length);
        char *found =
            read_whole(cr_table_text_open(path, &cr_table_format_default, SIZE_MAX, &err),
                       SIZE_MAX, &err);
        if (!strstr(found, cases[i].name) ||
            !strstr(found, "t.csv: this is no table of text but "))
            fail_msg("case %zu, \"%s\": %s", i, cases[i].name, found);
        cr_free(found);
    }
    static const char *const tables[] = {
        "BMI,age\n20,30\n", "PK,name\n1,x\n",   "[a],b\n", "{a},b\n", "GIF,PNG\n",
        "7z,x\n",           "<5,>6\n<html,x\n", "",        "B",       "PAR,x\n",
        "[1],2\n"};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        assert_null(cr_file_kind_name(tables[i], strlen(tables[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_wrong_utf8),
        cmocka_unit_test(test_bytes_of_zero),
        cmocka_unit_test(test_one_byte_encodings),
        cmocka_unit_test(test_utf16),
        cmocka_unit_test(test_gzip_members_and_checksum),
        cmocka_unit_test(test_a_stream_does_not_wait),
        cmocka_unit_test(test_files_of_other_kinds),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
