/* Stronger and weaker contrast. */
#include "image/augmentations/draws.h"

static const cr_option table[] = {
    CR_DRAWS_RANGE("the lowest and the highest factor; below 1 is weaker"),
};

/* Around each channel's own mean, so that its colour stays. */
static void paint(const void *opaque, const cr_augmentation_image *image,
                  const cr_augmentation_draw *draw)
{
    const double factor = cr_draws_in(opaque, draw->u[0]);
    size_t plane = image->size.height * image->size.width;
    for (size_t c = 0; c < image->size.channels; c++) {
        double sum = 0;
        for (size_t i = c * plane; i < (c + 1) * plane; i++)
            sum += (double)image->x[i];
        cr_augmentation_change(image, c * plane, plane, (cr_real)factor,
                               (cr_real)((1 - factor) * sum / (double)plane));
    }
}

const cr_augmentation_type cr_augmentation_contrast = {
    .name = "contrast",
    .summary = "multiplies the distance of all values from their channel's mean by a "
               "factor of the range, all equally likely",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(cr_draws_range),
    .read = cr_draws_read_from_0,
    .paint = paint,
};
