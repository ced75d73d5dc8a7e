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

static uint8_t shade(double value, double black, double white)
{
    double share = white > black ? (value - black) / (white - black) : 0;
    share = share > 0 ? share : 0; /* NaN too */
    return (uint8_t)(255 * (share < 1 ? share : 1) + 0.5);
}

bool cr_picture_from_values(cr_picture *picture, const double *values, size_t channels,
                            size_t height, size_t width, double black, double white,
                            cr_error *err)
{
    const bool coloured = channels == CR_PICTURE_COLOUR;
    const size_t beside = coloured ? 1 : channels, plane = height * width;
    if (!cr_picture_shape(picture, coloured ? channels : CR_PICTURE_GREY, height,
                          beside * width, "a picture of numbers", err))
        return false;
    for (size_t c = 0; c < channels; c++)
        for (size_t i = 0; i < plane; i++) {
            size_t at = coloured ? i * channels + c
                                 : i / width * beside * width + c * width + i % width;
            picture->bytes[at] = shade(values[c * plane + i], black, white);
        }
    return true;
}
