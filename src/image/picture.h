/* A picture as bytes, whatever file it came from. */
#ifndef CHAINRULE_IMAGE_PICTURE_H
#define CHAINRULE_IMAGE_PICTURE_H

#include <chainrule/error.h>
#include <stddef.h>
#include <stdint.h>

/* The most pixels of a picture. A header of a few bytes can announce any number: what is
 * more is refused before memory is asked for. */
#define CR_PICTURE_MAX_PIXELS ((size_t)64 << 20)

enum { CR_PICTURE_GREY = 1, CR_PICTURE_COLOUR = 3 }; /* channels */

typedef struct cr_picture {
    size_t channels;      /* CR_PICTURE_GREY, or CR_PICTURE_COLOUR: red, green, blue */
    size_t height, width; /* pixels */
    uint8_t *bytes;       /* [height, width, channels], row by row from the top */
    size_t capacity;      /* bytes there is room for */
} cr_picture;

/* Gives a picture, which is empty ({0}) or was used before, this shape and room for it;
 * its bytes are then not set. More than CR_PICTURE_MAX_PIXELS or none is CR_E_DATA, whose
 * message `path` begins. */
CR_MUST_CHECK bool cr_picture_shape(cr_picture *picture, size_t channels, size_t height,
                                    size_t width, const char *path, cr_error *err);
void cr_picture_finish(cr_picture *picture); /* also of an empty one */

/* Makes a colour picture grey in place: L = 0.299 R + 0.587 G + 0.114 B, the luma of
 * ITU-R BT.601, as Pillow's convert("L") rounds it. Grey stays what it is. */
void cr_picture_to_grey(cr_picture *picture);

/* Whether no pixel has a colour: it is grey, or red, green and blue are equal in each. */
bool cr_picture_is_grey(const cr_picture *picture);

/* Writes the picture channels first: planes[channels, height, width]. A grey one is
 * repeated for 3 channels; a coloured one needs 3. */
void cr_picture_to_planes(const cr_picture *picture, size_t channels, uint8_t *planes);

/* The reverse: picture, which is empty or was used before, gets planes[channels, height,
 * width]; channels is 1 or 3. */
CR_MUST_CHECK bool cr_picture_from_planes(cr_picture *picture, const uint8_t *planes,
                                          size_t channels, size_t height, size_t width,
                                          cr_error *err);

/* Numbers [channels, height, width] as a picture, which is empty or was used before: `black`
 * is drawn black and `white` white. Three channels are red, green and blue; of any other
 * number each is grey, beside the one before. */
CR_MUST_CHECK bool cr_picture_from_values(cr_picture *picture, const double *values,
                                          size_t channels, size_t height, size_t width,
                                          double black, double white, cr_error *err);

#endif
