/* PGM and PPM, the plain picture files of Netpbm: P2, P3 (numbers as text), P5, P6. */
#ifndef CHAINRULE_IMAGE_PNM_H
#define CHAINRULE_IMAGE_PNM_H

#include "image/picture.h"

/* Whether bytes begin a PGM or PPM: "P6", and a number or a comment behind it. A text may
 * begin so too, of which the first 64 bytes tell most. */
bool cr_pnm_recognize(const uint8_t *bytes, size_t length);

/* Decodes the first picture of the file. Values from 0 to the file's maximum (at most
 * 65535) become 0 to 255, rounded. `path` begins messages. picture is empty or was used
 * before. */
CR_MUST_CHECK bool cr_pnm_decode(const uint8_t *bytes, size_t length, const char *path,
                                 cr_picture *picture, cr_error *err);

#endif
