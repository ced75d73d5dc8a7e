/* What the tests of pages look at: colours of a picture of three channels. */
#ifndef CHAINRULE_TESTS_PAGE_H
#define CHAINRULE_TESTS_PAGE_H

#include "image/picture.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static inline const char *page_colour(const cr_picture *page, size_t x, size_t y)
{
    static char texts[4][16];
    static int next;
    const uint8_t *p = page->bytes + (y * page->width + x) * 3;
    char *out = texts[next++ % 4];
    snprintf(out, 16, "%02x%02x%02x", p[0], p[1], p[2]);
    return out;
}

static inline size_t page_count(const cr_picture *page, const char *colour)
{
    size_t found = 0;
    for (size_t y = 0; y < page->height; y++)
        for (size_t x = 0; x < page->width; x++)
            found += strcmp(page_colour(page, x, y), colour) == 0;
    return found;
}

/* The widest row and the highest column of pixels of that colour: [left, right, top,
 * bottom]. */
static inline void page_bounds(const cr_picture *page, const char *colour, size_t out[4])
{
    out[0] = out[2] = SIZE_MAX;
    out[1] = out[3] = 0;
    for (size_t y = 0; y < page->height; y++)
        for (size_t x = 0; x < page->width; x++) {
            if (strcmp(page_colour(page, x, y), colour) != 0)
                continue;
            out[0] = x < out[0] ? x : out[0];
            out[1] = x > out[1] ? x : out[1];
            out[2] = y < out[2] ? y : out[2];
            out[3] = y > out[3] ? y : out[3];
        }
}

#endif
