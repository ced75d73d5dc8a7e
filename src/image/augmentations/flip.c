/* Mirror images. */
#include "image/augmentation.h"

typedef struct options {
    bool horizontal, vertical;
    double probability;
} options;

static const cr_option table[] = {
    {.key = "horizontal",
     .kind = CR_OPTION_BOOL,
     .offset = offsetof(options, horizontal),
     .fallback = "true",
     .help = "exchange left and right"},
    {.key = "vertical",
     .kind = CR_OPTION_BOOL,
     .offset = offsetof(options, vertical),
     .fallback = "false",
     .help = "exchange top and bottom"},
    {.key = "probability",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(options, probability),
     .fallback = "0.5",
     .minimum = 0,
     .maximum = 1,
     .help = "of each of the two"},
};

static void read(cr_reader *reader, const char *path, void *opaque)
{
    const options *o = opaque;
    if (!o->horizontal && !o->vertical)
        cr_reader_error(
            reader, path,
            "neither \"horizontal\" nor \"vertical\" is true, so that nothing "
            "is ever flipped; remove this entry");
}

static cr_warp warp(const void *opaque, const cr_image_size *size,
                    const cr_augmentation_draw *draw)
{
    (void)size;
    const options *o = opaque;
    cr_warp warp = cr_warp_none;
    if (o->vertical && draw->u[0] < o->probability)
        warp.a[0][0] = -1;
    if (o->horizontal && draw->u[1] < o->probability)
        warp.a[1][1] = -1;
    return warp;
}

const cr_augmentation_type cr_augmentation_flip = {
    .name = "flip",
    .summary = "the image or its mirror image",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .read = read,
    .warp = warp,
};
