/* Text: a growable string, copies, the nearest of some names. */
#ifndef CHAINRULE_BASE_TEXT_H
#define CHAINRULE_BASE_TEXT_H

#include <chainrule/error.h>
#include <stddef.h>

/* Starts as {0}. Always ended with a 0 once something was added. Out of memory is
 * remembered in `failed` and asked for once, at the end. cr_text_finish frees. */
typedef struct cr_text {
    char *data;
    size_t length, capacity;
    bool failed;
} cr_text;

void cr_text_add(cr_text *text, const char *format, ...) CR_PRINTF(2, 3);
void cr_text_add_bytes(cr_text *text, const char *bytes, size_t length);

/* Adds a message for people, made visible (text_visible.h), and a newline. Cut where it
 * is longer than CR_TEXT_LINE. */
enum { CR_TEXT_LINE = 2048 };
void cr_text_add_line(cr_text *text, const char *format, ...) CR_PRINTF(2, 3);

void cr_text_finish(cr_text *text);

/* A copy of length bytes of text, ended with a 0. The caller frees it. */
CR_MUST_CHECK char *cr_text_copy(const char *text, size_t length, cr_error *err);

/* Bytes of the valid UTF-8 sequence at text (Unicode 15, table 3-7), of which `left` are
 * there; 0 if it is none. */
size_t cr_text_utf8_length(const char *text, size_t left);

/* Length of a UTF-8 byte-order mark at the start of text: 3 or 0. */
size_t cr_text_mark(const char *text, size_t length);

/* The entry of names[0..count) that was most likely meant by `name`: the one at the
 * smallest edit distance (insertions, deletions, substitutions, swaps of neighbours),
 * NULL when all are far. */
const char *cr_text_nearest(const char *name, const char *const *names, size_t count);

#endif
