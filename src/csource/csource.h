/*
 * A writer of C source: constants, functions that are written once, and statements, which
 * are put together at the end. What it writes is C99 that a C++ compiler takes too.
 *
 * Constants lie in read-only memory, on AVR in program memory; CR_READ(p) reads one.
 */
#ifndef CHAINRULE_CSOURCE_CSOURCE_H
#define CHAINRULE_CSOURCE_CSOURCE_H

#include "base/text.h"

#include <stdint.h>

typedef struct cr_csource {
    bool no_libm;   /* nothing of <math.h> may be used */
    bool uses_libm; /* <math.h> is to be included */
    cr_text constants, functions, statements;
    char **written; /* [written_count] names of the functions so far; owned */
    size_t written_count, written_capacity;
    size_t flash;         /* bytes of constants so far */
    double multiply_adds; /* of a prediction, so far */
    bool overflows;       /* a value was beyond what a float holds */
    size_t column;        /* of the line of the array that is being written */
} cr_csource;             /* starts as {0} */

void cr_csource_finish(cr_csource *out);

/* Whether memory has run out; the texts are not whole then. */
bool cr_csource_failed(const cr_csource *out);

/* Whether a function of this name is still to be written: true once for each name. */
bool cr_csource_needs(cr_csource *out, const char *function);

/* A constant array of floats, or of bytes of a type (int8_t, uint8_t): begin, its values,
 * end. */
void cr_csource_begin_floats(cr_csource *out, const char *name, size_t count);
void cr_csource_float(cr_csource *out, double value);
void cr_csource_begin_bytes(cr_csource *out, const char *name, const char *type,
                            size_t count);
void cr_csource_byte(cr_csource *out, int value);
void cr_csource_end(cr_csource *out);

/* A float's literal: "0.5f". Returns text. */
enum { CR_CSOURCE_NUMBER = 40 };
const char *cr_csource_number(double value, char text[CR_CSOURCE_NUMBER]);

/* Adds the bytes of a text as a string literal with its quotes: what is not plain ASCII as
 * octal escapes, and nothing that could be a trigraph. */
void cr_csource_quote(cr_text *out, const char *text);

/* Adds a text for a comment: made visible, cut after some hundred bytes, and nothing that
 * could end the comment or begin another; a backslash becomes a bar. */
void cr_csource_comment(cr_text *out, const char *text);

#endif
