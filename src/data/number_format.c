#include "data/number_format.h"

#include "base/memory.h"
#include "base/number.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { MOST_CHARACTERS = 400 }; /* of a number, but for one without separators */

/* The codes of ISO 4217 that are or were lately in use, but for those of metals, funds
 * and tests. */
static const char codes[] =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD "
    "BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB "
    "EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR "
    "ISK "
    "JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA "
    "MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK "
    "PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
    "SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV "
    "WST XAF XCD XOF XPF YER ZAR ZMW ZWG ZWL";

/* What is left of a cell while marks are taken off its two ends. */
typedef struct span {
    const char *at, *end;
    bool sign, negative; /* a sign was there */
    bool open, closed;   /* brackets around it */
    bool marked;         /* a currency, or a unit */
    const char *mark;    /* [mark_length] of the currency; NULL: none */
    size_t mark_length;
    bool percent;
} span;

static bool begins(const char *at, const char *end, const char *with)
{
    size_t length = strlen(with);
    return (size_t)(end - at) >= length && memcmp(at, with, length) == 0;
}

static bool ends(const char *at, const char *end, const char *with)
{
    size_t length = strlen(with);
    return (size_t)(end - at) >= length && memcmp(end - length, with, length) == 0;
}

/* Spaces: plain, no-break, narrow no-break, thin. */
static const char *const spaces[] = {" ", "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89"};

/* Minus signs: of ASCII, and of typography. */
static const char *const minus_signs[] = {"-", "\xE2\x88\x92"};

/* Signs of Unicode's category Sc, but for those of hundredths. */
static const char *const currency_signs[] = {
    "$",
    "\xC2\xA3",
    "\xC2\xA4",
    "\xC2\xA5",
    "\xD6\x8F",
    "\xD8\x8B",
    "\xE0\xA7\xB2",
    "\xE0\xA7\xB3",
    "\xE0\xAF\xB9",
    "\xE0\xB8\xBF",
    "\xE1\x9F\x9B",
    "\xEF\xB7\xBC",
    "\xEF\xB9\xA9",
    "\xEF\xBC\x84",
    "\xEF\xBF\xA1",
    "\xEF\xBF\xA5",
    "\xEF\xBF\xA6",
};

/* The length of the first entry of list[0..count) that the text begins with; 0. */
static size_t begins_with_one(const char *at, const char *end, const char *const *list,
                              size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (begins(at, end, list[i]))
            return strlen(list[i]);
    return 0;
}

static size_t ends_with_one(const char *at, const char *end, const char *const *list,
                            size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (ends(at, end, list[i]))
            return strlen(list[i]);
    return 0;
}

/* U+20A0 to U+20C0 are all signs of currencies. */
static bool is_in_block(const char *at)
{
    const unsigned char *c = (const unsigned char *)at;
    return c[0] == 0xE2 && ((c[1] == 0x82 && c[2] >= 0xA0 && c[2] <= 0xBF) ||
                            (c[1] == 0x83 && c[2] == 0x80));
}

static bool is_code(const char *letters)
{
    for (const char *code = codes; *code; code += code[3] ? 4 : 3)
        if (strncasecmp(code, letters, 3) == 0)
            return true;
    return false;
}

/* Bytes of the sign or code of a currency that the text begins with; 0. US$ and R$ are
 * such signs too. */
static size_t begins_with_currency(const char *at, const char *end)
{
    size_t letters = 0;
    while (at + letters < end && isalpha((unsigned char)at[letters]))
        letters++;
    if (letters == 3 && is_code(at))
        return 3;
    if (letters > 0)
        return letters <= 3 && at + letters < end && at[letters] == '$' ? letters + 1 : 0;
    if (end - at >= 3 && is_in_block(at))
        return 3;
    return begins_with_one(at, end, currency_signs, CR_COUNT(currency_signs));
}

bool cr_number_format_is_currency(const char *text, size_t length)
{
    return length > 0 && begins_with_currency(text, text + length) == length;
}

static size_t ends_with_currency(const char *at, const char *end)
{
    bool dollar = at < end && end[-1] == '$';
    const char *last = end - dollar;
    size_t letters = 0;
    while (last - letters > at && isalpha((unsigned char)last[-1 - (ptrdiff_t)letters]))
        letters++;
    if (dollar)
        return letters <= 3 ? letters + 1 : 0;
    if (letters > 0)
        return letters == 3 && is_code(end - 3) ? 3 : 0;
    if (end - at >= 3 && is_in_block(end - 3))
        return 3;
    return ends_with_one(at, end, currency_signs, CR_COUNT(currency_signs));
}

/* Bytes of the currency or unit at one of the ends; 0. */
static size_t find_mark(const cr_number_format *format, span *s, bool front)
{
    const char *unit = format->unit;
    if (s->marked)
        return 0;
    if (unit && (front ? begins(s->at, s->end, unit) : ends(s->at, s->end, unit)))
        return strlen(unit);
    if (!format->currency)
        return 0;
    size_t length =
        front ? begins_with_currency(s->at, s->end) : ends_with_currency(s->at, s->end);
    if (length > 0) {
        s->mark = front ? s->at : s->end - length;
        s->mark_length = length;
    }
    return length;
}

/* Bytes of one mark at the front; 0: a number begins here. */
static size_t take_front(const cr_number_format *format, span *s)
{
    size_t length = begins_with_one(s->at, s->end, spaces, CR_COUNT(spaces));
    if (length > 0)
        return length;
    if (format->currency && *s->at == '(' && !s->open && !s->sign) {
        s->open = true;
        return 1;
    }
    length = begins_with_one(s->at, s->end, minus_signs, CR_COUNT(minus_signs));
    if ((length > 0 || *s->at == '+') && !s->sign && !s->open) {
        s->sign = true;
        s->negative = length > 0;
        return length > 0 ? length : 1;
    }
    length = find_mark(format, s, true);
    s->marked |= length > 0;
    return length;
}

/* The same at the end. */
static size_t take_end(const cr_number_format *format, span *s)
{
    size_t length = ends_with_one(s->at, s->end, spaces, CR_COUNT(spaces));
    if (length > 0)
        return length;
    if (s->end[-1] == ')' && s->open && !s->closed) {
        s->closed = true;
        return 1;
    }
    if (format->percent && s->end[-1] == '%' && !s->percent) {
        s->percent = true;
        return 1;
    }
    length = ends_with_one(s->at, s->end, minus_signs, CR_COUNT(minus_signs));
    if (format->currency && length > 0 && !s->sign && !s->open) {
        s->sign = s->negative = true;
        return length;
    }
    length = find_mark(format, s, false);
    s->marked |= length > 0;
    return length;
}

/* Takes off what may stand beside a number. False where brackets do not match or nothing
 * is left. */
static bool strip(const cr_number_format *format, span *s)
{
    size_t taken = 0;
    while (s->at < s->end && (taken = take_front(format, s)) > 0)
        s->at += taken;
    while (s->at < s->end && (taken = take_end(format, s)) > 0)
        s->end -= taken;
    return s->at < s->end && s->open == s->closed;
}

/* Bytes of a separator between thousands; 0. */
static size_t separator(char thousands, const char *at, const char *end)
{
    static const char *const apostrophes[] = {"'", "\xE2\x80\x99"};
    if (thousands == '\0' || at >= end)
        return 0;
    if (thousands == ' ')
        return begins_with_one(at, end, spaces, CR_COUNT(spaces));
    if (thousands == '\'')
        return begins_with_one(at, end, apostrophes, CR_COUNT(apostrophes));
    return *at == thousands;
}

static size_t copy_digits(const char *at, const char *end, char *out)
{
    size_t count = 0;
    for (; at + count < end && isdigit((unsigned char)at[count]); count++)
        out[count] = at[count];
    return count;
}

/* The digits before the decimal mark, without separators, at *to, which moves behind
 * them. Returns where they end; NULL where a group has not three digits. */
static const char *copy_whole(char thousands, const char *at, const char *end, char **to)
{
    size_t first = copy_digits(at, end, *to), gap = 0;
    at += first;
    *to += first;
    while ((gap = separator(thousands, at, end)) > 0) {
        size_t digits = copy_digits(at + gap, end, *to);
        if (digits != 3 || first == 0 || first > 3)
            return NULL;
        at += gap + 3;
        *to += 3;
    }
    return at;
}

/* What is left between the marks, as cr_number_parse takes it, into out. */
static bool rewrite(const cr_number_format *format, const span *s,
                    char out[MOST_CHARACTERS + 2])
{
    char *to = out;
    if (s->end - s->at > MOST_CHARACTERS)
        return false;
    if (s->open || s->negative)
        *to++ = '-';
    const char *digits = to, *at = copy_whole(format->thousands, s->at, s->end, &to);
    if (!at)
        return false;
    if (at < s->end && *at == format->decimal) {
        at++;
        *to++ = '.';
        size_t fraction = copy_digits(at, s->end, to);
        at += fraction;
        to += fraction;
    }
    if (to == digits)
        return false; /* "inf" and the like, which stand alone */
    if (at < s->end && *at != 'e' && *at != 'E')
        return false;
    memcpy(to, at, (size_t)(s->end - at)); /* an exponent */
    to[s->end - at] = '\0';
    return true;
}

/* The span's currency in one spelling. */
static void name_currency(const span *s, char currency[CR_CURRENCY])
{
    static const struct {
        const char *sign, *code;
    } signs[] = {{"$", "USD"},        {"US$", "USD"},      {"\xE2\x82\xAC", "EUR"},
                 {"\xC2\xA3", "GBP"}, {"\xC2\xA5", "JPY"}, {"\xE2\x82\xB9", "INR"}};
    size_t length = s->mark_length < CR_CURRENCY ? s->mark_length : CR_CURRENCY - 1;
    for (size_t i = 0; i < length; i++)
        currency[i] = (char)toupper((unsigned char)s->mark[i]);
    currency[length] = '\0';
    for (size_t i = 0; i < CR_COUNT(signs); i++)
        if (strcmp(currency, signs[i].sign) == 0)
            memcpy(currency, signs[i].code, 4);
}

void cr_number_format_find_currency(const char *text, size_t length,
                                    char currency[CR_CURRENCY])
{
    static const cr_number_format any = {.decimal = '.', .currency = true};
    span s = {.at = text, .end = text + length};
    *currency = '\0';
    if (strip(&any, &s) && s.mark)
        name_currency(&s, currency);
}

/* Whether the currency that was taken off may stand there. */
static bool is_allowed(const cr_number_format *format, const span *s)
{
    char currency[CR_CURRENCY];
    if (!*format->only || !s->mark)
        return true;
    name_currency(s, currency);
    return strcmp(currency, format->only) == 0;
}

bool cr_number_format_parse(const cr_number_format *format, const char *text,
                            size_t length, double *number)
{
    char plain[MOST_CHARACTERS + 2];
    if (format->decimal == '.' && cr_number_parse(text, length, number))
        return true;
    span s = {.at = text, .end = text + length};
    return strip(format, &s) && is_allowed(format, &s) && rewrite(format, &s, plain) &&
           cr_number_parse(plain, strlen(plain), number);
}
