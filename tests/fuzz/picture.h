/* What the targets of pictures share: a decoder that has met a bad picture still reads a
 * good one, and every byte of what it says it has read is there. */
#ifndef CHAINRULE_TESTS_FUZZ_PICTURE_H
#define CHAINRULE_TESTS_FUZZ_PICTURE_H

#include "fuzz.h"
#include "image/decoder.h"
#include "image/resize.h"

static inline void picture_check(const uint8_t *bytes, size_t size)
{
    static const uint8_t good[] = "P5 2 1 255\nab";
    cr_decoder decoder = {0};
    cr_picture picture = {0}, small = {0};
    cr_resize resize = {0};
    cr_error err = CR_ERROR_INIT;
    (void)cr_decoder_recognize(bytes, size);
    if (cr_decoder_run(&decoder, bytes, size, "input", &picture, &err)) {
        FUZZ_CHECK(err.count == 0);
        FUZZ_CHECK(picture.height * picture.width <= CR_PICTURE_MAX_PIXELS);
        FUZZ_CHECK(cr_resize_run(&resize, &picture, 3, 2, &small, &err));
        bool grey = cr_picture_is_grey(&picture);
        cr_picture_to_grey(&picture);
        FUZZ_CHECK(!grey || cr_picture_is_grey(&small));
    } else {
        FUZZ_CHECK(err.count == 1 && err.length > 0);
    }
    FUZZ_CHECK(cr_decoder_run(&decoder, good, sizeof good - 1, "good", &picture, NULL));
    FUZZ_CHECK(picture.width == 2 && picture.bytes[1] == 'b');
    cr_resize_finish(&resize);
    cr_picture_finish(&small);
    cr_picture_finish(&picture);
    cr_decoder_finish(&decoder);
}

#endif
