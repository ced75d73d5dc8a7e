#include "image/picture.h"

#include "base/memory.h"

#include <string.h>

bool cr_picture_shape(cr_picture *picture, size_t channels, size_t height, size_t width,
                      const char *path, cr_error *err)
{
    if (height == 0 || width == 0)
        return cr_fail(err, CR_E_DATA, "%s: a picture of %zu × %zu pixels", path, height,
                       width);
    if (width > CR_PICTURE_MAX_PIXELS / height)
        return cr_fail(err, CR_E_DATA,
                       "%s: a picture %zu pixels high and %zu wide; the most is %zu "
                       "pixels in all",
                       path, height, width, CR_PICTURE_MAX_PIXELS);
    size_t size = channels * height * width;
    if (!cr_reserve(&picture->bytes, &picture->capacity, size, 1, err))
        return false;
    picture->channels = channels;
    picture->height = height;
    picture->width = width;
    return true;
}

void cr_picture_finish(cr_picture *picture)
{
    cr_free(picture->bytes);
    *picture = (cr_picture){0};
}

void cr_picture_to_grey(cr_picture *picture)
{
    if (picture->channels == CR_PICTURE_GREY)
        return;
    size_t pixels = picture->height * picture->width;
    uint8_t *bytes = picture->bytes;
    for (size_t i = 0; i < pixels; i++) {
        const uint8_t *p = bytes + 3 * i;
        /* Pillow's weights, in 65536ths */
        bytes[i] =
            (uint8_t)((p[0] * 19595u + p[1] * 38470u + p[2] * 7471u + 0x8000u) >> 16);
    }
    picture->channels = CR_PICTURE_GREY;
}

bool cr_picture_is_grey(const cr_picture *picture)
{
    if (picture->channels == CR_PICTURE_GREY)
        return true;
    const uint8_t *p = picture->bytes;
    const uint8_t *end = p + 3 * picture->height * picture->width;
    while (p < end && p[0] == p[1] && p[1] == p[2])
        p += 3;
    return p == end;
}

void cr_picture_to_planes(const cr_picture *picture, size_t channels, uint8_t *planes)
{
    size_t pixels = picture->height * picture->width, step = picture->channels;
    for (size_t c = 0; c < channels; c++) {
        const uint8_t *from = picture->bytes + (step == 1 ? 0 : c);
        uint8_t *plane = planes + c * pixels;
        if (step == 1)
            memcpy(plane, from, pixels);
        for (size_t i = 0; step == 3 && i < pixels; i++)
            plane[i] = from[3 * i];
    }
}

bool cr_picture_from_planes(cr_picture *picture, const uint8_t *planes, size_t channels,
                            size_t height, size_t width, cr_error *err)
{
    if (!cr_picture_shape(picture, channels, height, width, "a picture", err))
        return false;
    size_t pixels = height * width;
    for (size_t c = 0; c < channels; c++)
        for (size_t i = 0; i < pixels; i++)
            picture->bytes[channels * i + c] = planes[c * pixels + i];
    return true;
}
