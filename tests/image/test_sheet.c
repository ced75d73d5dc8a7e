/* Pages of pictures: where what is drawn, and in which colours. */
#include "fixture.h"
#include "image/sheet.h"
#include "page.h"

static void add(cr_sheet *sheet, const double *values, size_t channels, size_t side,
                const char *text, const char *end, cr_sheet_ink ink)
{
    const cr_sheet_caption captions[CR_SHEET_LINES] = {{text, end, ink}};
    assert_true(cr_sheet_add(sheet, values, channels, side, side, 0, 10, captions, NULL));
}

/* Four pixels of 50 × 50 each, in a frame. */
static void test_draw_enlarges_tiles(void **state)
{
    (void)state;
    cr_sheet sheet = {.scale = 50};
    cr_picture page = {0};
    const double values[] = {0, 2, 10, NAN};
    assert_true(cr_sheet_begin(&sheet, "A", "B", NULL));
    add(&sheet, values, 1, 2, NULL, NULL, CR_SHEET_BLACK);
    assert_true(cr_sheet_draw(&sheet, &page, NULL));
    assert_int_equal(page_count(&page, "ffffff"),
                     2500); /* 10; the page is not quite white */
    assert_int_equal(page_count(&page, "000000"), 5000); /* 0 and NaN */
    assert_int_equal(page_count(&page, "333333"), 2500); /* a fifth of 255 */
    assert_int_equal(page_count(&page, "cdcdcd"), 4 * 101);
    size_t white[4], frame[4];
    page_bounds(&page, "ffffff", white);
    page_bounds(&page, "cdcdcd", frame);
    assert_int_equal(white[0], frame[0] + 1);
    assert_int_equal(white[3], frame[3] - 1);
    cr_picture_finish(&page);
    cr_sheet_finish(&sheet);
}

/* Three channels are colours; of two, each is grey. */
static void test_draw_knows_channels(void **state)
{
    (void)state;
    cr_sheet sheet = {.scale = 40};
    cr_picture page = {0};
    const double values[] = {10, 0, 0, 10, 0, 10}; /* red, green, blue; two more */
    assert_true(cr_sheet_begin(&sheet, "A", "", NULL));
    add(&sheet, values, 3, 1, NULL, NULL, CR_SHEET_BLACK);
    assert_true(cr_sheet_draw(&sheet, &page, NULL));
    assert_int_equal(page_count(&page, "ff0000"), 1600);
    cr_sheet_finish(&sheet);
    sheet.scale = 40;
    assert_true(cr_sheet_begin(&sheet, "A", "", NULL));
    add(&sheet, values + 3, 2, 1, NULL, NULL, CR_SHEET_BLACK);
    assert_true(cr_sheet_draw(&sheet, &page, NULL));
    assert_int_equal(page_count(&page, "ffffff"), 1600);
    assert_int_equal(page_count(&page, "000000"), 1600);
    cr_picture_finish(&page);
    cr_sheet_finish(&sheet);
}

/* Captions stay within their column: the end is whole, the text is cut. */
static void test_draw_captions(void **state)
{
    (void)state;
    const double value = 5;
    size_t red[4], blue[4];
    cr_picture page = {0};
    cr_sheet sheet = {.columns = 2, .scale = 60};
    assert_true(cr_sheet_begin(&sheet, "A", "", NULL));
    add(&sheet, &value, 1, 1, "a name that is far too long for a tile", "100%",
        CR_SHEET_RED);
    add(&sheet, &value, 1, 1, "cat", NULL, CR_SHEET_BLUE);
    assert_true(cr_sheet_draw(&sheet, &page, NULL));
    page_bounds(&page, "d55e00", red);
    page_bounds(&page, "0072b2", blue);
    assert_true(red[1] < blue[0]);
    assert_true(red[1] - red[0] > 100); /* the columns are wider than the tiles */
    cr_picture_finish(&page);
    cr_sheet_finish(&sheet);
}

/* The page of one caption without an end: how high it is. */
static size_t height_with(const char *text)
{
    const double value = 5;
    cr_picture page = {0};
    cr_sheet sheet = {.scale = 60};
    assert_true(cr_sheet_begin(&sheet, "A", "", NULL));
    add(&sheet, &value, 1, 1, text, NULL, CR_SHEET_RED);
    assert_true(cr_sheet_draw(&sheet, &page, NULL));
    size_t red[4];
    page_bounds(&page, "d55e00", red);
    assert_true(red[1] - red[0] < 184); /* within its column */
    const size_t height = page.height;
    cr_picture_finish(&page);
    cr_sheet_finish(&sheet);
    return height;
}

/* A text with nothing at its right is wrapped onto up to three rows. */
static void test_draw_wraps_captions(void **state)
{
    (void)state;
    const size_t line = 2 * CR_FONT_HEIGHT, one = height_with("cat/1.jpg");
    assert_int_equal(height_with("cat/IMG_20240301.jpg"), one + line);
    assert_int_equal(height_with("cat/IMG_20240301_120000_as_large_as.jpg"),
                     one + 2 * line);
    assert_int_equal(
        height_with("a class with a name/a file that has a long name too.jpg"),
        one + 2 * line);
}

/* What has no room in three rows keeps its beginning and its end. */
static void test_draw_wraps_and_cuts(void **state)
{
    (void)state;
    static const char *const names[] = {
        "a rather long name of a class/IMG_20240301_120000 of the summer holidays 1.jpg",
        "a rather long name of a class/IMG_20240301_120000 of the summer holidays 2.jpg",
        "b rather long name of a class/IMG_20240301_120000 of the summer holidays 1.jpg"};
    const double value = 5;
    cr_picture pages[3] = {{0}};
    for (int i = 0; i < 3; i++) {
        cr_sheet sheet = {.scale = 60};
        assert_true(cr_sheet_begin(&sheet, "A", "", NULL));
        add(&sheet, &value, 1, 1, names[i], NULL, CR_SHEET_RED);
        assert_true(cr_sheet_draw(&sheet, &pages[i], NULL));
        cr_sheet_finish(&sheet);
        for (int k = 0; k < i; k++)
            assert_memory_not_equal(pages[k].bytes, pages[i].bytes,
                                    pages[i].height * pages[i].width * 3);
    }
    for (int i = 0; i < 3; i++)
        cr_picture_finish(&pages[i]);
}

/* Lines of a note are about as long as one another: no word stands alone. */
static void test_draw_balances_notes(void **state)
{
    (void)state;
    size_t all[4], second[4] = {SIZE_MAX, 0, 0, 0};
    cr_picture page = {0};
    cr_sheet sheet = {0};
    assert_true(
        cr_sheet_begin(&sheet, "", "each from black, its most negative, to white", NULL));
    assert_true(cr_sheet_draw(&sheet, &page, NULL));
    page_bounds(&page, "696969", all);
    for (size_t y = all[3] - 6; y <= all[3]; y++)
        for (size_t x = 0; x < page.width; x++)
            if (strcmp(page_colour(&page, x, y), "696969") == 0)
                second[1] = x > second[1] ? x : second[1];
    assert_true(second[1] - all[0] > (all[1] - all[0]) / 2);
    cr_picture_finish(&page);
    cr_sheet_finish(&sheet);
}

static size_t columns_of(size_t tiles)
{
    const double value = 5;
    cr_picture page = {0};
    cr_sheet sheet = {.count = 0};
    assert_true(cr_sheet_begin(&sheet, "A", "", NULL));
    for (size_t i = 0; i < tiles; i++)
        add(&sheet, &value, 1, 1, NULL, NULL, CR_SHEET_BLACK);
    assert_true(cr_sheet_draw(&sheet, &page, NULL));
    size_t frames[4], columns = 0;
    page_bounds(&page, "cdcdcd", frames);
    for (size_t x = 1; x < page.width; x++)
        columns += strcmp(page_colour(&page, x, frames[2]), "cdcdcd") == 0 &&
                   strcmp(page_colour(&page, x - 1, frames[2]), "cdcdcd") != 0;
    cr_picture_finish(&page);
    cr_sheet_finish(&sheet);
    return columns;
}

/* Rows are filled, and where all can be full alike. */
static void test_draw_fills_rows(void **state)
{
    (void)state;
    assert_int_equal(columns_of(7), 7);
    assert_int_equal(columns_of(9), 9);
    assert_int_equal(columns_of(11), 9);
    assert_int_equal(columns_of(12), 6);
    assert_int_equal(columns_of(32), 8);
}

/* As many columns as are said; else as wide as a page. */
static void test_draw_arranges(void **state)
{
    (void)state;
    const double value = 5;
    size_t heights[2] = {0}, widths[2] = {0};
    for (size_t columns = 0; columns < 2; columns++) {
        cr_picture page = {0};
        cr_sheet sheet = {.columns = columns};
        assert_true(cr_sheet_begin(&sheet, "A", "", NULL));
        for (int i = 0; i < 12; i++)
            add(&sheet, &value, 1, 1, "x", NULL, CR_SHEET_BLACK);
        assert_true(cr_sheet_draw(&sheet, &page, NULL));
        heights[columns] = page.height;
        widths[columns] = page.width;
        cr_picture_finish(&page);
        cr_sheet_finish(&sheet);
    }
    assert_true(heights[1] > 4 * heights[0]);
    assert_true(widths[0] > 600 && widths[0] <= 1120);
}

/* Large pictures are made smaller, unless the scale is said. */
static void test_draw_shrinks_large_tiles(void **state)
{
    (void)state;
    enum { HEIGHT = 600, WIDTH = 300 };
    static double values[HEIGHT * WIDTH];
    const cr_sheet_caption captions[CR_SHEET_LINES] = {{NULL}};
    for (size_t i = 0; i < HEIGHT * WIDTH; i++)
        values[i] = 10;
    for (size_t scale = 0; scale < 2; scale++) {
        cr_picture page = {0};
        cr_sheet sheet = {.scale = scale};
        assert_true(cr_sheet_begin(&sheet, "A", "", NULL));
        assert_true(
            cr_sheet_add(&sheet, values, 1, HEIGHT, WIDTH, 0, 10, captions, NULL));
        assert_true(cr_sheet_draw(&sheet, &page, NULL));
        assert_int_equal(page_count(&page, "ffffff"), scale ? HEIGHT * WIDTH : 256 * 128);
        cr_picture_finish(&page);
        cr_sheet_finish(&sheet);
    }
}

static void test_draw_refuses_what_is_too_large(void **state)
{
    (void)state;
    const double values[4] = {0};
    cr_error err = CR_ERROR_INIT;
    cr_picture page = {0};
    cr_sheet sheet = {.scale = 5000};
    assert_true(cr_sheet_begin(&sheet, "A", "", NULL));
    add(&sheet, values, 1, 2, NULL, NULL, CR_SHEET_BLACK);
    assert_false(cr_sheet_draw(&sheet, &page, &err));
    assert_int_equal(err.code, CR_E_USAGE);
    assert_non_null(strstr(err.text, "fewer or smaller"));
    cr_sheet_finish(&sheet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_draw_enlarges_tiles),
        cmocka_unit_test(test_draw_knows_channels),
        cmocka_unit_test(test_draw_captions),
        cmocka_unit_test(test_draw_wraps_captions),
        cmocka_unit_test(test_draw_wraps_and_cuts),
        cmocka_unit_test(test_draw_balances_notes),
        cmocka_unit_test(test_draw_fills_rows),
        cmocka_unit_test(test_draw_arranges),
        cmocka_unit_test(test_draw_shrinks_large_tiles),
        cmocka_unit_test(test_draw_refuses_what_is_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
