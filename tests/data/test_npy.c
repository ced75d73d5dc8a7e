/* NumPy's files (golden/arrays.py), and files that are none. */
#include "data/sources/npy.h"
#include "files.h"
#include "golden_file.h"

enum { MOST = 4096 }; /* bytes of a file */

static size_t read_hex(const char *hex, unsigned char *bytes)
{
    size_t length = strlen(hex) / 2;
    assert_true(length <= MOST);
    for (size_t i = 0; i < length; i++) {
        unsigned byte = 0;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        bytes[i] = (unsigned char)byte;
    }
    return length;
}

static void check_element(const cr_array *array, size_t index, const char *expected)
{
    if (cr_array_is_text(array)) {
        char *text = cr_array_read_text(array, index, NULL);
        assert_string_equal(text, expected);
        cr_free(text);
        return;
    }
    double found = 0, value = strtod(expected, NULL);
    cr_array_read(array, index, 1, &found);
    if (isnan(value))
        assert_true(isnan(found));
    else
        assert_memory_equal(&found, &value, sizeof value); /* of zeros their signs too */
}

static void check_case(const cr_json *golden, const char *path)
{
    cr_array array, peeked;
    cr_error err = CR_ERROR_INIT;
    double dim[CR_ARRAY_DIMENSIONS];
    if (!cr_npy_read(&array, path, &err) || !cr_npy_peek(&peeked, path, &err))
        fail_msg("%s: %s", cr_json_get_string(golden, "type"), err.text);
    assert_int_equal(golden_numbers(golden, "shape", CR_ARRAY_DIMENSIONS, dim),
                     array.rank);
    for (size_t i = 0; i < array.rank; i++) {
        assert_true(dim[i] == (double)array.dim[i]);
        assert_int_equal(array.dim[i], peeked.dim[i]);
    }
    size_t index = 0;
    const cr_json *values = cr_json_get(golden, "values");
    for (const cr_json *v = cr_json_first(values); v; v = cr_json_next(v))
        check_element(&array, index++, cr_json_string(v));
    cr_array_finish(&array);
}

static void test_read_what_numpy_has_written(void **state)
{
    (void)state;
    cr_document golden = golden_read("arrays.json");
    unsigned char bytes[MOST];
    size_t cases = 0;
    for (const cr_json *c = cr_json_first(golden.root); c; c = cr_json_next(c), cases++) {
        size_t length = read_hex(cr_json_get_string(c, "npy"), bytes);
        check_case(c, files_write("a.npy", bytes, length));
        check_case(c, files_write_gzip("a.npy.gz", bytes, length));
    }
    assert_int_equal(cases, 53);
    cr_document_finish(&golden);
}

/* A file of version 1 with this dictionary and so many bytes of data. */
static const char *write_npy(const char *dictionary, size_t data)
{
    unsigned char bytes[MOST] = "\x93NUMPY\1";
    size_t length = strlen(dictionary);
    bytes[8] = (unsigned char)length;
    memcpy(bytes + 10, dictionary, length);
    memset(bytes + 10 + length, 'x', data);
    return files_write("a.npy", bytes, 10 + length + data);
}

static void refuse_file(const char *path, const char *message)
{
    cr_array array;
    cr_error err = CR_ERROR_INIT;
    assert_false(cr_npy_read(&array, path, &err));
    assert_null(array.content);
    assert_int_equal(err.code, CR_E_DATA);
    if (!strstr(err.text, message))
        fail_msg("said \"%s\", expected \"%s\"", err.text, message);
}

static void test_read_refuses_types(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"'|O'", "Python objects, pickled, which are not read since a pickle can run"},
        {"'<c8'", "complex numbers"},
        {"'<M8[ns]'", "dates or times"},
        {"'|V8'", "structures"},
        {"[('a', '<f4'), ('b', '<i4')]", "structures"},
        {"'<f16'", "numbers of a size that is not read; save x.astype(\"float64\")"},
        {"'<f1'", "numbers of a size"},
        {"'<i3'", "a type that is not read"},
        {"'<q'", "a type that is not read"},
        {"''", "a type that is not read"},
        {"'<U0'", "a type that is not read"},
        {"'|b2'", "a type that is not read"},
    };
    for (size_t i = 0; i < CR_COUNT(cases); i++) {
        char dictionary[128];
        snprintf(dictionary, sizeof dictionary,
                 "{'descr': %s, 'fortran_order': False, 'shape': (2,), }\n", cases[i][0]);
        refuse_file(write_npy(dictionary, 32), cases[i][1]);
    }
}

static void test_read_refuses_shapes_and_lengths(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"()", "an array of 0 dimensions; expected 1 to 4"},
        {"(1,1,1,1,1)", "an array of 5 dimensions"},
        {"(2, 0)", "dimension 1 is 0; there is no data"},
        {"(9,)", "truncated: 79 of the 80"},
        {"(7,)", "more than the 78"},
        {"(4294967296, 4294967296)", "announces more bytes than exist"},
        {"(18446744073709551617,)", "a damaged NumPy file"},
        {"(2 2)", "a damaged NumPy file"},
        {"(-1,)", "a damaged NumPy file"},
        {"(8,", "a damaged NumPy file"},
        {"8", "a damaged NumPy file"},
    };
    for (size_t i = 0; i < CR_COUNT(cases); i++) {
        char dictionary[128];
        snprintf(dictionary, sizeof dictionary,
                 "{'descr': '|u1', 'fortran_order': False, 'shape': %s, }   \n",
                 cases[i][0]);
        refuse_file(write_npy(dictionary, 8), cases[i][1]);
    }
}

static void test_read_refuses_headers(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "{}",
        "{'descr': '|u1', 'fortran_order': False}",
        "{'descr': '|u1', 'shape': (2,)}",
        "{'fortran_order': False, 'shape': (2,)}",
        "{'descr': '|u1', 'fortran_order': 0, 'shape': (2,)}",
        "['descr', '|u1']",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), 'more': 1}",
        "{'descr': '|u1",
        "{'descr' '|u1'}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2,)"};
    for (size_t i = 0; i < CR_COUNT(cases); i++)
        refuse_file(write_npy(cases[i], 2), "a damaged NumPy file");
    refuse_file(files_write("b.npy", "", 0), "not a NumPy file");
    refuse_file(files_write("b.npy", "a,b\n1,2\n", 8), "not a NumPy file");
    refuse_file(files_write("b.npy", "\x93NUMPY", 6), "truncated: the NumPy header");
    refuse_file(files_write("b.npy", "\x93NUMPY\4\0\0\0", 10),
                "version 4; versions 1 to 3");
    refuse_file(files_write("b.npy", "\x93NUMPY\1\0\x50\0{", 11), "truncated: the NumPy");
    static unsigned char large[1 << 17] = "\x93NUMPY\2\0\0\0\1";
    refuse_file(files_write("b.npy", large, sizeof large), "a header of more than 16000");
    refuse_file(files_path("missing.npy"), "no such file");
}

/* Python 2 wrote an L behind a long number. */
static void test_read_takes_other_spellings(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "{'shape': (2L, 1L), 'fortran_order': True, 'descr': '|u1'}",
        "{\"shape\":(2,1),\"fortran_order\":False,\"descr\":\"u1\"}",
        "{ 'descr' : '=u1' , 'fortran_order' : False , 'shape' : ( 2 , 1 , ) , } "};
    for (size_t i = 0; i < CR_COUNT(cases); i++) {
        cr_array array;
        cr_error err = CR_ERROR_INIT;
        if (!cr_npy_read(&array, write_npy(cases[i], 2), &err))
            fail_msg("%s", err.text);
        assert_int_equal(array.rank, 2);
        assert_int_equal(array.dim[0], 2);
        assert_memory_equal(array.data, "xx", 2);
        cr_array_finish(&array);
    }
}

static void test_texts_that_are_none(void **state)
{
    (void)state;
    static const unsigned char code_points[][4] = {
        {0, 0xD8, 0, 0}, {0, 0, 0x11, 0}, {0xFF, 0xFF, 0xFF, 0xFF}};
    cr_error err = CR_ERROR_INIT;
    for (size_t i = 0; i < CR_COUNT(code_points); i++) {
        const cr_array array = {.path = "a.npy",
                                .kind = CR_ARRAY_UNICODE,
                                .size = 4,
                                .rank = 1,
                                .dim = {1},
                                .data = code_points[i]};
        assert_null(cr_array_read_text(&array, 0, &err));
        assert_non_null(strstr(err.text, "element 0 (from 0) is no valid Unicode text"));
    }
    const cr_array bytes = {.path = "a.npy",
                            .kind = CR_ARRAY_BYTES,
                            .size = 3,
                            .rank = 1,
                            .dim = {1},
                            .data = (const uint8_t *)"a\xFF"};
    assert_null(cr_array_read_text(&bytes, 0, &err));
}

static void test_recognize(void **state)
{
    (void)state;
    assert_true(cr_npy_recognize(
        write_npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}", 2)));
    assert_true(cr_npy_recognize("missing.npz:x"));
    assert_false(cr_npy_recognize(files_write_text("a.csv", "1,2\n")));
    assert_false(cr_npy_recognize(files_path("missing")));
    static const char sheet[] = "PK\3\4..........................\7\0..xl/book";
    assert_false(cr_npy_recognize(files_write("a.xlsx", sheet, sizeof sheet)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_what_numpy_has_written),
        cmocka_unit_test(test_read_refuses_types),
        cmocka_unit_test(test_read_refuses_shapes_and_lengths),
        cmocka_unit_test(test_read_refuses_headers),
        cmocka_unit_test(test_read_takes_other_spellings),
        cmocka_unit_test(test_texts_that_are_none),
        cmocka_unit_test(test_recognize),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
