/*
 * Dates and times of the Gregorian calendar, from text and as parts.
 *
 * An instant is a double: seconds since 1970-01-01 00:00, without leap seconds. A time
 * with an offset is taken to UTC; one without stands as it is written.
 */
#ifndef CHAINRULE_DATA_DATE_H
#define CHAINRULE_DATA_DATE_H

#include <chainrule/error.h>
#include <stdbool.h>
#include <stddef.h>

/* The whole of text[0..length), which a 0 ends, as an instant; false for anything else,
 * also a day that there is not. format: NULL for ISO 8601 (2024-03-01, with T or a space
 * and 12:30 or 12:30:00.5 behind it, and Z or an offset such as +01:00 behind that), or
 * one that cr_date_check_format has passed, read as Python's strptime does with English
 * names; but what a format leaves out is that of 1970-01-01 00:00, and a weekday must
 * be that of the date. */
CR_MUST_CHECK bool cr_date_parse(const char *format, const char *text, size_t length,
                                 double *seconds);

/* Whether the format says what a date is; else why not, for a message. */
enum { CR_DATE_WHY = 160 };
CR_MUST_CHECK bool cr_date_check_format(const char *format, char why[CR_DATE_WHY]);

#endif
