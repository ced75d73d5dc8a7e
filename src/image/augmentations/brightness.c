/* Lighter and darker images. */
#include "image/augmentations/draws.h"

static const cr_option table[] = {
    CR_DRAWS_RANGE("the lowest and the highest factor; below 1 is darker"),
};

static void paint(const void *opaque, const cr_augmentation_image *image,
                  const cr_augmentation_draw *draw)
{
    const cr_real factor = (cr_real)cr_draws_in(opaque, draw->u[0]);
    size_t n = image->size.channels * image->size.height * image->size.width;
    cr_augmentation_change(image, 0, n, factor, 0);
}

const cr_augmentation_type cr_augmentation_brightness = {
    .name = "brightness",
    .summary = "multiplies all values by a factor of the range, all equally likely",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(cr_draws_range),
    .read = cr_draws_read_from_0,
    .paint = paint,
};
