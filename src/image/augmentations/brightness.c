/* Lighter and darker images. */
#include "image/augmentations/draws.h"

typedef struct options {
    cr_draws_range range;
} options;

static const cr_option table[] = {
    CR_DRAWS_RANGE(options, range,
                   "the lowest and the highest factor; below 1 is darker"),
};

static void read(cr_reader *reader, const char *path, void *opaque)
{
    options *o = opaque;
    cr_draws_read(reader, path, false, &o->range);
}

static void paint(const void *opaque, const cr_augmentation_image *image,
                  const cr_augmentation_draw *draw)
{
    const options *o = opaque;
    const cr_real factor = (cr_real)cr_draws_in(&o->range, draw->u[0]);
    size_t n = image->size.channels * image->size.height * image->size.width;
    cr_augmentation_change(image, 0, n, factor, 0);
}

const cr_augmentation_type cr_augmentation_brightness = {
    .name = "brightness",
    .summary = "multiplies all values by a factor of the range, all equally likely",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .read = read,
    .paint = paint,
};
