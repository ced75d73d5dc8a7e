/* A small bitmap font, for the text of drawn pages: ASCII, Latin-1 and most of Latin
 * Extended-A. Letters are between 1 and 5 pixels wide and 7 high, with three more pixels
 * for marks above and two below the line. */
#ifndef CHAINRULE_IMAGE_FONT_H
#define CHAINRULE_IMAGE_FONT_H

#include "image/picture.h"

enum { CR_FONT_HEIGHT = 12 }; /* pixels, with marks above and what lies below the line */

/* Red, green, blue. */
typedef struct cr_colour {
    uint8_t rgb[3];
} cr_colour;

/* How wide text[0..length) is drawn, in pixels, when a pixel of the font is `scale` of the
 * page. Text is UTF-8, with marks composed or as characters of their own; a few letters of
 * Latin Extended-A go without their marks, and a box stands for all other characters but
 * "…". */
size_t cr_font_width(const char *text, size_t length, size_t scale);

/* How many bytes of text[0..length), from its front, have room in `width` pixels. */
size_t cr_font_fit(const char *text, size_t length, size_t width, size_t scale);

/* How many bytes the first character is, with the mark behind it if there is one. */
size_t cr_font_first(const char *text, size_t length);

/* Draws text[0..length) onto a picture of 3 channels with its upper left corner at (x, y).
 * What is wider than `width` pixels has "…" in place of its middle, since names of files
 * differ at their ends. Nothing is drawn outside of the picture. */
void cr_font_draw(cr_picture *page, size_t x, size_t y, size_t width, size_t scale,
                  cr_colour colour, const char *text, size_t length);

#endif
