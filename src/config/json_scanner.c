#include "config/json_scanner.h"

#include "base/memory.h"
#include "base/text.h"
#include "config/json.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NUMBER = 60 }; /* cJSON reads no more than 63 characters of one */

/* A key seen in an object that is still open, to find repeated ones. */
typedef struct key {
    size_t start, end; /* of the text between the quotes */
    uint64_t hash;     /* of the decoded key */
} key;

typedef struct scanner {
    const char *name, *text;
    size_t length, at;
    int depth;
    cr_error_code code;
    cr_error *err;
    key *keys;
    size_t key_count, key_capacity;
    const char
        *wanted;  /* what is left of the path that is looked for; NULL outside of it */
    size_t found; /* offset of the innermost part found */
    bool located; /* there is no more to find: the scan ends as if it had failed */
} scanner;

static cr_position position(const char *text, size_t offset)
{
    cr_position result = {1, 1};
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            result.line++;
            result.column = 1;
        } else if (((unsigned char)text[i] & 0xC0) != 0x80) {
            result.column++;
        }
    }
    return result;
}

static bool fail(scanner *s, size_t offset, const char *message)
{
    cr_position p = position(s->text, offset);
    return cr_fail(s->err, s->code, "%s:%zu:%zu: %s", s->name, p.line, p.column, message);
}

/* "found X, expected Y" with whatever stands at the current place. */
static bool unexpected(scanner *s, const char *expected)
{
    char message[160], found[16];
    unsigned char c = s->at < s->length ? (unsigned char)s->text[s->at] : 0;
    if (s->at >= s->length)
        snprintf(found, sizeof found, "the end");
    else if (c < 0x20 || c >= 0x7F)
        snprintf(found, sizeof found, "byte 0x%02X", c);
    else
        snprintf(found, sizeof found, "'%c'", c);
    snprintf(message, sizeof message, "found %s, expected %s", found, expected);
    return fail(s, s->at, message);
}

static void skip_space(scanner *s)
{
    while (s->at < s->length && s->text[s->at] && strchr(" \t\r\n", s->text[s->at]))
        s->at++;
}

/* Four hexadecimal digits at `at`; -1 if they are not. */
static long hex4(const scanner *s, size_t at)
{
    long code = 0;
    for (size_t i = at; i < at + 4; i++) {
        if (i >= s->length || !isxdigit((unsigned char)s->text[i]))
            return -1;
        int c = tolower((unsigned char)s->text[i]);
        code = code * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return code;
}

static bool scan_escape(scanner *s)
{
    size_t start = s->at;
    char c = start + 1 < s->length ? s->text[start + 1] : '\0';
    if (c && strchr("\"\\/bfnrt", c)) {
        s->at += 2;
        return true;
    }
    long code = c == 'u' ? hex4(s, start + 2) : -1;
    if (code < 0)
        return fail(s, start,
                    "unknown escape in a string; known are \\\" \\\\ \\/ \\b \\f "
                    "\\n \\r \\t and \\u with four hexadecimal digits");
    if (code == 0)
        return fail(s, start, "\\u0000 (NUL) is not allowed in a string");
    s->at += 6;
    if (code < 0xD800 || code > 0xDFFF)
        return true;
    bool pair = code < 0xDC00 && s->at + 1 < s->length && s->text[s->at] == '\\' &&
                s->text[s->at + 1] == 'u';
    long low = pair ? hex4(s, s->at + 2) : -1;
    if (low < 0xDC00 || low > 0xDFFF)
        return fail(s, start,
                    "half of a surrogate pair; a character beyond \\uFFFF takes two");
    s->at += 6;
    return true;
}

static bool scan_string(scanner *s)
{
    size_t start = s->at++;
    while (s->at < s->length && s->text[s->at] != '"') {
        unsigned char c = (unsigned char)s->text[s->at];
        if (c == '\n' || c == '\r')
            return fail(s, start, "the string has no closing quote on its line");
        if (c < 0x20)
            return unexpected(s, "an escape such as \\t in place of a control character");
        if (c == '\\') {
            if (!scan_escape(s))
                return false;
            continue;
        }
        size_t length = cr_text_utf8_length(s->text + s->at, s->length - s->at);
        if (length == 0)
            return fail(s, s->at, "not valid UTF-8; save the file as UTF-8");
        s->at += length;
    }
    if (s->at >= s->length)
        return fail(s, start, "the string has no closing quote");
    s->at++;
    return true;
}

static bool scan_number(scanner *s)
{
    size_t start = s->at;
    const char *text = s->text;
    if (text[s->at] == '-')
        s->at++;
    if (!isdigit((unsigned char)text[s->at]))
        return unexpected(s, "a digit");
    if (text[s->at] == '0' && isdigit((unsigned char)text[s->at + 1]))
        return fail(s, start, "a number does not start with 0; remove the leading zeros");
    while (isdigit((unsigned char)text[s->at]))
        s->at++;
    if (text[s->at] == '.') {
        s->at++;
        if (!isdigit((unsigned char)text[s->at]))
            return unexpected(s, "a digit behind the decimal point");
        while (isdigit((unsigned char)text[s->at]))
            s->at++;
    }
    if (text[s->at] == 'e' || text[s->at] == 'E') {
        s->at++;
        if (text[s->at] == '-' || text[s->at] == '+')
            s->at++;
        if (!isdigit((unsigned char)text[s->at]))
            return unexpected(s, "a digit in the exponent");
        while (isdigit((unsigned char)text[s->at]))
            s->at++;
    }
    if (s->at - start > LONGEST_NUMBER)
        return fail(s, start, "a number of more than 60 characters; round it");
    if (!isfinite(strtod(text + start, NULL)))
        return fail(s, start, "the number is too large; the largest is about 1.8e308");
    return true;
}

static bool scan_word(scanner *s)
{
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < 3; i++) {
        size_t length = strlen(words[i]);
        if (s->length - s->at >= length &&
            memcmp(s->text + s->at, words[i], length) == 0) {
            s->at += length;
            return true;
        }
    }
    if (strncmp(s->text + s->at, "NaN", 3) == 0 ||
        strncmp(s->text + s->at, "Infinity", 8) == 0)
        return fail(s, s->at,
                    "JSON has no NaN and no Infinity; a finite number was expected");
    return unexpected(s, "a value: a number, \"text\", true, false, null, [ or {");
}

/* Steps into the part of the wanted path that is spelt name[0..length), if it comes next.
 */
static const char *step_into(const char *wanted, const char *name, size_t length)
{
    if (!wanted || strncmp(wanted, name, length) != 0)
        return NULL;
    if (wanted[length] == '\0')
        return wanted + length;
    return wanted[length] == '.' && length > 0 ? wanted + length + 1 : NULL;
}

static bool scan_value(scanner *s);

/* A member or an element: remembers its place if the path goes through it. Behind an
 * object or a list that it goes into, nothing comes closer. */
static bool scan_inside(scanner *s, const char *name, size_t length, size_t offset)
{
    const char *wanted = s->wanted;
    s->wanted = wanted && *wanted ? step_into(wanted, name, length) : NULL;
    if (s->wanted) {
        s->found = offset;
        s->located = *s->wanted == '\0';
    }
    bool good = !s->located && scan_value(s);
    if (good && s->wanted && strchr("]}", s->text[s->at - 1]))
        s->located = true;
    s->wanted = wanted;
    return good && !s->located;
}

static uint64_t hash_key(const char *text, size_t length)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
    return hash;
}

static int compare_keys(const void *a, const void *b)
{
    const key *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->start < y->start ? -1 : x->start > y->start;
}

static bool refuse_repeated(scanner *s, size_t first)
{
    size_t count = s->key_count - first;
    if (count < 2)
        return true;
    key *keys = s->keys + first;
    qsort(keys, count, sizeof *keys, compare_keys);
    for (size_t i = 1; i < count; i++) {
        if (keys[i].hash != keys[i - 1].hash)
            continue;
        cr_position p = position(s->text, keys[i - 1].start - 1);
        char message[160];
        snprintf(
            message, sizeof message,
            "the key \"%.*s\" is there twice, first at line %zu, column %zu; remove one",
            (int)(keys[i].end - keys[i].start > 60 ? 60 : keys[i].end - keys[i].start),
            s->text + keys[i].start, p.line, p.column);
        return fail(s, keys[i].start - 1, message);
    }
    return true;
}

static bool scan_called(scanner *s, const char *name, size_t length, size_t offset)
{
    if (!cr_reserve(&s->keys, &s->key_capacity, s->key_count + 1, sizeof *s->keys,
                    s->err))
        return false;
    s->keys[s->key_count++] = (key){offset + 1, s->at - 1, hash_key(name, length)};
    skip_space(s);
    if (s->at >= s->length || s->text[s->at] != ':')
        return unexpected(s, "':' behind the key");
    s->at++;
    return scan_inside(s, name, length, offset);
}

static bool scan_member(scanner *s)
{
    if (s->at >= s->length || s->text[s->at] != '"')
        return unexpected(s, "a key in double quotes");
    size_t offset = s->at;
    if (!scan_string(s))
        return false;
    const char *name = s->text + offset + 1;
    size_t length = s->at - offset - 2;
    if (!memchr(name, '\\', length))
        return scan_called(s, name, length, offset);
    cr_json *decoded = cr_json_parse(s->text + offset, s->at - offset);
    bool good = decoded ? scan_called(s, cr_json_string(decoded),
                                      strlen(cr_json_string(decoded)), offset)
                        : cr_fail(s->err, CR_E_MEMORY, "%s: out of memory", s->name);
    cr_json_free(decoded);
    return good;
}

static bool scan_element(scanner *s, size_t index)
{
    char name[24];
    int length = snprintf(name, sizeof name, "%zu", index);
    return scan_inside(s, name, (size_t)length, s->at);
}

/* An array or an object: the two differ in their brackets and in what stands between the
 * commas. */
static bool scan_container(scanner *s, char close)
{
    size_t first_key = s->key_count;
    if (++s->depth > CR_JSON_DEPTH)
        return fail(s, s->at, "nested too deeply; the most is 64 levels");
    s->at++;
    skip_space(s);
    if (s->at < s->length && s->text[s->at] == close) {
        s->at++;
        s->depth--;
        return true;
    }
    for (size_t index = 0;; index++) {
        skip_space(s);
        if (!(close == '}' ? scan_member(s) : scan_element(s, index)))
            return false;
        skip_space(s);
        if (s->at < s->length && s->text[s->at] == close)
            break;
        if (s->at >= s->length || s->text[s->at] != ',')
            return unexpected(s, close == '}' ? "',' or '}'" : "',' or ']'");
        size_t comma = s->at++;
        skip_space(s);
        if (s->at < s->length && s->text[s->at] == close)
            return fail(s, comma,
                        close == '}' ? "remove the comma in front of '}'"
                                     : "remove the comma in front of ']'");
    }
    s->at++;
    s->depth--;
    if (!refuse_repeated(s, first_key))
        return false;
    s->key_count = first_key;
    return true;
}

static bool scan_value(scanner *s)
{
    skip_space(s);
    char c = s->at < s->length ? s->text[s->at] : '\0';
    if (c == '{' || c == '[')
        return scan_container(s, c == '{' ? '}' : ']');
    if (c == '"')
        return scan_string(s);
    if (c == '-' || isdigit((unsigned char)c))
        return scan_number(s);
    return scan_word(s);
}

bool cr_json_scanner_check(const char *name, const char *text, size_t length,
                           cr_error_code code, cr_error *err)
{
    scanner s = {.name = name, .text = text, .length = length, .code = code, .err = err};
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        return fail(&s, 0,
                    "the file starts with a byte-order mark; save it as UTF-8 without");
    skip_space(&s);
    if (s.at == length)
        return fail(&s, 0, "the file is empty; a JSON object was expected");
    bool good = scan_value(&s);
    if (good) {
        skip_space(&s);
        if (s.at < length)
            good = unexpected(&s, "the end: the document is complete before it");
    }
    cr_free(s.keys);
    return good;
}

cr_position cr_json_scanner_locate(const char *text, size_t length, const char *path)
{
    scanner s = {.name = "", .text = text, .length = length, .wanted = path};
    skip_space(&s);
    s.found = s.at;
    if (*path && !scan_value(&s) && !s.located)
        s.found = 0; /* out of memory: only the position is lost */
    cr_free(s.keys);
    return position(text, s.found);
}
