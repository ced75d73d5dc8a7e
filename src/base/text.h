/* Text: a growable string, numbers to and from text, the nearest of some names. */
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
void cr_text_finish(cr_text *text);

/* Bytes of the valid UTF-8 sequence at text (Unicode 15, table 3-7), of which `left` are
 * there; 0 if it is none. */
size_t cr_utf8_length(const char *text, size_t left);

/* The whole of text[0..length) as a finite or non-finite decimal number: [+-] digits with
 * an optional point and exponent, or inf, infinity, nan in any case. text[length] is
 * readable and not part of a number (a final 0 will do). False for anything else: empty,
 * hexadecimal, trailing characters. */
CR_MUST_CHECK bool cr_parse_number(const char *text, size_t length, double *number);

enum { CR_NUMBER_TEXT = 32 };

/* The shortest decimal that reads back as the same double (float: as the same float).
 * Returns out. */
const char *cr_format_double(double number, char out[CR_NUMBER_TEXT]);
const char *cr_format_float(float number, char out[CR_NUMBER_TEXT]);

/* The entry of names[0..count) that was most likely meant by `name`: the one at the
 * smallest edit distance (insertions, deletions, substitutions, swaps of neighbours),
 * NULL when all are far. */
const char *cr_nearest_name(const char *name, const char *const *names, size_t count);

#endif
