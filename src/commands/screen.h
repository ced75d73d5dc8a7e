/*
 * Pictures of lines on stdout: drawn in place over a whole terminal again and again, or
 * printed. A picture is put together line by line, and each line is cut where the terminal
 * ends. What it says is made visible on its way in.
 */
#ifndef CHAINRULE_COMMANDS_SCREEN_H
#define CHAINRULE_COMMANDS_SCREEN_H

#include "commands/bar_line.h"

#include <termios.h>

/* How a text looks where there are colours; nothing depends on it. */
typedef enum cr_ink {
    CR_INK_PLAIN,
    CR_INK_STRONG,
    CR_INK_FAINT,
    CR_INK_FIRST,  /* of the two curves of a chart */
    CR_INK_SECOND, /* two colours that no colour-blindness confuses */
    CR_INKS
} cr_ink;

enum { CR_SCREEN_LINES = 256 };

typedef struct cr_screen_line {
    cr_text text;
    cr_text inks;        /* a byte for each of the text: '0' + ink */
    size_t width, limit; /* columns: used, and where it is cut */
} cr_screen_line;

typedef struct cr_screen {
    bool in_place;        /* the terminal is this picture's alone */
    bool unicode, colors; /* what it can show */
    size_t columns, rows;
    cr_screen_line lines[CR_SCREEN_LINES]; /* [count] */
    size_t count;
    bool has_keys; /* keys come one by one, and are not echoed */
    struct termios before;
} cr_screen;

/* Looks what stdout is. follows: the picture is to be drawn in place, if that can be. */
void cr_screen_begin(cr_screen *screen, bool follows);

/* Begins a new picture, as large as the terminal is now. */
void cr_screen_clear(cr_screen *screen);

/* Line i of the picture, which grows to have it; beyond CR_SCREEN_LINES the last. */
cr_screen_line *cr_screen_line_at(cr_screen *screen, size_t i);

/* A new line at its end. */
cr_screen_line *cr_screen_next(cr_screen *screen);

/* Adds text to a line, as far as its limit; a ">" stands for what is cut off. */
void cr_screen_add(cr_screen_line *line, cr_ink ink, const char *format, ...)
    CR_PRINTF(3, 4);

/* Fills the line with spaces up to a column. */
void cr_screen_pad(cr_screen_line *line, size_t width);

/* A line of fields (bar_line.h), which it finishes. */
void cr_screen_add_fields(cr_screen *screen, cr_bar_line *fields);

/* Draws the picture. */
void cr_screen_draw(const cr_screen *screen);

/* Waits for so many seconds, or until a signal. False: the user pressed q. */
bool cr_screen_wait(const cr_screen *screen, double seconds);

/* Gives the terminal back, with the last picture on it. */
void cr_screen_end(cr_screen *screen);

#endif
