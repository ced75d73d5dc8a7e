/* PNG, by libspng. */
#ifndef CHAINRULE_IMAGE_PNG_H
#define CHAINRULE_IMAGE_PNG_H

#include "image/picture.h"

/* Whether bytes begin a PNG. */
bool cr_png_recognize(const uint8_t *bytes, size_t length);

/* Decodes a PNG of any kind: of 16 bits the upper 8 are taken, palettes become colours,
 * and transparency is dropped (as Pillow's convert("RGB") does). `path` begins messages.
 * picture is empty or was used before. */
CR_MUST_CHECK bool cr_png_decode(const uint8_t *bytes, size_t length, const char *path,
                                 cr_picture *picture, cr_error *err);

/* A picture as the *length bytes of a PNG of 8 bits a channel, which the caller frees with
 * cr_png_free. `path` begins messages. */
CR_MUST_CHECK bool cr_png_encode(const cr_picture *picture, const char *path,
                                 void **bytes, size_t *length, cr_error *err);
void cr_png_free(void *bytes); /* takes NULL */

/* Writes a picture as a PNG of 8 bits a channel, whole or not at all (base/file.h). */
CR_MUST_CHECK bool cr_png_write(const char *path, const cr_picture *picture,
                                cr_error *err);

#endif
