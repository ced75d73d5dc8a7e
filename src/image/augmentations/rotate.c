/* Turns images around their middle. */
#include "image/augmentation.h"

#include <math.h>

typedef struct options {
    double degrees;
} options;

static const cr_option table[] = {
    {.key = "degrees",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(options, degrees),
     .fallback = CR_REQUIRED,
     .minimum = 0,
     .maximum = 180,
     .above_minimum = true,
     .help = "the most, in both directions"},
};

/* Against the clock for angles above 0: what comes to lie on the right was below it. */
static cr_warp warp(const void *opaque, const cr_image_size *size,
                    const cr_augmentation_draw *draw)
{
    (void)size;
    const double pi = 3.14159265358979323846;
    const options *o = opaque;
    double angle = (2 * draw->u[0] - 1) * o->degrees * pi / 180;
    double c = cos(angle), s = sin(angle);
    return (cr_warp){{{c, s}, {-s, c}}, {0, 0}};
}

const cr_augmentation_type cr_augmentation_rotate = {
    .name = "rotate",
    .summary = "turns the image around its middle by any angle up to the most, all "
               "equally likely; pixels are bilinear means",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .warp = warp,
};
