/* Numbers from text and to text. */
#ifndef CHAINRULE_BASE_NUMBER_H
#define CHAINRULE_BASE_NUMBER_H

#include <chainrule/error.h>
#include <stddef.h>

/* The whole of text[0..length) as a finite or non-finite decimal number: [+-] digits with
 * an optional point and exponent, or inf, infinity, nan in any case. text[length] is
 * readable and not part of a number (a final 0 will do). False for anything else: empty,
 * hexadecimal, trailing characters. */
CR_MUST_CHECK bool cr_number_parse(const char *text, size_t length, double *number);

enum { CR_NUMBER_TEXT = 32 };

/* The shortest decimal that reads back as the same double (float: as the same float).
 * Returns out. */
const char *cr_number_format_double(double number, char out[CR_NUMBER_TEXT]);
const char *cr_number_format_float(float number, char out[CR_NUMBER_TEXT]);

/* Bytes with a unit, "6.9 GiB". Returns out. */
const char *cr_number_format_bytes(double bytes, char out[CR_NUMBER_TEXT]);

#endif
