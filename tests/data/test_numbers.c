#include "data/numbers.h"
#include "fixture.h"

/* A number of each kind of packing, by its column; a few rows of a column are as others
 * are not, so that blocks differ. */
static double number(size_t row, size_t column)
{
    switch (column % 6) {
    case 0:
        return (double)(row % 100);
    case 1:
        return row % 7 == 0 ? NAN : (double)(row % 1000) / 10;
    case 2:
        return row % 5 == 0 ? -0.0 : (double)(row % 100000) / 1000;
    case 3:
        return (double)(1.0f / (float)(row + 1));
    case 4:
        return 1.0 / (double)(row + 1);
    default:
        return row == 1000 ? 1e300 : (double)row;
    }
}

static cr_numbers *fill(size_t rows, size_t width)
{
    cr_numbers *numbers = cr_numbers_create(width, NULL);
    for (size_t i = 0; i < rows; i++) {
        double *row = cr_numbers_next(numbers, NULL);
        assert_non_null(row);
        row[0] = -1; /* a row that is not added is as if it had not been */
        row = cr_numbers_next(numbers, NULL);
        for (size_t j = 0; j < width; j++)
            row[j] = number(i, j);
        cr_numbers_add(numbers);
    }
    assert_int_equal(numbers->rows, rows);
    return numbers;
}

static void check_row(cr_numbers_view *view, size_t i)
{
    const double *row = cr_numbers_row(view, i);
    for (size_t j = 0; j < view->numbers->width; j++) {
        double expected = number(i, j);
        assert_memory_equal(&row[j], &expected, sizeof expected);
    }
}

static void check_size(size_t rows, size_t width)
{
    cr_numbers *numbers = fill(rows, width);
    cr_numbers_view view;
    assert_true(cr_numbers_view_init(&view, numbers, NULL));
    for (size_t i = 0; i < rows; i++)
        check_row(&view, i);
    for (size_t i = 0, row = 0; i < 200; i++, row = (row + 7919) % rows)
        check_row(&view, row); /* in no order */
    for (size_t i = 0; i < rows; i++) {
        check_row(&view, i);
        cr_numbers_release(numbers, i);
    }
    cr_numbers_view_finish(&view);
    cr_numbers_destroy(numbers);
}

static void test_numbers_read_back(void **state)
{
    (void)state;
    check_size(1, 1);
    check_size(63, 6);
    check_size(300000, 1); /* more than a block */
    check_size(60000, 6);
    check_size(1000, 600);
    check_size(200, 7000); /* a view of one row */
    cr_numbers_destroy(NULL);
}

static void test_numbers_take_little(void **state)
{
    (void)state;
    cr_numbers *numbers = cr_numbers_create(2, NULL);
    for (size_t i = 0; i < 1000000; i++) {
        double *row = cr_numbers_next(numbers, NULL);
        row[0] = (double)(i % 1000) / 100;
        row[1] = (double)(i % 3);
        cr_numbers_add(numbers);
    }
    assert_int_equal(numbers->block_count, 1000000 / numbers->block_rows);
    assert_true(numbers->open_room * numbers->width * sizeof(double) <= 1 << 21);
    cr_numbers_destroy(numbers);
}

static void test_numbers_translate(void **state)
{
    (void)state;
    cr_numbers *numbers = fill(70000, 6);
    int32_t *places = cr_alloc(100, sizeof *places, NULL);
    for (int32_t i = 0; i < 100; i++)
        places[i] = i % 10 == 3 ? -1 : 1000 - i; /* more than the packing has room for */
    assert_true(cr_numbers_translate(numbers, 0, places, NULL));
    cr_numbers_view view;
    assert_true(cr_numbers_view_init(&view, numbers, NULL));
    for (size_t i = 0; i < 70000; i++) {
        const double *row = cr_numbers_row(&view, i);
        if (i % 10 == 3)
            assert_true(isnan(row[0]));
        else
            assert_true(row[0] == 1000 - (double)(i % 100));
        assert_true(isnan(row[1]) == (i % 7 == 0));
    }
    cr_numbers_view_finish(&view);
    cr_numbers_destroy(numbers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_read_back),
        cmocka_unit_test(test_numbers_take_little),
        cmocka_unit_test(test_numbers_translate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
