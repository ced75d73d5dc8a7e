/* A page of pictures: sections one below the other, each a heading, a note and tiles with
 * captions, on a light ground. */
#ifndef CHAINRULE_IMAGE_SHEET_H
#define CHAINRULE_IMAGE_SHEET_H

#include "image/font.h"

/* Colours of captions, apart for the colour-blind too (Okabe and Ito). */
typedef enum cr_sheet_ink {
    CR_SHEET_BLACK,
    CR_SHEET_BLUE,
    CR_SHEET_RED,
    CR_SHEET_GREY
} cr_sheet_ink;

enum { CR_SHEET_LINES = 3 }; /* of a caption */

typedef struct cr_sheet_caption {
    const char *text; /* NULL: there is no such line */
    const char
        *end; /* at the right, never cut, beside a text in one row that is cut where
                         it has no room; NULL: nothing, and the text may have three rows */
    cr_sheet_ink ink;
} cr_sheet_caption;

typedef struct cr_sheet_line {
    char *text, *end; /* owned */
    cr_sheet_ink ink;
} cr_sheet_line;

typedef struct cr_sheet_tile {
    cr_picture picture;
    cr_sheet_line lines[CR_SHEET_LINES];
} cr_sheet_tile;

typedef struct cr_sheet_section {
    char *heading, *note;
    cr_sheet_tile *tiles; /* [count] */
    size_t count, capacity;
} cr_sheet_section;

/* Starts with `title`, `columns` and `scale` set and all else 0; cr_sheet_finish frees. */
typedef struct cr_sheet {
    const char *title; /* borrowed */
    size_t columns;    /* tiles in a row; 0: as many as a page is wide */
    size_t scale;      /* pixels of the page a pixel; 0: so that tiles can be seen, and
                                   large ones are made smaller */
    cr_sheet_section *sections; /* [count] */
    size_t count, capacity;
} cr_sheet;

/* Begins a section; a note that is long is broken into lines of about one length. */
CR_MUST_CHECK bool cr_sheet_begin(cr_sheet *sheet, const char *heading, const char *note,
                                  cr_error *err);

/* Adds a tile to the last section: values [channels, height, width], of which `black` is
 * drawn black and `white` white. Three channels are red, green and blue; of any other
 * number each is grey, beside the one before. */
CR_MUST_CHECK bool cr_sheet_add(cr_sheet *sheet, const double *values, size_t channels,
                                size_t height, size_t width, double black, double white,
                                const cr_sheet_caption captions[CR_SHEET_LINES],
                                cr_error *err);

/* Draws the page, which is empty or was used before. False with CR_E_USAGE where it would
 * be larger than a picture can be. */
CR_MUST_CHECK bool cr_sheet_draw(const cr_sheet *sheet, cr_picture *page, cr_error *err);

void cr_sheet_finish(cr_sheet *sheet);

#endif
