/* Fields of protobuf messages, and bytes that are none. */
#include "fixture.h"
#include "onnx/fields.h"
#include "onnx/wire_reader.h"

#define READER(bytes)                                                                    \
    (cr_wire_reader)                                                                     \
    {                                                                                    \
        .file = "f", .first = bytes, .at = bytes, .end = bytes + sizeof bytes - 1        \
    }

static void test_next_reads_each_wire_type(void **state)
{
    (void)state;
    static const char bytes[] = "\x08\x96\x01"             /* 1: 150 */
                                "\x11\0\0\0\0\0\0\xf0\x3f" /* 2: 1.0 */
                                "\x1a\x02hi"               /* 3 */
                                "\x25\0\0\x80\xbf"         /* 4: -1.0f */
                                "\xf8\xff\xff\xff\x0f\xff\xff\xff\xff\xff\xff\xff\xff\xff"
                                "\x01"; /* 536870911: -1 */
    cr_wire_reader r = READER(bytes);
    cr_wire_field field;
    cr_wire_text text = {0};
    cr_error err = CR_ERROR_INIT;
    int64_t integer = 0;
    double single = 0;
    assert_true(cr_wire_reader_next(&r, &field, &err));
    cr_wire_reader_integer(&r, &field, "a", &integer, &err);
    assert_int_equal(field.number, 1);
    assert_int_equal(integer, 150);
    assert_true(cr_wire_reader_next(&r, &field, &err));
    assert_int_equal(field.type, CR_WIRE_FIXED64);
    assert_true(field.value == 0x3ff0000000000000u);
    assert_true(cr_wire_reader_next(&r, &field, &err));
    cr_wire_reader_text(&r, &field, "c", &text, &err);
    assert_true(cr_wire_reader_is(text, "hi"));
    assert_int_equal(field.offset, 12);
    assert_true(cr_wire_reader_next(&r, &field, &err));
    cr_wire_reader_float(&r, &field, "d", &single, &err);
    assert_true(single == -1);
    assert_true(cr_wire_reader_next(&r, &field, &err));
    cr_wire_reader_integer(&r, &field, "e", &integer, &err);
    assert_int_equal(field.number, 536870911);
    assert_int_equal(integer, -1);
    assert_false(cr_wire_reader_next(&r, &field, &err));
    assert_false(r.failed);
    assert_int_equal(err.count, 0);
}

static void test_next_says_where_it_cannot_read(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        const char *text;
    } cases[] = {
        {"\x08", 1, "f: byte 1: found a number without an end"},
        {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11, "f: byte 1: found a number"},
        {"\x08\x80", 2, "f: byte 1: found a number without an end"},
        {"\x11\0\0\0", 4, "f: byte 1: found 3 bytes, expected the 8 of a number"},
        {"\x0a\x03hi", 4, "f: byte 1: found a length of 3 bytes where 2 are left"},
        {"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11,
         "f: byte 1: found a length of 18446744073709551615 bytes where 0 are left"},
        {"\x0b", 1, "f: byte 0: found the wire type 3, expected 0, 1, 2 or 5"},
    };
    for (size_t i = 0; i < CR_COUNT(cases); i++) {
        cr_wire_reader r = {.file = "f",
                            .first = cases[i].bytes,
                            .at = cases[i].bytes,
                            .end = cases[i].bytes + cases[i].length};
        cr_wire_field field;
        cr_error err = CR_ERROR_INIT;
        assert_false(cr_wire_reader_next(&r, &field, &err));
        assert_true(r.failed);
        if (strncmp(err.text, cases[i].text, strlen(cases[i].text)) != 0)
            fail_msg("found \"%s\", expected \"%s\"", err.text, cases[i].text);
    }
}

static void test_numbers_are_packed_or_not(void **state)
{
    (void)state;
    static const char bytes[] =
        "\x08\x01\x0a\x03\x02\xac\x02\x08\x03"; /* 1, [2, 300], 3 */
    static const double expected[] = {1, 2, 300, 3};
    cr_wire_reader r = READER(bytes);
    cr_wire_numbers numbers = {0};
    cr_error err = CR_ERROR_INIT;
    assert_int_equal(cr_wire_reader_count(&r, 1), 3);
    for (cr_wire_field field; cr_wire_reader_next(&r, &field, &err);)
        cr_wire_reader_numbers(&r, &field, CR_WIRE_VARINT, "n", &numbers, &err);
    assert_int_equal(numbers.count, 4);
    assert_memory_equal(numbers.values, expected, sizeof expected);
    cr_free(numbers.values);
}

static void test_a_field_of_another_type_is_an_error(void **state)
{
    (void)state;
    static const char bytes[] = "\x08\x01";
    cr_wire_reader r = READER(bytes);
    cr_wire_field field;
    cr_wire_text text = {0};
    cr_error err = CR_ERROR_INIT;
    assert_true(cr_wire_reader_next(&r, &field, &err));
    cr_wire_reader_text(&r, &field, "name", &text, &err);
    assert_true(r.failed);
    assert_non_null(strstr(err.text, "byte 0: name: found the wire type 0, expected 2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_next_reads_each_wire_type),
        cmocka_unit_test(test_next_says_where_it_cannot_read),
        cmocka_unit_test(test_numbers_are_packed_or_not),
        cmocka_unit_test(test_a_field_of_another_type_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
