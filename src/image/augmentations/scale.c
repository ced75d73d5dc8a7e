/* Enlarges and shrinks images around their middle. */
#include "image/augmentations/draws.h"

typedef struct options {
    cr_draws_range range;
} options;

static const cr_option table[] = {
    CR_DRAWS_RANGE(options, range, "the lowest and the highest factor; above 1 enlarges"),
};

static void read(cr_reader *reader, const char *path, void *opaque)
{
    options *o = opaque;
    cr_draws_read(reader, path, true, &o->range);
}

static cr_warp warp(const void *opaque, const cr_image_size *size,
                    const cr_augmentation_draw *draw)
{
    (void)size;
    const options *o = opaque;
    double factor = cr_draws_in(&o->range, draw->u[0]);
    return (cr_warp){{{1 / factor, 0}, {0, 1 / factor}}, {0, 0}};
}

const cr_augmentation_type cr_augmentation_scale = {
    .name = "scale",
    .summary = "enlarges or shrinks the image around its middle by any factor of the "
               "range, all equally likely; pixels are bilinear means",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .read = read,
    .warp = warp,
};
