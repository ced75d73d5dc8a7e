#include "report/page_json.h"

#include "base/number.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static void add(cr_page_json *out, const char *text)
{
    cr_text_add_bytes(&out->text, text, strlen(text));
}

/* One character of JSON's string, of which `length` bytes are valid UTF-8, or 0. */
static void add_character(cr_page_json *out, const char *at, size_t length)
{
    unsigned char c = (unsigned char)*at;
    bool separator = length == 3 && (memcmp(at, "\xe2\x80\xa8", 3) == 0 ||
                                     memcmp(at, "\xe2\x80\xa9", 3) == 0);
    if (length == 0)
        cr_text_add(&out->text, "\\\\x%02x", c);
    else if (separator)
        cr_text_add(&out->text, "\\u202%c", at[2] == '\xa8' ? '8' : '9');
    else if (c == '"' || c == '\\')
        cr_text_add(&out->text, "\\%c", c);
    else if (c < 0x20 || c == 0x7f || c == '<' || c == '>' || c == '&')
        cr_text_add(&out->text, "\\u%04x", c);
    else
        cr_text_add_bytes(&out->text, at, length);
}

static void add_string(cr_page_json *out, const char *text)
{
    size_t left = strlen(text), used = 0;
    add(out, "\"");
    while (left > 0 && used < CR_PAGE_JSON_MOST) {
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
        add_string(out, key);
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

void cr_page_json_string(cr_page_json *out, const char *key, const char *text)
{
    begin(out, key);
    if (text)
        add_string(out, text);
    else
        add(out, "null");
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

void cr_page_json_strings(cr_page_json *out, const char *key, char *const *texts,
                          size_t count)
{
    cr_page_json_open(out, key, '[');
    for (size_t i = 0; i < count; i++)
        cr_page_json_string(out, NULL, texts[i]);
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
