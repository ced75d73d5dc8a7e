/*
 * Augmentations: a type is one constant in one file under augmentations/, and one row in
 * the table (augmentation_table.c).
 *
 * A type either says where the pixels of the new image come from (`warp`), or changes
 * the values of an image (`paint`). What it draws it is handed, so that it is a pure
 * function.
 */
#ifndef CHAINRULE_IMAGE_AUGMENTATION_H
#define CHAINRULE_IMAGE_AUGMENTATION_H

#include "config/options.h"
#include "image/warp.h"

#include <chainrule/real.h>

/* An image while it is painted on: raw values, as they stand in the data. */
typedef struct cr_augmentation_image cr_augmentation_image;

#ifndef CR_EITHER_PRECISION
struct cr_augmentation_image {
    cr_image_size size;
    cr_real *x;          /* [channels, height, width] */
    cr_real least, most; /* what a value can be: 0 and 255 of bytes; else infinite */
};

static inline cr_real cr_augmentation_limit(const cr_augmentation_image *image, cr_real x)
{
    return x < image->least ? image->least : x > image->most ? image->most : x;
}
#endif

/* x ← factor · x + offset, within the limits, for values [first, first + count). */
void cr_augmentation_change(const cr_augmentation_image *image, size_t first,
                            size_t count, cr_real factor, cr_real offset);

/* What is drawn for an image: independent of what is drawn for others, and for other
 * augmentations. A type uses one of the two. */
typedef struct cr_augmentation_draw {
    double u[4];   /* uniform in [0, 1), 32 bits each */
    uint64_t seed; /* of further draws, for CR_FOR_AUGMENT */
} cr_augmentation_draw;

typedef struct cr_augmentation_type {
    const char *name;    /* the config's "type" */
    const char *summary; /* one line */
    const cr_option *options;
    size_t option_count, options_size;

    /* Reads options that are more than one value (CR_OPTION_VALUE), and checks what the
     * table cannot; may be NULL. `path` is that of the list's entry. */
    void (*read)(cr_reader *reader, const char *path, void *options);

    /* Refuses what makes no sense for images of this size, at `path`, or warns of it; may
     * be NULL. largest: what a value can be: 255 of bytes; else infinite. */
    void (*fit)(cr_reader *reader, const char *path, const void *options,
                const cr_image_size *size, cr_real largest);

    /* One of the two; the other is NULL. */
    cr_warp (*warp)(const void *options, const cr_image_size *size,
                    const cr_augmentation_draw *draw);
    void (*paint)(const void *options, const cr_augmentation_image *image,
                  const cr_augmentation_draw *draw);
} cr_augmentation_type;

/* The table: augmentations/augmentation_table.c. */
extern const cr_augmentation_type *const cr_augmentation_types[];
extern const size_t cr_augmentation_type_count;

extern const cr_augmentation_type cr_augmentation_crop;
extern const cr_augmentation_type cr_augmentation_flip;
extern const cr_augmentation_type cr_augmentation_shift;
extern const cr_augmentation_type cr_augmentation_rotate;
extern const cr_augmentation_type cr_augmentation_scale;
extern const cr_augmentation_type cr_augmentation_cutout;
extern const cr_augmentation_type cr_augmentation_noise;
extern const cr_augmentation_type cr_augmentation_brightness;
extern const cr_augmentation_type cr_augmentation_contrast;

#endif
