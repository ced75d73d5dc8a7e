/* Pages of pictures: where what is drawn, and in which colours. */
#include "fixture.h"
#include "image/sheet.h"

static const char *colour_at(const cr_picture *page, size_t x, size_t y)
{
    static char texts[4][16];
    static int next;
    const uint8_t *p = page->bytes + (y * page->width + x) * 3;
    char *out = texts[next++ % 4];
    snprintf(out, 16, "%02x%02x%02x", p[0], p[1], p[2]);
    return out;
}

static size_t count(const cr_picture *page, const char *colour)
{
    size_t found = 0;
    for (size_t y = 0; y < page->height; y++)
        for (size_t x = 0; x < page->width; x++)
            found += strcmp(colour_at(page, x, y), colour) == 0;
    return found;
}

/* The widest row and the highest column of pixels of that colour: [left, right, top,
 * bottom]. */
static void bounds(const cr_picture *page, const char *colour, size_t out[4])
{
    out[0] = out[2] = SIZE_MAX;
    out[1] = out[3] = 0;
    for (size_t y = 0; y < page->height; y++)
        for (size_t x = 0; x < page->width; x++) {
            if (strcmp(colour_at(page, x, y), colour) != 0)
                continue;
            out[0] = x < out[0] ? x : out[0];
            out[1] = x > out[1] ? x : out[1];
            out[2] = y < out[2] ? y : out[2];
            out[3] = y > out[3] ? y : out[3];
        }
}

static size_t width_of(const char *text)
{
    return cr_font_width(text, strlen(text), 1);
}

static void test_font_width(void **state)
{
    (void)state;
    assert_int_equal(width_of(""), 0);
    assert_int_equal(width_of("o"), 5);
    assert_int_equal(width_of("oo"), 11);
    assert_int_equal(width_of("i"), 1);
    assert_int_equal(cr_font_width("oo", 2, 3), 33);
    /* accents are left out; a box for what else there is, and for bytes that are none */
    assert_int_equal(width_of("é"), width_of("e"));
    assert_int_equal(width_of("ĳ"), width_of("i"));
    assert_int_equal(width_of("猫"), 5);
    assert_int_equal(width_of("\xff"), 5);
    assert_int_equal(width_of("\x01"), 5);
    assert_int_equal(width_of("…"), 5);
}

static cr_picture white_page(size_t height, size_t width)
{
    cr_picture page = {0};
    assert_true(cr_picture_shape(&page, 3, height, width, "page", NULL));
    memset(page.bytes, 255, height * width * 3);
    return page;
}

/* Each printable character is a glyph of its own, and none is the box. */
static void test_font_draws_all_of_ascii(void **state)
{
    (void)state;
    enum { FIRST = 33, LAST = 127, SIZE = CR_FONT_HEIGHT * 6 * 3 };
    static uint8_t seen[LAST - FIRST + 1][SIZE];
    const cr_colour black = {{0, 0, 0}};
    for (int c = FIRST; c <= LAST; c++) { /* 127: the box */
        const char text[] = {(char)c, '\0'};
        cr_picture page = white_page(CR_FONT_HEIGHT, 6);
        cr_font_draw(&page, 0, 0, 6, 1, black, text, 1);
        assert_true(count(&page, "000000") > 0);
        memcpy(seen[c - FIRST], page.bytes, SIZE);
        for (int k = FIRST; k < c; k++)
            assert_memory_not_equal(seen[k - FIRST], seen[c - FIRST], SIZE);
        cr_picture_finish(&page);
    }
}

static void test_font_cuts_what_is_too_wide(void **state)
{
    (void)state;
    const cr_colour black = {{0, 0, 0}};
    for (size_t width = 5; width < 80; width++) {
        const char text[] = "automobile of 1923";
        size_t box[4];
        cr_picture page = white_page(CR_FONT_HEIGHT, 200);
        cr_font_draw(&page, 10, 0, width, 1, black, text, strlen(text));
        bounds(&page, "000000", box);
        assert_true(box[0] >= 10 && box[1] < 10 + width);
        cr_picture_finish(&page);
    }
    cr_picture page = white_page(4, 7); /* nothing is drawn outside */
    cr_font_draw(&page, 5, 2, 100, 3, black, "WWW", 3);
    assert_int_equal(strcmp(colour_at(&page, 0, 0), "ffffff"), 0);
    cr_picture_finish(&page);
}

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
    assert_int_equal(count(&page, "ffffff"), 2500); /* 10; the page is not quite white */
    assert_int_equal(count(&page, "000000"), 5000); /* 0 and NaN */
    assert_int_equal(count(&page, "333333"), 2500); /* a fifth of 255 */
    assert_int_equal(count(&page, "cdcdcd"), 4 * 101);
    size_t white[4], frame[4];
    bounds(&page, "ffffff", white);
    bounds(&page, "cdcdcd", frame);
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
    assert_int_equal(count(&page, "ff0000"), 1600);
    cr_sheet_finish(&sheet);
    sheet.scale = 40;
    assert_true(cr_sheet_begin(&sheet, "A", "", NULL));
    add(&sheet, values + 3, 2, 1, NULL, NULL, CR_SHEET_BLACK);
    assert_true(cr_sheet_draw(&sheet, &page, NULL));
    assert_int_equal(count(&page, "ffffff"), 1600);
    assert_int_equal(count(&page, "000000"), 1600);
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
    bounds(&page, "d55e00", red);
    bounds(&page, "0072b2", blue);
    assert_true(red[1] < blue[0]);
    assert_true(red[1] - red[0] > 100); /* the columns are wider than the tiles */
    cr_picture_finish(&page);
    cr_sheet_finish(&sheet);
}

/* As many columns as are said; else rows alike, as wide as a page. */
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
        assert_int_equal(count(&page, "ffffff"), scale ? HEIGHT * WIDTH : 256 * 128);
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
        cmocka_unit_test(test_font_width),
        cmocka_unit_test(test_font_draws_all_of_ascii),
        cmocka_unit_test(test_font_cuts_what_is_too_wide),
        cmocka_unit_test(test_draw_enlarges_tiles),
        cmocka_unit_test(test_draw_knows_channels),
        cmocka_unit_test(test_draw_captions),
        cmocka_unit_test(test_draw_arranges),
        cmocka_unit_test(test_draw_shrinks_large_tiles),
        cmocka_unit_test(test_draw_refuses_what_is_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
