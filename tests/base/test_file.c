#include "base/directory.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "fixture.h"

#include <stdlib.h>
#include <unistd.h>

static void check_absolute(const char *path, const char *expected)
{
    char *found = cr_path_absolute(path, NULL);
    assert_string_equal(found, expected);
    cr_free(found);
}

static void test_path_absolute_cleans(void **state)
{
    (void)state;
    check_absolute("/a/b/../c", "/a/c");
    check_absolute("/a/./b//c/", "/a/b/c");
    check_absolute("/..", "/");
    check_absolute("/a/..", "/");
    check_absolute("/...", "/...");
    char here[4096], expected[4200];
    assert_non_null(getcwd(here, sizeof here));
    snprintf(expected, sizeof expected, "%s/x", here);
    check_absolute("y/../x", expected);
}

static void test_path_parts(void **state)
{
    (void)state;
    char *part = cr_path_stem("configs/digits.json", NULL);
    assert_string_equal(part, "digits");
    cr_free(part);
    part = cr_path_stem(".json", NULL);
    assert_string_equal(part, ".json");
    cr_free(part);
    part = cr_path_directory("configs/digits.json", NULL);
    assert_string_equal(part, "configs");
    cr_free(part);
    part = cr_path_directory("digits.json", NULL);
    assert_string_equal(part, "");
    cr_free(part);
    part = cr_path_join("a", "/b", NULL);
    assert_string_equal(part, "/b");
    cr_free(part);
}

static void test_file_replace_then_read(void **state)
{
    (void)state;
    char directory[] = "/tmp/chainrule-test-XXXXXX";
    assert_non_null(mkdtemp(directory));
    char *nested = cr_path_join(directory, "a/b", NULL);
    assert_true(cr_directory_create(nested, NULL));
    assert_true(cr_directory_create(nested, NULL)); /* one that exists is fine */
    char *path = cr_path_join(nested, "file", NULL), *text = NULL;
    size_t length = 0;
    assert_true(cr_file_replace(path, "one", 3, NULL));
    assert_true(cr_file_replace(path, "two", 3, NULL));
    assert_true(cr_file_read(path, 100, CR_E_DATA, &text, &length, NULL));
    assert_string_equal(text, "two");
    cr_free(text);
    cr_error err = CR_ERROR_INIT;
    assert_false(cr_file_read(path, 2, CR_E_DATA, &text, &length, &err));
    assert_int_equal(err.code, CR_E_DATA);
    assert_non_null(cr_file_problem(nested));
    unlink(path);
    rmdir(nested);
    cr_free(nested);
    cr_free(path);
}

static void test_file_cancel_leaves_nothing(void **state)
{
    (void)state;
    char path[] = "/tmp/chainrule-test-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    close(descriptor);
    cr_file_writer writer;
    assert_true(cr_file_begin(&writer, path, NULL));
    fputs("half", writer.stream);
    char *temporary = cr_text_copy(writer.temporary, strlen(writer.temporary), NULL);
    cr_file_cancel(&writer);
    assert_int_not_equal(access(temporary, F_OK), 0);
    char *text = NULL;
    size_t length = 1;
    assert_true(cr_file_read(path, 10, CR_E_DATA, &text, &length, NULL));
    assert_int_equal(length, 0);
    cr_free(text);
    cr_free(temporary);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_path_absolute_cleans),
        cmocka_unit_test(test_path_parts),
        cmocka_unit_test(test_file_replace_then_read),
        cmocka_unit_test(test_file_cancel_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
