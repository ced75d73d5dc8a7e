#include "base/number.h"

#include "base/memory.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static size_t count_digits(const char *text)
{
    size_t digits = 0;
    while (isdigit((unsigned char)text[digits]))
        digits++;
    return digits;
}

/* The usual short decimals, exactly: up to 15 digits are a whole number that a double
 * holds, and so is a power of ten up to 22, so that their quotient is the correctly
 * rounded one (Clinger: "How to read floating point numbers accurately", 1990). False for
 * anything else. */
static bool parse_short(const char *text, size_t length, double *number)
{
    static const double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const char *at = text + (*text == '-'), *end = text + length;
    if (end - at > 16 || at == end)
        return false;
    uint64_t whole = 0;
    ptrdiff_t digits = 0, fraction = -1;
    for (; at < end; at++) {
        unsigned digit = (unsigned)(unsigned char)*at - '0';
        if (digit < 10) {
            whole = whole * 10 + digit;
            digits++;
        } else if (*at == '.' && fraction < 0) {
            fraction = digits;
        } else {
            return false;
        }
    }
    if (digits == 0 || digits > 15)
        return false;
    double value = (double)whole;
    if (fraction >= 0)
        value /= powers[digits - fraction];
    *number = *text == '-' ? -value : value;
    return true;
}

/* Length of a decimal number at the start of text; 0 when there is none. */
static size_t scan_decimal(const char *text)
{
    const char *at = text + (*text == '-' || *text == '+');
    size_t whole = count_digits(at);
    at += whole;
    size_t fraction = 0;
    if (*at == '.') {
        fraction = count_digits(at + 1);
        at += 1 + fraction;
    }
    if (whole + fraction == 0)
        return 0;
    if (*at == 'e' || *at == 'E') {
        const char *exponent = at + 1 + (at[1] == '-' || at[1] == '+');
        size_t digits = count_digits(exponent);
        if (digits > 0)
            at = exponent + digits;
    }
    return (size_t)(at - text);
}

bool cr_number_parse(const char *text, size_t length, double *number)
{
    if (length == 0)
        return false;
    if (parse_short(text, length, number))
        return true;
    if (scan_decimal(text) == length) {
        *number = strtod(text, NULL);
        return true;
    }
    size_t sign = *text == '-' || *text == '+';
    static const char *const words[] = {"nan", "inf", "infinity"};
    for (size_t i = 0; i < CR_COUNT(words); i++)
        if (length - sign == strlen(words[i]) &&
            strncasecmp(text + sign, words[i], length - sign) == 0) {
            *number = i == 0         ? (double)NAN
                      : *text == '-' ? -(double)INFINITY
                                     : (double)INFINITY;
            return true;
        }
    return false;
}

/* A whole number of up to 15 digits, as "%.15g" prints it. */
static const char *format_whole(double number, char out[CR_NUMBER_TEXT])
{
    char digits[16];
    size_t count = 0, length = 0;
    uint64_t left = (uint64_t)fabs(number);
    do
        digits[count++] = (char)('0' + left % 10);
    while (left /= 10);
    if (signbit(number))
        out[length++] = '-';
    while (count > 0)
        out[length++] = digits[--count];
    out[length] = '\0';
    return out;
}

const char *cr_number_format_double(double number, char out[CR_NUMBER_TEXT])
{
    if (fabs(number) < 1e15 && number == floor(number))
        return format_whole(number, out);
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, CR_NUMBER_TEXT, "%.*g", digits, number);
        if (strtod(out, NULL) == number)
            break;
    }
    return out;
}

const char *cr_number_format_float(float number, char out[CR_NUMBER_TEXT])
{
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(out, CR_NUMBER_TEXT, "%.*g", digits, (double)number);
        if (strtof(out, NULL) == number)
            break;
    }
    return out;
}

const char *cr_number_format_bytes(double bytes, char out[CR_NUMBER_TEXT])
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    while (bytes >= 1024 && unit < 4) {
        bytes /= 1024;
        unit++;
    }
    snprintf(out, CR_NUMBER_TEXT, unit ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
    return out;
}
