#include "report/page_json.h"

#include "base/number.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static void add(cr_page_json *out, const char *text)
{
    cr_text_add_bytes(&out->text, text, strlen(text));
}

/* Of a valid sequence of so many bytes. */
static uint32_t decode(const char *at, size_t length)
{
    static const uint32_t first[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = (unsigned char)at[0] & first[length];
    for (size_t i = 1; i < length; i++)
        code = code << 6 | ((unsigned char)at[i] & 0x3f);
    return code;
}

/* What has a meaning in HTML or ends a line in a script, and what HTML must not hold:
 * control characters and those that Unicode says are none. */
static bool is_escaped(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == '<' || code == '>' ||
           code == '&' || code == 0x2028 || code == 0x2029 ||
           (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) == 0xfffe;
}

/* One character of JSON's string, of which `length` bytes are valid UTF-8, or 0. */
static void add_character(cr_page_json *out, const char *at, size_t length)
{
    unsigned char c = (unsigned char)*at;
    uint32_t code = decode(at, length);
    if (length == 0)
        cr_text_add(&out->text, "\\\\x%02x", c);
    else if (c == '"' || c == '\\')
        cr_text_add(&out->text, "\\%c", c);
    else if (is_escaped(code) && code > 0xffff)
        cr_text_add(&out->text, "\\u%04x\\u%04x", 0xd7c0 + (code >> 10),
                    0xdc00 + (code & 0x3ff));
    else if (is_escaped(code))
        cr_text_add(&out->text, "\\u%04x", code);
    else
        cr_text_add_bytes(&out->text, at, length);
}

static void add_string(cr_page_json *out, const char *text, size_t most)
{
    size_t left = strlen(text), used = 0;
    add(out, "\"");
    while (left > 0 && used < most) {
        size_t length = cr_text_utf8_length(text, left), taken = length > 0 ? length : 1;
        add_character(out, text, length);
        text += taken;
        left -= taken;
        used += taken;
    }
    add(out, left > 0 ? "…\"" : "\"");
}

/* A comma where something stands before, and the member's key. */
static void begin(cr_page_json *out, const char *key)
{
    if (out->follows)
        add(out, ",");
    if (key) {
        add_string(out, key, CR_PAGE_JSON_MOST);
        add(out, ":");
    }
    out->follows = true;
}

void cr_page_json_open(cr_page_json *out, const char *key, char bracket)
{
    begin(out, key);
    cr_text_add_bytes(&out->text, &bracket, 1);
    out->follows = false;
}

void cr_page_json_close(cr_page_json *out, char bracket)
{
    cr_text_add_bytes(&out->text, &bracket, 1);
    out->follows = true;
}

void cr_page_json_number(cr_page_json *out, const char *key, double number)
{
    char text[CR_NUMBER_TEXT];
    begin(out, key);
    add(out, isfinite(number) ? cr_number_format_double(number, text) : "null");
}

void cr_page_json_bool(cr_page_json *out, const char *key, bool value)
{
    begin(out, key);
    add(out, value ? "true" : "false");
}

static void add_text(cr_page_json *out, const char *text, size_t most)
{
    if (text)
        add_string(out, text, most);
    else
        add(out, "null");
}

void cr_page_json_string(cr_page_json *out, const char *key, const char *text)
{
    begin(out, key);
    add_text(out, text, CR_PAGE_JSON_MOST);
}

void cr_page_json_name(cr_page_json *out, const char *key, const char *name, size_t of)
{
    enum { TOGETHER = 200000, LEAST = 40 };
    size_t room = TOGETHER / (of + 1);
    begin(out, key);
    add_text(out, name,
             room < LEAST               ? LEAST
             : room > CR_PAGE_JSON_MOST ? CR_PAGE_JSON_MOST
                                        : room);
}

static void add_members(cr_page_json *out, const cr_json *value, bool named)
{
    for (const cr_json *v = cr_json_first(value); v; v = cr_json_next(v))
        cr_page_json_value(out, named ? cr_json_key(v) : NULL, v);
}

void cr_page_json_value(cr_page_json *out, const char *key, const cr_json *value)
{
    switch (value ? cr_json_kind_of(value) : CR_JSON_NULL) {
    case CR_JSON_BOOL:
        cr_page_json_bool(out, key, cr_json_bool(value));
        break;
    case CR_JSON_NUMBER:
        cr_page_json_number(out, key, cr_json_number(value));
        break;
    case CR_JSON_STRING:
        cr_page_json_string(out, key, cr_json_string(value));
        break;
    case CR_JSON_ARRAY:
        cr_page_json_open(out, key, '[');
        add_members(out, value, false);
        cr_page_json_close(out, ']');
        break;
    case CR_JSON_OBJECT:
        cr_page_json_open(out, key, '{');
        add_members(out, value, true);
        cr_page_json_close(out, '}');
        break;
    default:
        cr_page_json_string(out, key, NULL);
    }
}

void cr_page_json_numbers(cr_page_json *out, const char *key, const double *numbers,
                          size_t count, int digits)
{
    cr_page_json_open(out, key, '[');
    for (size_t i = 0; i < count; i++)
        if (digits > 0 && isfinite(numbers[i]))
            cr_text_add(&out->text, "%s%.*g", i > 0 ? "," : "", digits, numbers[i]);
        else {
            out->follows = i > 0;
            cr_page_json_number(out, NULL, numbers[i]);
        }
    cr_page_json_close(out, ']');
}

void cr_page_json_names(cr_page_json *out, const char *key, char *const *names,
                        size_t count)
{
    cr_page_json_open(out, key, '[');
    for (size_t i = 0; i < count; i++)
        cr_page_json_name(out, NULL, names[i], count);
    cr_page_json_close(out, ']');
}

void cr_page_json_uri(cr_page_json *out, const char *key, const char *type,
                      const void *bytes, size_t length)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *b = bytes;
    begin(out, key);
    cr_text_add(&out->text, "\"data:%s;base64,", type);
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        uint32_t three = (uint32_t)b[i] << 16 | (left > 1 ? (uint32_t)b[i + 1] << 8 : 0) |
                         (left > 2 ? b[i + 2] : 0);
        const char four[] = {digits[three >> 18], digits[three >> 12 & 63],
                             left > 1 ? digits[three >> 6 & 63] : '=',
                             left > 2 ? digits[three & 63] : '='};
        cr_text_add_bytes(&out->text, four, sizeof four);
    }
    add(out, "\"");
}
