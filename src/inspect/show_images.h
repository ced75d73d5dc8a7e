/* Examples as images for a sheet: raw values and what they are. */
#ifndef CHAINRULE_INSPECT_SHOW_IMAGES_H
#define CHAINRULE_INSPECT_SHOW_IMAGES_H

#include "base/text.h"
#include "data/dataset.h"
#include "image/sheet.h"

/* Some examples of a dataset. */
typedef struct cr_show_images {
    const cr_encoding *encoding; /* borrowed, as is the dataset */
    const cr_dataset *dataset;
    size_t count;
    double *values; /* [count, features] raw, as they stand in the data; owned */
    double black,
        white; /* the values that are drawn so: of bytes 0 and 255, of others 0, or
                            the lowest below it, and the highest */
} cr_show_images;

/* False with CR_E_USAGE where examples of this encoding are no images. */
CR_MUST_CHECK bool cr_show_images_check(const cr_encoding *encoding, cr_error *err);

/* Takes examples x [count, features] as the network does, and makes them raw again. */
CR_MUST_CHECK bool cr_show_images_init(cr_show_images *images,
                                       const cr_encoding *encoding,
                                       const cr_dataset *dataset, const cr_real *x,
                                       size_t count, cr_error *err);
void cr_show_images_finish(cr_show_images *images); /* of {0} too */

/* Adds image i to the sheet's last section. */
CR_MUST_CHECK bool cr_show_images_add(const cr_show_images *images, cr_sheet *sheet,
                                      size_t i,
                                      const cr_sheet_caption captions[CR_SHEET_LINES],
                                      cr_error *err);

/* The same as a picture alone, which is empty or was used before. */
CR_MUST_CHECK bool cr_show_images_picture(const cr_show_images *images, size_t i,
                                          cr_picture *picture, cr_error *err);

/* The file that example `row` is, with the folder of its class before it; NULL where
 * examples are not files of their own. */
const char *cr_show_images_file(const cr_dataset *dataset, size_t row);

/* What the dataset says of its example `row`: its class, its labels that are 1, its
 * numbers. */
void cr_show_images_target(const cr_encoding *encoding, const cr_dataset *dataset,
                           size_t row, bool labels, cr_text *out);

#endif
