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

enum { FEWEST = 6, MOST = 9 }; /* digits of a float */

/* Its digits as a whole number; the first counts 10^exponent. */
typedef struct decimal {
    uint64_t whole;
    int digits, exponent;
} decimal;

/* Powers of ten that a double holds exactly. */
static const double exact_powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* number * 10^power, of at most 44: rounded once, or beyond 22 twice. */
static double scale(double number, int power)
{
    if (power > 22)
        return number * 1e22 * exact_powers[power - 22];
    if (power < -22)
        return number / 1e22 / exact_powers[-power - 22];
    return power < 0 ? number / exact_powers[-power] : number * exact_powers[power];
}

/* The fewest digits from which the float is read back, as printf and strtof find them. A
 * number below 1e9 that was rounded twice is off by less than 1e-6, and rounds to the same
 * whole one as the exact number, but near a half; what is read back is off by less than 4
 * of its last bits, and becomes the same float, but near the middle between two. False
 * there, and for floats that are very small or large. */
static bool shorten(float number, decimal *d)
{
    const double size = fabs((double)number);
    if (!(size >= 1e-35 && size < 1e30))
        return false;
    d->exponent = (int)floor(log10(size));
    d->exponent -= scale(size, MOST - 1 - d->exponent) < 1e8;
    d->exponent += scale(size, MOST - 1 - d->exponent) >= 1e9;
    for (d->digits = FEWEST; d->digits <= MOST; d->digits++) {
        int power = d->digits - 1 - d->exponent;
        double exact = scale(size, power), whole = floor(exact), rest = exact - whole;
        if (fabs(rest - 0.5) < 1e-6)
            return false;
        d->whole = (uint64_t)whole + (rest > 0.5);
        double back = scale((double)d->whole, -power);
        uint64_t bits = 0;
        memcpy(&bits, &back, sizeof bits);
        if ((bits & 0x1FFFFFFF) - 0x0FFFFFFC <= 8)
            return false;
        if ((float)back == (float)size)
            return true;
    }
    return false;
}

/* As %.*g does: without zeros behind the last digit. */
static void write_decimal(bool negative, decimal d, char *out)
{
    char digits[MOST + 2];
    if (d.whole == (uint64_t)exact_powers[d.digits]) {
        d.whole /= 10;
        d.exponent++;
    }
    bool scientific = d.exponent < -4 || d.exponent >= d.digits;
    for (; d.whole % 10 == 0; d.whole /= 10)
        d.digits--;
    for (int i = d.digits; i-- > 0; d.whole /= 10)
        digits[i] = (char)('0' + d.whole % 10);
    int point = scientific ? 1 : d.exponent + 1; /* digits before it */
    *out = '-';
    out += negative;
    if (point <= 0) {
        memcpy(out, "0.000", 5);
        out += 2 - point;
    }
    for (int i = 0; i < d.digits || i < point; i++) {
        if (i == point && i > 0)
            *out++ = '.';
        *out++ = i < d.digits ? digits[i] : '0';
    }
    unsigned power = (unsigned)abs(d.exponent);
    if (scientific) {
        *out++ = 'e';
        *out++ = d.exponent < 0 ? '-' : '+';
        *out++ = (char)('0' + power / 10);
        *out++ = (char)('0' + power % 10);
    }
    *out = '\0';
}

const char *cr_number_format_float(float number, char out[CR_NUMBER_TEXT])
{
    decimal d;
    if (shorten(number, &d)) {
        write_decimal(signbit(number), d, out);
        return out;
    }
    for (int digits = FEWEST; digits <= MOST; digits++) {
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
