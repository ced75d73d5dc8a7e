/* A random crop of the padded image, as in "Deep Residual Learning" (He et al., 2015) for
 * CIFAR: torchvision's RandomCrop(size, padding). */
#include "image/augmentations/draws.h"

typedef struct options {
    int64_t padding;
} options;

static const cr_option table[] = {
    {.key = "padding",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(options, padding),
     .fallback = "4",
     .minimum = 1,
     .maximum = 1e6,
     .help = "black pixels that are added on every side"},
};

static void fit(cr_reader *reader, const char *path, const void *opaque,
                const cr_image_size *size, cr_real largest)
{
    (void)largest;
    const options *o = opaque;
    size_t least = size->height < size->width ? size->height : size->width;
    char where[CR_WHERE];
    if ((size_t)o->padding >= least)
        cr_reader_error(reader, cr_json_path(path, "padding", where),
                        "found %zu, but images are %zux%zu: a crop could miss the whole "
                        "image; expected at most %zu",
                        (size_t)o->padding, size->height, size->width, least - 1);
}

static cr_warp warp(const void *opaque, const cr_image_size *size,
                    const cr_augmentation_draw *draw)
{
    (void)size;
    const options *o = opaque;
    cr_warp warp = cr_warp_none;
    for (int i = 0; i < 2; i++)
        warp.t[i] = cr_draws_whole(draw->u[i], (size_t)o->padding);
    return warp;
}

const cr_augmentation_type cr_augmentation_crop = {
    .name = "crop",
    .summary = "a part of the image with black pixels around it, of the image's own "
               "size, anywhere: every place is equally likely",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .fit = fit,
    .warp = warp,
};
