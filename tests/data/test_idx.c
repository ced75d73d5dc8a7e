#include "data/sources/idx.h"
#include "files.h"
#include "fixture.h"

static const unsigned char images[] = {0, 0, 8, 3, 0, 0, 0, 2, 0,   0,   0,
                                       1, 0, 0, 0, 3, 1, 2, 3, 250, 251, 252};

static void test_idx_read_plain_and_gzip(void **state)
{
    (void)state;
    const char *paths[] = {files_write("a.idx", images, sizeof images),
                           files_write_gzip("a.idx.gz", images, sizeof images)};
    for (size_t i = 0; i < 2; i++) {
        cr_array idx;
        assert_true(cr_idx_read(&idx, paths[i], NULL));
        assert_int_equal(idx.rank, 3);
        assert_int_equal(idx.dim[0], 2);
        assert_int_equal(idx.dim[2], 3);
        assert_memory_equal(idx.data, images + 16, 6);
        cr_array_finish(&idx);
        assert_true(cr_idx_recognize(paths[i]));
    }
    assert_false(cr_idx_recognize(files_write_text("a.csv", "1,2\n")));
    assert_false(cr_idx_recognize(files_path("missing")));
}

static void check_refused(const unsigned char *bytes, size_t length, const char *message)
{
    cr_array idx;
    cr_error err = CR_ERROR_INIT;
    assert_false(cr_idx_read(&idx, files_write("bad.idx", bytes, length), &err));
    assert_int_equal(err.code, CR_E_DATA);
    if (!strstr(err.text, message))
        fail_msg("said \"%s\", expected \"%s\"", err.text, message);
}

static void check_changed(size_t at, unsigned char value, const char *message)
{
    unsigned char bytes[sizeof images];
    memcpy(bytes, images, sizeof images);
    bytes[at] = value;
    check_refused(bytes, sizeof bytes, message);
}

static void test_idx_read_refuses(void **state)
{
    (void)state;
    check_refused(images, 0, "the file is empty");
    check_refused(images, 3, "not an IDX file");
    check_refused((const unsigned char *)"a,b\n1,2\n", 8,
                  "it starts with bytes 61 2c 62 0a, expected 00 00");
    check_refused(images, 10, "truncated: the IDX header is incomplete");
    check_refused(images, sizeof images - 1, "truncated: 21 of the 22 bytes");
    check_changed(2, 10, "IDX data of type 0x0a");
    check_changed(2, 14, "truncated: 22 of the 64 bytes");
    check_changed(3, 5, "5 dimensions");
    check_changed(3, 0, "0 dimensions");
    check_changed(7, 0, "dimension 0 is 0");
    check_changed(7, 1, "more than the 19 bytes that its header announces");
}

static void test_idx_read_does_not_trust_its_header(void **state)
{
    (void)state;
    unsigned char bytes[20] = {0, 0, 8, 4};
    memset(bytes + 4, 0xFF, 16);
    cr_array idx;
    cr_error err = CR_ERROR_INIT;
    assert_false(cr_idx_read(&idx, files_write("huge.idx", bytes, sizeof bytes), &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_idx_read_plain_and_gzip),
        cmocka_unit_test(test_idx_read_refuses),
        cmocka_unit_test(test_idx_read_does_not_trust_its_header),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
