/* The bitmap font: which glyphs there are, and how text is cut. */
#include "fixture.h"
#include "image/font.h"
#include "page.h"

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
    assert_int_equal(width_of("é"), width_of("e"));
    assert_int_equal(width_of("e\xcc\x81"), width_of("e")); /* the accent alone */
    assert_int_equal(width_of("ï"), 3);
    /* a box for what else there is, and for bytes that are no character */
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
        assert_true(page_count(&page, "000000") > 0);
        memcpy(seen[c - FIRST], page.bytes, SIZE);
        for (int k = FIRST; k < c; k++)
            assert_memory_not_equal(seen[k - FIRST], seen[c - FIRST], SIZE);
        cr_picture_finish(&page);
    }
}

enum { GLYPH = CR_FONT_HEIGHT * 6 * 3 };

/* Six columns of the page that a character is drawn on. */
static void draw(const char *text, uint8_t out[GLYPH])
{
    const cr_colour black = {{0, 0, 0}};
    cr_picture page = white_page(CR_FONT_HEIGHT, 6);
    cr_font_draw(&page, 0, 0, 6, 1, black, text, strlen(text));
    memcpy(out, page.bytes, GLYPH);
    cr_picture_finish(&page);
}

/* The letters and signs of Latin-1 are glyphs of their own, none of them the box. */
static void test_font_draws_all_of_latin_1(void **state)
{
    (void)state;
    enum { FIRST = 0xA1, LAST = 0xFF, HYPHEN = 0xAD };
    static uint8_t seen[LAST - FIRST + 2][GLYPH], ascii[127][GLYPH];
    draw("猫", seen[LAST - FIRST + 1]);
    for (int c = 33; c < 127; c++)
        draw((const char[]){(char)c, '\0'}, ascii[c]);
    for (int c = FIRST; c <= LAST; c++) {
        draw((const char[]){(char)(0xC0 | c >> 6), (char)(0x80 | (c & 0x3F)), '\0'},
             seen[c - FIRST]);
        assert_memory_not_equal(seen[c - FIRST], seen[LAST - FIRST + 1], GLYPH);
        for (int k = FIRST; k < c; k++)
            assert_memory_not_equal(seen[k - FIRST], seen[c - FIRST], GLYPH);
        for (int k = 33; k < 127 && c != HYPHEN; k++)
            assert_memory_not_equal(ascii[k], seen[c - FIRST], GLYPH);
    }
}

/* A mark of its own, as macOS writes names, is drawn as that of one character. */
static void test_font_joins_marks(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"ü", "u\xcc\x88"}, {"É", "E\xcc\x81"}, {"ç", "c\xcc\xa7"}, {"å", "a\xcc\x8a"},
        {"ñ", "n\xcc\x83"}, {"ž", "z\xcc\x8c"}, {"ő", "o\xcc\x8b"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        uint8_t one[GLYPH], two[GLYPH];
        draw(pairs[i][0], one);
        draw(pairs[i][1], two);
        assert_memory_equal(one, two, GLYPH);
        assert_int_equal(cr_font_first(pairs[i][1], 3), 3);
    }
    assert_int_equal(cr_font_first("\xcc\x88", 2), 2); /* on nothing: a box */
}

static void test_font_fits(void **state)
{
    (void)state;
    assert_int_equal(cr_font_fit("ooo", 3, 16, 1), 2);
    assert_int_equal(cr_font_fit("ooo", 3, 17, 1), 3);
    assert_int_equal(cr_font_fit("öö", 4, 10, 1), 2);
    assert_int_equal(cr_font_fit("o", 1, 4, 1), 0);
}

/* Of names that are too long both ends are drawn. */
static void test_font_cuts_in_the_middle(void **state)
{
    (void)state;
    static const char *const names[] = {
        "IMG_20240301_120000.jpg", "IMG_20240301_120001.jpg", "DSC_20240301_120000.jpg"};
    const cr_colour black = {{0, 0, 0}};
    cr_picture pages[3];
    for (int i = 0; i < 3; i++) {
        pages[i] = white_page(CR_FONT_HEIGHT, 100);
        cr_font_draw(&pages[i], 0, 0, 100, 1, black, names[i], strlen(names[i]));
        for (int k = 0; k < i; k++)
            assert_memory_not_equal(pages[k].bytes, pages[i].bytes, CR_FONT_HEIGHT * 300);
    }
    for (int i = 0; i < 3; i++)
        cr_picture_finish(&pages[i]);
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
        page_bounds(&page, "000000", box);
        assert_true(box[0] >= 10 && box[1] < 10 + width);
        cr_picture_finish(&page);
    }
    cr_picture page = white_page(4, 7); /* nothing is drawn outside */
    cr_font_draw(&page, 5, 2, 100, 3, black, "WWW", 3);
    assert_int_equal(strcmp(page_colour(&page, 0, 0), "ffffff"), 0);
    cr_picture_finish(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_font_width),
        cmocka_unit_test(test_font_draws_all_of_ascii),
        cmocka_unit_test(test_font_draws_all_of_latin_1),
        cmocka_unit_test(test_font_joins_marks),
        cmocka_unit_test(test_font_fits),
        cmocka_unit_test(test_font_cuts_in_the_middle),
        cmocka_unit_test(test_font_cuts_what_is_too_wide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
