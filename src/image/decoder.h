/* Picture files of any kind, told by their content: their names do not matter. */
#ifndef CHAINRULE_IMAGE_DECODER_H
#define CHAINRULE_IMAGE_DECODER_H

#include "image/jpeg.h"
#include "image/picture.h"

/* What decoding keeps from one picture to the next, for one thread at a time. */
typedef struct cr_decoder {
    cr_jpeg *jpeg; /* NULL until there is one to decode */
} cr_decoder;

/* Decodes a file's content. What is no PNG, JPEG, PGM or PPM, damaged, truncated or too
 * large is CR_E_DATA, whose message `path` begins. decoder and picture are empty ({0}) or
 * were used before. */
CR_MUST_CHECK bool cr_decoder_run(cr_decoder *decoder, const uint8_t *bytes,
                                  size_t length, const char *path, cr_picture *picture,
                                  cr_error *err);
void cr_decoder_finish(cr_decoder *decoder);

/* Whether bytes, of which a few are enough, begin a picture that can be decoded. */
bool cr_decoder_recognize(const uint8_t *bytes, size_t length);

#endif
