/* Numbers as tables write them: with a decimal comma, with separators between thousands,
 * with the sign of a currency, a percent sign or a unit beside them. */
#ifndef CHAINRULE_DATA_NUMBER_FORMAT_H
#define CHAINRULE_DATA_NUMBER_FORMAT_H

#include <chainrule/error.h>
#include <stdbool.h>
#include <stddef.h>

enum { CR_CURRENCY = 8 }; /* bytes of what stands for a currency, with its final 0 */

typedef struct cr_number_format {
    char decimal;   /* '.' or ',' */
    char thousands; /* , . ' _ or a space (also a no-break one); 0: none */
    bool currency;  /* a currency's sign or code may stand before or behind, and (5) is
                         -5 */
    bool percent;   /* a percent sign may stand behind */
    char only[CR_CURRENCY]; /* the one currency that may; "": any */
    const char *unit;       /* text that may stand before or behind; NULL: none */
} cr_number_format;

/* The whole of text[0..length) as a number; text[length] is 0. False for anything else,
 * also where thousands are not parted in groups of exactly three digits. What may stand
 * beside a number need not be there. */
CR_MUST_CHECK bool cr_number_format_parse(const cr_number_format *format,
                                          const char *text, size_t length,
                                          double *number);

/* Whether text[0..length) is the sign or the code of a currency. */
bool cr_number_format_is_currency(const char *text, size_t length);

/* The currency that stands beside a number: its code, also of the signs $ € £ ¥ ₹, or a
 * sign as it is; "" where there is none. */
void cr_number_format_find_currency(const char *text, size_t length,
                                    char currency[CR_CURRENCY]);

#endif
