#include "files.h"
#include "golden_file.h"
#include "image/decoder.h"
#include "image/resize.h"

enum { MOST = 8192 };

static void read_picture(const char *name, cr_picture *picture)
{
    char path[512], *text = NULL;
    size_t length = 0;
    cr_decoder decoder = {0};
    snprintf(path, sizeof path, "%s/pictures/%s", getenv("CHAINRULE_GOLDEN"), name);
    assert_true(cr_file_read(path, MOST, CR_E_DATA, &text, &length, NULL));
    assert_true(cr_decoder_run(&decoder, (uint8_t *)text, length, path, picture, NULL));
    cr_decoder_finish(&decoder);
    free(text);
}

/* Within one level: where it is less work, Pillow takes the columns first, and so rounds
 * other numbers in between. */
static void test_resize_run_makes_what_pillow_makes(void **state)
{
    (void)state;
    cr_document golden = golden_read("pictures.json");
    const cr_json *list = cr_json_get(golden.root, "resized");
    static double expected[MOST];
    cr_picture from = {0}, to = {0};
    cr_resize resize = {0};
    size_t made = 0;
    for (const cr_json *r = cr_json_first(list); r; r = cr_json_next(r), made++) {
        read_picture(cr_json_string(cr_json_get(r, "file")), &from);
        size_t height = (size_t)golden_number(r, "height");
        size_t width = (size_t)golden_number(r, "width");
        assert_true(cr_resize_run(&resize, &from, height, width, &to, NULL));
        assert_int_equal(to.height, height);
        assert_int_equal(to.width, width);
        size_t count = golden_numbers(r, "bytes", MOST, expected);
        assert_int_equal(count, height * width * to.channels);
        for (size_t i = 0; i < count; i++)
            assert_in_range(to.bytes[i] + 1 - (int)expected[i], 0, 2);
    }
    assert_true(made > 10);
    cr_resize_finish(&resize);
    cr_picture_finish(&from);
    cr_picture_finish(&to);
    cr_document_finish(&golden);
}

static void test_resize_run_refuses_what_is_too_large(void **state)
{
    (void)state;
    cr_picture from = {0}, to = {0};
    cr_resize resize = {0};
    cr_error err = CR_ERROR_INIT;
    assert_true(cr_picture_from_planes(&from, (uint8_t[]){7}, 1, 1, 1, NULL));
    assert_false(cr_resize_run(&resize, &from, 30000, 30000, &to, &err));
    assert_int_equal(err.code, CR_E_DATA);
    cr_resize_finish(&resize);
    cr_picture_finish(&from);
    cr_picture_finish(&to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resize_run_makes_what_pillow_makes),
        cmocka_unit_test(test_resize_run_refuses_what_is_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
