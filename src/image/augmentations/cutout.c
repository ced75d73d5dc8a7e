/* Black squares: DeVries and Taylor, "Improved Regularization of Convolutional Neural
 * Networks with Cutout", 2017. */
#include "base/random.h"
#include "image/augmentation.h"

typedef struct options {
    int64_t size, count;
} options;

static const cr_option table[] = {
    {.key = "size",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(options, size),
     .fallback = CR_REQUIRED,
     .minimum = 1,
     .maximum = 1e6,
     .help = "the side of a square, in pixels"},
    {.key = "count",
     .kind = CR_OPTION_INTEGER,
     .offset = offsetof(options, count),
     .fallback = "1",
     .minimum = 1,
     .maximum = 1000,
     .help = "squares; they may overlap"},
};

static void fit(cr_reader *reader, const char *path, const void *opaque,
                const cr_image_size *size, cr_real largest)
{
    (void)largest;
    const options *o = opaque;
    size_t least = size->height < size->width ? size->height : size->width;
    char where[CR_WHERE];
    if ((size_t)o->size >= least)
        cr_reader_error(reader, cr_json_path(path, "size", where),
                        "found %zu, but images are %zux%zu: a square could cover the "
                        "whole image; expected less than %zu",
                        (size_t)o->size, size->height, size->width, least);
}

/* The part of [middle − size / 2, … + size) that lies on the image. */
static void clip(size_t middle, size_t size, size_t length, size_t *begin, size_t *end)
{
    size_t before = size / 2, last = middle + size - before;
    *begin = middle > before ? middle - before : 0;
    *end = last < length ? last : length;
}

static void paint(const void *opaque, const cr_augmentation_image *image,
                  const cr_augmentation_draw *draw)
{
    const options *o = opaque;
    size_t height = image->size.height, width = image->size.width;
    for (size_t k = 0; k < (size_t)o->count; k++) {
        double u[2];
        size_t top, bottom, left, right;
        cr_random_uniform(draw->seed, CR_FOR_AUGMENT, 0, 2 * k, 2, u);
        clip((size_t)(u[0] * (double)height), (size_t)o->size, height, &top, &bottom);
        clip((size_t)(u[1] * (double)width), (size_t)o->size, width, &left, &right);
        for (size_t c = 0; c < image->size.channels; c++)
            for (size_t y = top; y < bottom; y++)
                for (size_t x = left; x < right; x++)
                    image->x[(c * height + y) * width + x] = 0;
    }
}

const cr_augmentation_type cr_augmentation_cutout = {
    .name = "cutout",
    .summary = "black squares, whose middle is any pixel of the image; what lies outside "
               "is cut off",
    .options = table,
    .option_count = CR_COUNT(table),
    .options_size = sizeof(options),
    .fit = fit,
    .paint = paint,
};
