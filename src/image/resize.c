#include "image/resize.h"

#include "base/memory.h"

#include <math.h>

/* Sums of byte × weight stay below 2³¹: the weights of an output sum up to 1. */
enum { PRECISION = 22 };

/* 1 at 0, falling to 0 at a distance of `reach`. */
static double triangle(double distance, double reach)
{
    return fmax(0, 1 - fabs(distance) / reach);
}

/* The weights of the `out` outputs of a line of `in` inputs, *taps each. */
static bool plan(cr_resize *resize, size_t in, size_t out, size_t *taps, cr_error *err)
{
    double ratio = (double)in / (double)out, reach = ratio > 1 ? ratio : 1;
    size_t span = 2 * (size_t)ceil(reach) + 1, count = span < in ? span : in;
    if (!cr_reserve(&resize->weights, &resize->weight_capacity, out * count,
                    sizeof *resize->weights, err) ||
        !cr_reserve(&resize->first, &resize->first_capacity, out, sizeof *resize->first,
                    err))
        return false;
    for (size_t x = 0; x < out; x++) {
        double centre = ((double)x + 0.5) * ratio, low = centre - reach + 0.5, sum = 0;
        size_t first = low > 0 ? (size_t)low : 0;
        first = first < in - count ? first : in - count;
        for (size_t i = 0; i < count; i++)
            sum += triangle((double)(first + i) + 0.5 - centre, reach);
        for (size_t i = 0; i < count; i++) {
            double share = triangle((double)(first + i) + 0.5 - centre, reach) / sum;
            resize->weights[x * count + i] = (int32_t)(share * (1 << PRECISION) + 0.5);
        }
        resize->first[x] = first;
    }
    *taps = count;
    return true;
}

/* One output of `taps` inputs, `step` bytes apart. */
static uint8_t mean(const uint8_t *inputs, size_t step, const int32_t *weights,
                    size_t taps)
{
    int32_t sum = 1 << (PRECISION - 1);
    for (size_t i = 0; i < taps; i++)
        sum += inputs[i * step] * weights[i];
    sum >>= PRECISION;
    return (uint8_t)(sum < UINT8_MAX ? sum : UINT8_MAX);
}

/* Lines of `in` pixels become lines of `out`: from[lines, in, channels]. */
static void resize_rows(const cr_resize *resize, size_t taps, const cr_picture *from,
                        size_t out, uint8_t *to)
{
    size_t channels = from->channels;
    for (size_t y = 0; y < from->height; y++) {
        const uint8_t *row = from->bytes + y * from->width * channels;
        for (size_t x = 0; x < out; x++)
            for (size_t c = 0; c < channels; c++)
                *to++ = mean(row + resize->first[x] * channels + c, channels,
                             resize->weights + x * taps, taps);
    }
}

bool cr_resize_run(cr_resize *resize, const cr_picture *from, size_t height, size_t width,
                   cr_picture *to, cr_error *err)
{
    size_t line = width * from->channels, taps = 0;
    if (!cr_picture_shape(to, from->channels, height, width, "resizing", err) ||
        !cr_reserve(&resize->rows, &resize->row_capacity, from->height * line, 1, err) ||
        !plan(resize, from->width, width, &taps, err))
        return false;
    resize_rows(resize, taps, from, width, resize->rows);
    if (!plan(resize, from->height, height, &taps, err))
        return false;
    for (size_t y = 0; y < height; y++)
        for (size_t i = 0; i < line; i++)
            to->bytes[y * line + i] = mean(resize->rows + resize->first[y] * line + i,
                                           line, resize->weights + y * taps, taps);
    return true;
}

void cr_resize_finish(cr_resize *resize)
{
    cr_free(resize->weights);
    cr_free(resize->first);
    cr_free(resize->rows);
    *resize = (cr_resize){0};
}

bool cr_resize_shrink(cr_picture *picture, size_t most, cr_error *err)
{
    size_t height = picture->height, width = picture->width;
    size_t side = height > width ? height : width;
    if (side <= most)
        return true;
    cr_resize resize = {0};
    cr_picture small = {0};
    height = height * most / side;
    width = width * most / side;
    bool good = cr_resize_run(&resize, picture, height > 0 ? height : 1,
                              width > 0 ? width : 1, &small, err);
    cr_resize_finish(&resize);
    cr_picture_finish(picture);
    *picture = small;
    return good;
}
