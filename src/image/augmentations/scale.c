/* Enlarges and shrinks images around their middle. */
#include "image/augmentations/draws.h"

static const cr_option table[] = {
    CR_DRAWS_RANGE("the lowest and the highest factor; above 1 enlarges"),
};

static cr_warp warp(const void *opaque, const cr_image_size *size,
                    const cr_augmentation_draw *draw)
{
    (void)size;
    double factor = cr_draws_in(opaque, draw->u[0]);
    return (cr_warp){{{1 / factor, 0}, {0, 1 / factor}}, {0, 0}};
}

const cr_augmentation_type cr_augmentation_scale = {
    .name = "scale",
    .summary = "enlarges or shrinks the image around its middle by any factor of the "
               "range, all equally likely; pixels are bilinear means",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(cr_draws_range),
    .read = cr_draws_read_above_0,
    .warp = warp,
};
