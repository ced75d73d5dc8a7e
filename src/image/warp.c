#include "image/warp.h"

#include "base/memory.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

const cr_warp cr_warp_none = {{{1, 0}, {0, 1}}, {0, 0}};

cr_warp cr_warp_join(const cr_warp *first, const cr_warp *next)
{
    cr_warp joined;
    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 2; j++)
            joined.a[i][j] =
                first->a[i][0] * next->a[0][j] + first->a[i][1] * next->a[1][j];
        joined.t[i] =
            first->a[i][0] * next->t[0] + first->a[i][1] * next->t[1] + first->t[i];
    }
    return joined;
}

bool cr_warp_is_whole(const cr_warp *warp)
{
    return fabs(warp->a[0][0]) == 1 && fabs(warp->a[1][1]) == 1 && warp->a[0][1] == 0 &&
           warp->a[1][0] == 0 && floor(warp->t[0]) == warp->t[0] &&
           floor(warp->t[1]) == warp->t[1];
}

bool cr_warp_is_none(const cr_warp *warp)
{
    return cr_warp_is_whole(warp) && warp->a[0][0] == 1 && warp->a[1][1] == 1 &&
           warp->t[0] == 0 && warp->t[1] == 0;
}

/* Along one axis: places [begin, end) of the new image are taken from the old one, the
 * first of them from `from`, the next from the one after it or, mirrored, before it. All
 * others are outside of the old one. */
typedef struct span {
    size_t begin, end, from;
    bool mirrored;
} span;

static span find_span(double sign, double shift, size_t size)
{
    if (fabs(shift) >= (double)size)
        return (span){.begin = size, .end = size};
    const bool mirrored = sign < 0;
    const size_t back = shift < 0 ? (size_t)-shift : 0,
                 on = shift > 0 ? (size_t)shift : 0;
    return (span){.begin = mirrored ? on : back,
                  .end = size - (mirrored ? back : on),
                  .from = mirrored ? size - 1 - back : on,
                  .mirrored = mirrored};
}

static void copy_row(const span *columns, size_t width, const cr_real *restrict x,
                     cr_real *restrict y)
{
    size_t count = columns->end - columns->begin;
    const cr_real *restrict from = x + columns->from;
    cr_real *restrict to = y + columns->begin;
    for (size_t i = 0; i < columns->begin; i++)
        y[i] = 0;
    if (columns->mirrored)
        for (size_t i = 0; i < count; i++)
            to[i] = *(from - i);
    else
        memcpy(to, from, count * sizeof *to);
    for (size_t i = columns->end; i < width; i++)
        y[i] = 0;
}

static void copy(const cr_warp *warp, const cr_image_size *size,
                 const cr_real *restrict x, cr_real *restrict y)
{
    size_t width = size->width, plane = size->height * width;
    const span rows = find_span(warp->a[0][0], warp->t[0], size->height);
    const span columns = find_span(warp->a[1][1], warp->t[1], width);
    for (size_t c = 0; c < size->channels; c++, x += plane, y += plane) {
        memset(y, 0, rows.begin * width * sizeof *y);
        for (size_t i = rows.begin; i < rows.end; i++) {
            size_t past = i - rows.begin;
            size_t from = rows.mirrored ? rows.from - past : rows.from + past;
            copy_row(&columns, width, x + from * width, y + i * width);
        }
        memset(y + rows.end * width, 0, (size->height - rows.end) * width * sizeof *y);
    }
}

size_t cr_warp_aligned(size_t count)
{
    const size_t step = CR_ALIGNMENT / sizeof(cr_real);
    return (count + step - 1) / step * step;
}

/* A channel with a border of one pixel, so that every place has four neighbours. */
static size_t bordered(const cr_image_size *size)
{
    return (size->height + 2) * (size->width + 2);
}

size_t cr_warp_scratch(const cr_image_size *size)
{
    return cr_warp_aligned(bordered(size)) +
           3 * cr_warp_aligned(size->height * size->width);
}

/* The place v along an axis of so many pixels: the pixel before it, counted from that of
 * the border, and how far it is from there, 0 to 1. */
static inline int32_t before(cr_real v, cr_real size, cr_real *restrict part)
{
    v = (v < -1 ? -1 : v > size ? size : v) + 1;
    cr_real whole = (cr_real)(int32_t)v; /* v ≥ 0 */
    whole = whole > size ? size : whole;
    *part = v - whole;
    return (int32_t)whole;
}

/* For each pixel of the new image: which of the bordered plane is above and left of the
 * place that it is taken from, and how far that place is below and right of it. */
static void locate(const cr_warp *warp, const cr_image_size *size, int32_t *restrict at,
                   cr_real *restrict down, cr_real *restrict right)
{
    const double middle_y = (double)(size->height - 1) / 2;
    const double middle_x = (double)(size->width - 1) / 2;
    const cr_real height = (cr_real)size->height, width = (cr_real)size->width;
    const cr_real y_step = (cr_real)warp->a[0][1], x_step = (cr_real)warp->a[1][1];
    const int32_t stride = (int32_t)size->width + 2;
    for (size_t i = 0; i < size->height; i++) {
        double y = (double)i - middle_y;
        const cr_real y0 = (cr_real)(warp->a[0][0] * y - warp->a[0][1] * middle_x +
                                     warp->t[0] + middle_y);
        const cr_real x0 = (cr_real)(warp->a[1][0] * y - warp->a[1][1] * middle_x +
                                     warp->t[1] + middle_x);
        for (size_t j = 0; j < size->width; j++) {
            cr_real fraction_y, fraction_x;
            int32_t row = before(y0 + y_step * (cr_real)(int32_t)j, height, &fraction_y);
            int32_t column =
                before(x0 + x_step * (cr_real)(int32_t)j, width, &fraction_x);
            at[j] = row * stride + column;
            down[j] = fraction_y;
            right[j] = fraction_x;
        }
        at += size->width;
        down += size->width;
        right += size->width;
    }
}

static void resample(const cr_warp *warp, const cr_image_size *size,
                     const cr_real *restrict x, cr_real *restrict y,
                     cr_real *restrict scratch)
{
    const size_t width = size->width, plane = size->height * width, stride = width + 2;
    cr_real *restrict border = scratch;
    cr_real *restrict down = border + cr_warp_aligned(bordered(size));
    cr_real *restrict right = down + cr_warp_aligned(plane);
    int32_t *restrict at = (int32_t *)(void *)(right + cr_warp_aligned(plane));
    locate(warp, size, at, down, right);
    memset(border, 0, bordered(size) * sizeof *border);
    for (size_t c = 0; c < size->channels; c++, x += plane, y += plane) {
        for (size_t i = 0; i < size->height; i++)
            memcpy(border + (i + 1) * stride + 1, x + i * width, width * sizeof *x);
        for (size_t i = 0; i < plane; i++) {
            const cr_real *p = border + at[i];
            cr_real top = p[0] + right[i] * (p[1] - p[0]);
            cr_real bottom = p[stride] + right[i] * (p[stride + 1] - p[stride]);
            y[i] = top + down[i] * (bottom - top);
        }
    }
}

void cr_warp_apply(const cr_warp *warp, const cr_image_size *size,
                   const cr_real *restrict x, cr_real *restrict y,
                   cr_real *restrict scratch)
{
    if (cr_warp_is_whole(warp))
        copy(warp, size, x, y);
    else
        resample(warp, size, x, y, scratch);
}
