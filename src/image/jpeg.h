/* JPEG, by libjpeg-turbo. */
#ifndef CHAINRULE_IMAGE_JPEG_H
#define CHAINRULE_IMAGE_JPEG_H

#include "image/picture.h"

/* Whether bytes begin a JPEG. */
bool cr_jpeg_recognize(const uint8_t *bytes, size_t length);

/* A decoder, for one thread at a time; it serves for any number of pictures. */
typedef struct cr_jpeg cr_jpeg;

CR_MUST_CHECK cr_jpeg *cr_jpeg_create(cr_error *err);
void cr_jpeg_destroy(cr_jpeg *jpeg); /* takes NULL */

/* Decodes a JPEG, baseline or progressive; grey stays grey, and CMYK, printers' colours,
 * becomes red, green and blue. A picture that lacks a part is CR_E_DATA, bytes too many
 * between its parts are not. It is not turned by what a camera noted about its position
 * (EXIF), as Pillow does not either. `path` begins messages. picture is empty or was used
 * before. */
CR_MUST_CHECK bool cr_jpeg_decode(cr_jpeg *jpeg, const uint8_t *bytes, size_t length,
                                  const char *path, cr_picture *picture, cr_error *err);

#endif
