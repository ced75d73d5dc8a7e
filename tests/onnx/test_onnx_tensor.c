/* Tensors of the onnx package (golden/onnx_tensors.py), of all types, and damaged ones. */
#include "fixture.h"
#include "golden_file.h"
#include "onnx/fields.h"
#include "onnx/onnx_tensor.h"

enum { MOST = 1024 }; /* bytes of a message */

static size_t read_hex(const char *hex, char *bytes)
{
    size_t length = strlen(hex) / 2;
    assert_true(length <= MOST);
    for (size_t i = 0; i < length; i++) {
        unsigned byte = 0;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        bytes[i] = (char)byte;
    }
    return length;
}

static cr_wire_reader reader_of(const char *bytes, size_t length)
{
    return (cr_wire_reader){
        .file = "t.onnx", .first = bytes, .at = bytes, .end = bytes + length};
}

static void check_case(const cr_json *golden)
{
    char bytes[MOST], type[CR_ONNX_TYPE_NAME];
    cr_onnx_tensor tensor;
    cr_error err = CR_ERROR_INIT;
    const char *name = cr_json_get_string(golden, "type");
    const cr_wire_text message = {bytes,
                                  read_hex(cr_json_get_string(golden, "file"), bytes)};
    const cr_wire_reader file = reader_of(bytes, message.length);
    const cr_json *values = cr_json_get(golden, "values");
    double *found = cr_onnx_tensor_read(&file, message, &tensor, &err)
                        ? cr_onnx_tensor_numbers(&file, &tensor, &err)
                        : NULL;
    if (!found)
        fail_msg("%s: %s", name, err.text);
    assert_string_equal(cr_onnx_tensor_type_name(tensor.type, type), name);
    assert_int_equal(tensor.rank, 1);
    assert_int_equal(tensor.count, cr_json_count(values));
    size_t i = 0;
    for (const cr_json *v = cr_json_first(values); v; v = cr_json_next(v), i++) {
        const double expected = strtod(cr_json_string(v), NULL);
        if (isnan(expected) ? !isnan(found[i]) : found[i] != expected)
            fail_msg("%s: found %.17g, expected %.17g", name, found[i], expected);
    }
    cr_free(found);
}

static void test_numbers_of_all_types(void **state)
{
    (void)state;
    cr_document golden = golden_read("onnx_tensors.json");
    const cr_json *list = cr_json_get(golden.root, "tensors");
    assert_int_equal(cr_json_count(list), 26);
    for (const cr_json *c = cr_json_first(list); c; c = cr_json_next(c))
        check_case(c);
    cr_document_finish(&golden);
}

/* Every message that is cut off, and every one with a byte of another value, is read or
 * refused; what is refused says so. */
static void test_damage(void **state)
{
    (void)state;
    cr_document golden = golden_read("onnx_tensors.json");
    const cr_json *list = cr_json_get(golden.root, "tensors");
    for (const cr_json *c = cr_json_first(list); c; c = cr_json_next(c)) {
        char bytes[MOST];
        const size_t length = read_hex(cr_json_get_string(c, "file"), bytes);
        for (size_t i = 0; i < 2 * length; i++) {
            cr_onnx_tensor tensor;
            cr_error err = CR_ERROR_INIT;
            const cr_wire_text message = {bytes, i < length ? i : length};
            const cr_wire_reader file = reader_of(bytes, message.length);
            if (i >= length)
                bytes[i - length] ^= 0x55;
            double *numbers = cr_onnx_tensor_read(&file, message, &tensor, &err)
                                  ? cr_onnx_tensor_numbers(&file, &tensor, &err)
                                  : NULL;
            assert_true((numbers != NULL) == (err.count == 0));
            cr_free(numbers);
            if (i >= length)
                bytes[i - length] ^= 0x55;
        }
    }
    cr_document_finish(&golden);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_of_all_types),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
