/* A small bitmap font, for the text of drawn pages: printable ASCII, letters between 1
 * and 5 pixels wide and 7 high, two pixels more below the line. */
#ifndef CHAINRULE_IMAGE_FONT_H
#define CHAINRULE_IMAGE_FONT_H

#include "image/picture.h"

enum { CR_FONT_HEIGHT = 9 }; /* pixels, with what lies below the line */

/* Red, green, blue. */
typedef struct cr_colour {
    uint8_t rgb[3];
} cr_colour;

/* How wide text[0..length) is drawn, in pixels, when a pixel of the font is `scale` of the
 * page. Text is UTF-8: of Latin letters with accents the accent is left out, and a box
 * stands for all other characters beyond ASCII but "…". */
size_t cr_font_width(const char *text, size_t length, size_t scale);

/* Draws text[0..length) onto a picture of 3 channels with its upper left corner at (x, y).
 * What is wider than `width` pixels is cut, and ends in "…". Nothing is drawn outside of
 * the picture. */
void cr_font_draw(cr_picture *page, size_t x, size_t y, size_t width, size_t scale,
                  cr_colour colour, const char *text, size_t length);

#endif
