/* Pictures of another size. */
#ifndef CHAINRULE_IMAGE_RESIZE_H
#define CHAINRULE_IMAGE_RESIZE_H

#include "image/picture.h"

/* What resizing keeps from one picture to the next, for one thread at a time. */
typedef struct cr_resize {
    int32_t *weights; /* [outputs of a line, taps], in units of 2⁻²² */
    size_t *first;    /* [outputs of a line] the input that the first weight is of */
    uint8_t *rows;    /* [height of the input, width of the output, channels] */
    size_t weight_capacity, first_capacity, row_capacity;
} cr_resize;

/*
 * Makes to[height, width] of from, by linear interpolation that is widened by the factor
 * of shrinking, so that every pixel of a shrunken picture counts. An output at x (of
 * `out`, made of `in`) is the mean of the inputs i with weights
 *     max(0, 1 − |i + ½ − (x + ½) in/out| / max(1, in/out)),
 * first along the rows and then along the columns, rounded to a byte after each: what
 * Pillow calls BILINEAR. from and to are two pictures; resize and to are empty ({0}) or
 * were used before.
 */
CR_MUST_CHECK bool cr_resize_run(cr_resize *resize, const cr_picture *from, size_t height,
                                 size_t width, cr_picture *to, cr_error *err);
void cr_resize_finish(cr_resize *resize);

/* Makes a picture whose longer side has more than `most` pixels so small, in place. */
CR_MUST_CHECK bool cr_resize_shrink(cr_picture *picture, size_t most, cr_error *err);

#endif
