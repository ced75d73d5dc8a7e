#include "base/text.h"

#include "base/memory.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void cr_text_add_bytes(cr_text *text, const char *bytes, size_t length)
{
    if (text->failed ||
        !cr_reserve(&text->data, &text->capacity, text->length + length + 1, 1, NULL)) {
        text->failed = true;
        return;
    }
    memcpy(text->data + text->length, bytes, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void cr_text_add(cr_text *text, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    if (length < 0 || text->failed ||
        !cr_reserve(&text->data, &text->capacity, text->length + (size_t)length + 1, 1,
                    NULL)) {
        text->failed = true;
    } else {
        vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
    va_end(args);
}

void cr_text_finish(cr_text *text)
{
    cr_free(text->data);
    *text = (cr_text){0};
}

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

size_t cr_utf8_length(const char *text, size_t left)
{
    const unsigned char *c = (const unsigned char *)text;
    if (left == 0)
        return 0;
    size_t length = c[0] < 0x80   ? 1
                    : c[0] < 0xC2 ? 0
                    : c[0] < 0xE0 ? 2
                    : c[0] < 0xF0 ? 3
                    : c[0] < 0xF5 ? 4
                                  : 0;
    if (length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((c[i] & 0xC0) != 0x80)
            return 0;
    bool bad = (c[0] == 0xE0 && c[1] < 0xA0) || (c[0] == 0xED && c[1] > 0x9F) ||
               (c[0] == 0xF0 && c[1] < 0x90) || (c[0] == 0xF4 && c[1] > 0x8F);
    return bad ? 0 : length;
}

bool cr_parse_number(const char *text, size_t length, double *number)
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
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (length - sign == strlen(words[i]) &&
            strncasecmp(text + sign, words[i], length - sign) == 0) {
            *number = i == 0         ? (double)NAN
                      : *text == '-' ? -(double)INFINITY
                                     : (double)INFINITY;
            return true;
        }
    return false;
}

const char *cr_format_double(double number, char out[CR_NUMBER_TEXT])
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, CR_NUMBER_TEXT, "%.*g", digits, number);
        if (strtod(out, NULL) == number)
            break;
    }
    return out;
}

const char *cr_format_float(float number, char out[CR_NUMBER_TEXT])
{
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(out, CR_NUMBER_TEXT, "%.*g", digits, (double)number);
        if (strtof(out, NULL) == number)
            break;
    }
    return out;
}

enum { LONGEST_NAME = 48 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Edit distance with swaps of neighbours (optimal string alignment); case does not count.
 */
static size_t distance(const char *a, const char *b)
{
    size_t la = strlen(a), lb = strlen(b);
    if (la > LONGEST_NAME || lb > LONGEST_NAME)
        return LONGEST_NAME;
    size_t rows[3][LONGEST_NAME + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= lb; j++)
        above[j] = j;
    for (size_t i = 1; i <= la; i++) {
        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            int ca = tolower((unsigned char)a[i - 1]),
                cb = tolower((unsigned char)b[j - 1]);
            row[j] =
                smaller(above[j - 1] + (ca != cb), smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) &&
                cb == tolower((unsigned char)a[i - 2]))
                row[j] = smaller(row[j], before[j - 2] + 1);
        }
        size_t *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[lb];
}

const char *cr_nearest_name(const char *name, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    size_t least =
        smaller(strlen(name) / 3 + 1, 4); /* further away, a guess would mislead */
    for (size_t i = 0; i < count; i++) {
        size_t d = distance(name, names[i]);
        if (d >= strlen(name)) /* nothing in common */
            continue;
        if (d < least || (d == least && !nearest)) {
            least = d;
            nearest = names[i];
        }
    }
    return nearest;
}
