/*
 * The config's "data.augment": a list of augmentations that are done to every image of a
 * training batch, one after another.
 *
 * Neighbours that only move pixels are one map and one resampling: what the first moves
 * out of the image and the second back in is not lost.
 */
#ifndef CHAINRULE_IMAGE_AUGMENT_H
#define CHAINRULE_IMAGE_AUGMENT_H

#include "image/augmentation.h"
#include "math/shape.h"

typedef struct cr_augment_item {
    const cr_augmentation_type *type;
    void *options; /* owned */
} cr_augment_item;

typedef struct cr_augment {
    cr_augment_item *items; /* [count], owned */
    size_t count;           /* 0: nothing is done */
    cr_image_size size;     /* of the images, once they are known */
} cr_augment;

/* Reads the list that is the member "augment" of the object `data`, where there is one.
 * Errors go to the reader. */
void cr_augment_read(cr_reader *reader, cr_json *data, cr_augment *augment);

/* Takes note of the shape of an example; bytes: its values are some. False with errors in the reader where examples
 * are no images, or some augmentation does not fit them. */
bool cr_augment_fit(cr_reader *reader, cr_augment *augment, const cr_shape *shape,
                    bool bytes);

void cr_augment_finish(cr_augment *augment); /* of {0} too */

/* The names of its types: "crop, flip". */
void cr_augment_names(const cr_augment *augment, cr_text *out);

/* All types with their keys, for the reference. */
void cr_augment_describe(cr_text *out);

/* The image that something is drawn for: row `row` of its dataset, in a step of a run,
 * from 0. All draws are a function of these three. */
typedef struct cr_augment_place {
    uint64_t seed, step;
    uint32_t row;
} cr_augment_place;

enum { CR_AUGMENT_MOST = 64 }; /* entries of a list */

/* What each entry of the list draws for an image: draws[count]. */
void cr_augment_draw(const cr_augment *augment, const cr_augment_place *place,
                     cr_augmentation_draw *draws);

/* cr_reals of memory that cr_augment_apply works in. */
size_t cr_augment_scratch(const cr_augment *augment);

/* Augments the image that scratch begins with: raw values [channels, height, width],
 * which are from `least` to `most`. draws: [count]. Returns where it is then, inside scratch, which is
 * aligned to CR_ALIGNMENT. */
cr_real *cr_augment_apply(const cr_augment *augment, const cr_augmentation_draw *draws,
                          cr_real least, cr_real most, cr_real *scratch);

#endif
