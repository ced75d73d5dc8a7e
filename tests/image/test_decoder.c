#include "files.h"
#include "golden_file.h"
#include "image/decoder.h"
#include "image/png.h"

enum { MOST = 4096 };

/* The bytes of a file of tests/golden/pictures; the caller frees them. */
static uint8_t *read_golden(const char *name, size_t *length)
{
    char path[512], *text = NULL;
    snprintf(path, sizeof path, "%s/pictures/%s", getenv("CHAINRULE_GOLDEN"), name);
    assert_true(cr_file_read(path, MOST, CR_E_DATA, &text, length, NULL));
    return (uint8_t *)text;
}

/* JPEG's inverse transform may round otherwise in another release of the library. */
static void check_bytes(const char *name, const uint8_t *bytes, const double *expected,
                        size_t count, int tolerance)
{
    for (size_t i = 0; i < count; i++)
        if (abs(bytes[i] - (int)expected[i]) > tolerance)
            fail_msg("%s: byte %zu is %d, expected %g", name, i, bytes[i], expected[i]);
}

static void test_decoder_run_reads_what_pillow_reads(void **state)
{
    (void)state;
    cr_document golden = golden_read("pictures.json");
    const cr_json *list = cr_json_get(golden.root, "pictures");
    static double expected[MOST];
    cr_decoder decoder = {0};
    cr_picture picture = {0};
    size_t files = 0;
    for (const cr_json *p = cr_json_first(list); p; p = cr_json_next(p), files++) {
        const char *name = cr_json_string(cr_json_get(p, "file"));
        size_t length = 0;
        uint8_t *bytes = read_golden(name, &length);
        cr_error err = CR_ERROR_INIT;
        if (!cr_decoder_run(&decoder, bytes, length, name, &picture, &err))
            fail_msg("%s", err.text);
        double shape[3];
        assert_int_equal(golden_numbers(p, "shape", 3, shape), 3);
        assert_int_equal(picture.height, shape[0]);
        assert_int_equal(picture.width, shape[1]);
        assert_int_equal(picture.channels, shape[2]);
        size_t count = golden_numbers(p, "bytes", MOST, expected);
        bool is_jpeg = strstr(name, ".jpg") != NULL;
        check_bytes(name, picture.bytes, expected, count, is_jpeg ? 1 : 0);
        cr_picture_to_grey(&picture);
        count = golden_numbers(p, "grey", MOST, expected);
        check_bytes(name, picture.bytes, expected, count, is_jpeg ? 1 : 0);
        free(bytes);
    }
    assert_true(files > 20);
    cr_picture_finish(&picture);
    cr_decoder_finish(&decoder);
    cr_document_finish(&golden);
}

static void check_refused(const void *bytes, size_t length, const char *message)
{
    cr_decoder decoder = {0};
    cr_picture picture = {0};
    cr_error err = CR_ERROR_INIT;
    assert_false(cr_decoder_run(&decoder, bytes, length, "cat/7.png", &picture, &err));
    assert_int_equal(err.code, CR_E_DATA);
    if (strncmp(err.text, "cat/7.png: ", 11) != 0 || !strstr(err.text, message))
        fail_msg("said \"%s\", expected \"%s\"", err.text, message);
    cr_picture_finish(&picture);
    cr_decoder_finish(&decoder);
}

static void check_text_refused(const char *text, const char *message)
{
    check_refused(text, strlen(text), message);
}

static void test_decoder_run_refuses(void **state)
{
    (void)state;
    check_text_refused("", "the file is empty");
    check_text_refused("x,y\n1,2\n",
                       "no picture by its content; expected PNG, JPEG, PGM");
    check_text_refused("GIF89a", "a GIF by its content");
    check_text_refused("RIFF....WEBPVP8 ", "a WebP file by its content");
    check_text_refused("P5 2 2 255\nabc", "truncated: 3 of the 4 bytes");
    check_text_refused("P5 2 2", "truncated: it ends before its largest value");
    check_text_refused("P5 2 2 0\nabcd", "its largest value is 0");
    check_text_refused("P5 2 2 70000\nabcd", "a largest value above 65535");
    check_text_refused("P5 0 2 255\n", "a picture of 2 × 0 pixels");
    check_text_refused("P6 30000 30000 255\n", "the most is 67108864 pixels in all");
    check_text_refused("P5 1 1 7\nx", "a value of 120; the header says 7 at most");
    check_text_refused("P2 1 1 7\n8\n", "a value above 7");
    check_text_refused("P2 2 1 7\n3 x\n", "byte 0x78 where its value should be");
    check_text_refused("P2 99999999999999999999 1 7\n8\n", "a width above 67108864");
}

/* 30,000 × 30,000 pixels, announced by a few bytes. */
static void test_decoder_run_refuses_bombs_by_their_headers(void **state)
{
    (void)state;
    size_t length = 0;
    uint8_t *jpeg = read_golden("full.jpg", &length);
    uint8_t *frame = jpeg;
    while (frame[0] != 0xff || frame[1] != 0xc0)
        frame++;
    frame[5] = frame[7] = 30000 >> 8;
    frame[6] = frame[8] = 30000 & 0xff;
    check_refused(jpeg, length, "30000 pixels high and 30000 wide; the most is");
    free(jpeg);

    uint8_t png[33] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n',
                       0,    0,   0,   13,  'I',  'H',  'D',  'R'};
    png[18] = png[22] = 30000 >> 8;
    png[19] = png[23] = 30000 & 0xff;
    png[24] = 8;
    png[25] = 2;
    unsigned long crc = crc32(0, png + 12, 17);
    for (int i = 0; i < 4; i++)
        png[29 + i] = (uint8_t)(crc >> (24 - 8 * i));
    check_refused(png, sizeof png, "30000 pixels high and 30000 wide; the most is");
}

/* Cut anywhere before its last pixels, a picture is refused; damaged anywhere, it is
 * refused or has some pixels. The decoder serves afterwards as before. */
static void test_decoder_run_meets_damage_everywhere(void **state)
{
    (void)state;
    const char *names[] = {"rgb.png",    "interlaced.png", "palette.png",     "rgb16.png",
                           "halved.jpg", "cmyk.jpg",       "progressive.jpg", "rgb.ppm"};
    cr_decoder decoder = {0};
    cr_picture picture = {0};
    for (size_t f = 0; f < CR_COUNT(names); f++) {
        size_t length = 0;
        uint8_t *bytes = read_golden(names[f], &length);
        for (size_t cut = 0; cut < length - 16; cut++) {
            uint8_t *part = malloc(cut + 1); /* so that sanitizers see its end */
            memcpy(part, bytes, cut);
            if (cr_decoder_run(&decoder, part, cut, "cut", &picture, NULL))
                fail_msg("%s cut to %zu of %zu bytes is read", names[f], cut, length);
            free(part);
        }
        for (size_t at = 0; at < length; at++) {
            cr_error err = CR_ERROR_INIT;
            bytes[at] ^= 0x5b;
            if (!cr_decoder_run(&decoder, bytes, length, "bad", &picture, &err))
                assert_int_equal(err.code, CR_E_DATA);
            bytes[at] ^= 0x5b;
        }
        assert_true(cr_decoder_run(&decoder, bytes, length, "whole", &picture, NULL));
        free(bytes);
    }
    cr_picture_finish(&picture);
    cr_decoder_finish(&decoder);
}

/* Bytes between the parts of a JPEG are common and harmless: they stand before its end. */
static void test_jpeg_decode_overlooks_extraneous_bytes(void **state)
{
    (void)state;
    size_t length = 0;
    uint8_t *bytes = read_golden("progressive.jpg", &length), more[MOST];
    memcpy(more, bytes, length - 2);
    memset(more + length - 2, 0, 5);
    memcpy(more + length + 3, bytes + length - 2, 2);
    cr_decoder decoder = {0};
    cr_picture picture = {0};
    assert_true(cr_decoder_run(&decoder, more, length + 5, "more", &picture, NULL));
    cr_picture_finish(&picture);
    cr_decoder_finish(&decoder);
    free(bytes);
}

static void test_png_write_is_read_back(void **state)
{
    (void)state;
    enum { HEIGHT = 5, WIDTH = 7 };
    for (size_t channels = 1; channels <= 3; channels += 2) {
        uint8_t planes[3 * HEIGHT * WIDTH], back[3 * HEIGHT * WIDTH];
        for (size_t i = 0; i < sizeof planes; i++)
            planes[i] = (uint8_t)(i * i + 3);
        cr_picture picture = {0}, read = {0};
        assert_true(
            cr_picture_from_planes(&picture, planes, channels, HEIGHT, WIDTH, NULL));
        assert_false(channels == 3 && cr_picture_is_grey(&picture));
        const char *path = files_path("made.png");
        assert_true(cr_png_write(path, &picture, NULL));
        char *text = NULL;
        size_t length = 0;
        assert_true(cr_file_read(path, MOST, CR_E_DATA, &text, &length, NULL));
        assert_true(cr_png_decode((uint8_t *)text, length, path, &read, NULL));
        assert_int_equal(read.channels, channels);
        assert_int_equal(read.height, HEIGHT);
        cr_picture_to_planes(&read, channels, back);
        assert_memory_equal(back, planes, channels * HEIGHT * WIDTH);
        if (channels == 1) { /* grey for who needs colours */
            cr_picture_to_planes(&read, 3, back);
            for (size_t c = 0; c < 3; c++)
                assert_memory_equal(back + c * HEIGHT * WIDTH, planes, HEIGHT * WIDTH);
        }
        free(text);
        cr_picture_finish(&picture);
        cr_picture_finish(&read);
    }
    cr_error err = CR_ERROR_INIT;
    cr_picture one = {0};
    assert_true(cr_picture_from_planes(&one, (uint8_t[]){7}, 1, 1, 1, NULL));
    assert_false(cr_png_write(files_path("missing/made.png"), &one, &err));
    assert_int_equal(err.code, CR_E_IO);
    cr_picture_finish(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decoder_run_reads_what_pillow_reads),
        cmocka_unit_test(test_decoder_run_refuses),
        cmocka_unit_test(test_decoder_run_refuses_bombs_by_their_headers),
        cmocka_unit_test(test_decoder_run_meets_damage_everywhere),
        cmocka_unit_test(test_jpeg_decode_overlooks_extraneous_bytes),
        cmocka_unit_test(test_png_write_is_read_back),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
