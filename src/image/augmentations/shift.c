/* Moves images by whole pixels. */
#include "image/augmentations/draws.h"

#include <math.h>

typedef struct options {
    int64_t pixels; /* 0: by share */
    double share;   /* 0: by pixels */
} options;

static const cr_option table[] = {
    {.key = "pixels",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(options, pixels),
     .fallback = CR_OPTIONAL,
     .minimum = 1,
     .maximum = 1e6,
     .help = "the most, in each direction"},
    {.key = "share",
     .kind = CR_OPTION_NUMBER,
     .offset = offsetof(options, share),
     .fallback = CR_OPTIONAL,
     .minimum = 0,
     .maximum = 0.99,
     .above_minimum = true,
     .help = "the most as a share of height and width, rounded to pixels; in place of "
             "`pixels`"},
};

static void read(cr_reader *reader, const char *path, void *opaque)
{
    const options *o = opaque;
    if (o->pixels == 0 && o->share == 0)
        cr_reader_error(reader, path,
                        "by how much? Expected \"pixels\", such as 2, or \"share\", such "
                        "as 0.1");
    if (o->pixels > 0 && o->share > 0)
        cr_reader_error(reader, path,
                        "\"pixels\" and \"share\" both say by how much; remove one");
}

static size_t most(const options *o, size_t size)
{
    return o->pixels > 0 ? (size_t)o->pixels : (size_t)round(o->share * (double)size);
}

static void fit(cr_reader *reader, const char *path, const void *opaque,
                const cr_image_size *size, cr_real largest)
{
    (void)largest;
    const options *o = opaque;
    size_t down = most(o, size->height), across = most(o, size->width);
    if (down >= size->height || across >= size->width)
        cr_reader_error(reader, path,
                        "up to %zu pixels down and %zu across, but images are %zux%zu: "
                        "nothing of one might be left; take less",
                        down, across, size->height, size->width);
    if (down == 0 && across == 0)
        cr_reader_error(reader, path,
                        "a share of %g is less than a pixel of images of %zux%zu; take "
                        "more, or remove this entry",
                        o->share, size->height, size->width);
}

static cr_warp warp(const void *opaque, const cr_image_size *size,
                    const cr_augmentation_draw *draw)
{
    const options *o = opaque;
    cr_warp warp = cr_warp_none;
    warp.t[0] = cr_draws_whole(draw->u[0], most(o, size->height));
    warp.t[1] = cr_draws_whole(draw->u[1], most(o, size->width));
    return warp;
}

const cr_augmentation_type cr_augmentation_shift = {
    .name = "shift",
    .summary =
        "moves the image up or down and left or right by whole pixels, each number "
        "up to the most equally likely",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .read = read,
    .fit = fit,
    .warp = warp,
};
