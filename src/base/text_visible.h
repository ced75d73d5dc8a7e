/*
 * What a file, an argument or the system says, made visible: it is text, never a command
 * to the terminal, and never a line of its own.
 *
 * Stands in place of itself: a newline, tab and carriage return as \n, \t, \r; another
 * control character as \x1b; a control character beyond ASCII (U+0080 to U+009F), a
 * separator of lines (U+2028, U+2029) and what turns the direction of writing (U+202A to
 * U+202E, U+2066 to U+2069) as \u202e; a byte that is not UTF-8 as \xff. A backslash
 * stays as it is, so that text that is visible already does not change.
 */
#ifndef CHAINRULE_BASE_TEXT_VISIBLE_H
#define CHAINRULE_BASE_TEXT_VISIBLE_H

#include <stddef.h>

/* A character as it is shown. */
typedef struct cr_text_shown {
    char bytes[8]; /* [length], ended with a 0 */
    size_t length;
    int width; /* columns on a terminal */
} cr_text_shown;

/* Shows the first character of text, of which `left` bytes are there, one at least.
 * Returns how many bytes it is. */
size_t cr_text_visible_character(const char *text, size_t left, cr_text_shown *shown);

/* The visible form of text[0..length) into out, cut behind a whole character where it
 * does not fit into size bytes with the 0 that ends it. Returns its length. */
size_t cr_text_visible(const char *text, size_t length, char *out, size_t size);

/* The same, cut in the middle, where "…" then stands, to so many columns: 2 at least. */
void cr_text_visible_middle(const char *text, size_t length, size_t width, char *out,
                            size_t size);

/* Columns that the visible form of text[0..length) takes. */
size_t cr_text_visible_width(const char *text, size_t length);

#endif
