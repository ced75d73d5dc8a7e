/* Shapes: sizes, comparison, text. */
#include "fixture.h"
#include "math/shape.h"

#include <stdint.h>

static void test_shape_size_multiplies_all_dimensions(void **state)
{
    (void)state;
    const cr_shape image = {3, {3, 32, 16}}, filters = {4, {8, 3, 5, 5}};
    size_t size = 0;
    assert_int_equal(cr_shape_size(&image), 3 * 32 * 16);
    assert_true(cr_shape_count(&filters, &size));
    assert_int_equal(size, 8 * 3 * 5 * 5);
}

static void test_shape_count_notices_an_overflow(void **state)
{
    (void)state;
    const cr_shape large = {4, {(size_t)1 << 20, (size_t)1 << 20, (size_t)1 << 20, 16}};
    const cr_shape most = {2, {SIZE_MAX, 1}};
    size_t size = 0;
    assert_false(cr_shape_count(&large, &size));
    assert_true(cr_shape_count(&most, &size));
    assert_true(size == SIZE_MAX);
}

static void test_shape_is_same_compares_rank_and_dimensions(void **state)
{
    (void)state;
    const cr_shape flat = cr_shape_flat(6), column = cr_shape_matrix(6, 1),
                   other = cr_shape_matrix(6, 2);
    assert_true(cr_shape_is_same(&flat, &flat));
    assert_false(cr_shape_is_same(&flat, &column));
    assert_false(cr_shape_is_same(&column, &other));
}

static void test_shape_format_names_all_dimensions(void **state)
{
    (void)state;
    char text[CR_SHAPE_TEXT];
    const cr_shape filters = {4, {8, 3, 5, 5}},
                   largest = {4, {SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX}};
    assert_string_equal(cr_shape_format(&filters, text), "8x3x5x5");
    assert_int_equal(strlen(cr_shape_format(&largest, text)), 4 * 20 + 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shape_size_multiplies_all_dimensions),
        cmocka_unit_test(test_shape_count_notices_an_overflow),
        cmocka_unit_test(test_shape_is_same_compares_rank_and_dimensions),
        cmocka_unit_test(test_shape_format_names_all_dimensions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
