/* Images under an affine map: shifted, mirrored, turned, enlarged, in one resampling. */
#ifndef CHAINRULE_IMAGE_WARP_H
#define CHAINRULE_IMAGE_WARP_H

#include <chainrule/real.h>
#include <stdbool.h>
#include <stddef.h>

/* The shape of an image [channels, height, width]. */
typedef struct cr_image_size {
    size_t channels, height, width;
} cr_image_size;

/*
 * Where a pixel of the new image is taken from in the old one: (y, x) ← A (y, x) + t, in
 * pixels from the middle of the image, which lies at ((height − 1) / 2, (width − 1) / 2).
 */
typedef struct cr_warp {
    double a[2][2], t[2]; /* y before x */
} cr_warp;

extern const cr_warp cr_warp_none; /* every pixel stays where it is */

/* The map of an image that was mapped by `first` and then by `next`. */
cr_warp cr_warp_join(const cr_warp *first, const cr_warp *next);

/* Whether every pixel stays where it is. */
bool cr_warp_is_none(const cr_warp *warp);

/* Whether it moves whole pixels along rows and columns, mirrored or not, so that values
 * are copied and none is between others. */
bool cr_warp_is_whole(const cr_warp *warp);

/* So many cr_reals, rounded up so that what lies behind them is aligned to CR_ALIGNMENT. */
size_t cr_warp_aligned(size_t count);

/* cr_reals that cr_warp_apply needs besides. */
size_t cr_warp_scratch(const cr_image_size *size);

/* y ← x under the map; both [channels, height, width], not overlapping. What lies outside
 * of x is 0. A map that is whole copies; any other takes the bilinear mean of the four
 * pixels around the place, those outside being 0 (SciPy's affine_transform of order 1 and
 * mode "grid-constant"). scratch: [cr_warp_scratch], aligned to CR_ALIGNMENT. */
void cr_warp_apply(const cr_warp *warp, const cr_image_size *size,
                   const cr_real *restrict x, cr_real *restrict y,
                   cr_real *restrict scratch);

#endif
