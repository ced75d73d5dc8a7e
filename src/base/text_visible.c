#include "base/text_visible.h"

#include "base/text.h"
#include "base/text_width.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Of a valid sequence of so many bytes. */
static uint32_t decode(const unsigned char *c, size_t length)
{
    uint32_t code = length == 1   ? c[0]
                    : length == 2 ? c[0] & 0x1Fu
                    : length == 3 ? c[0] & 0x0Fu
                                  : c[0] & 0x07u;
    for (size_t i = 1; i < length; i++)
        code = code << 6 | (c[i] & 0x3Fu);
    return code;
}

static int is_command(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x2028 ||
           code == 0x2029 || (code >= 0x202A && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069);
}

size_t cr_text_visible_character(const char *text, size_t left, cr_text_shown *shown)
{
    static const char short_names[] = "tn\0\0r"; /* of the bytes 9 to 13 */
    const unsigned char *c = (const unsigned char *)text;
    size_t length = cr_text_utf8_length(text, left);
    uint32_t code = decode(c, length ? length : 1);
    if (length > 0 && !is_command(code)) {
        memcpy(shown->bytes, text, length);
        shown->bytes[length] = '\0';
        shown->length = length;
        shown->width = cr_text_width(code);
        return length;
    }
    if (code >= 9 && code <= 13 && short_names[code - 9])
        snprintf(shown->bytes, sizeof shown->bytes, "\\%c", short_names[code - 9]);
    else if (length < 2)
        snprintf(shown->bytes, sizeof shown->bytes, "\\x%02x", c[0]);
    else
        snprintf(shown->bytes, sizeof shown->bytes, "\\u%04x", code & 0xFFFFu);
    shown->length = strlen(shown->bytes);
    shown->width = (int)shown->length;
    return length ? length : 1;
}

size_t cr_text_visible(const char *text, size_t length, char *out, size_t size)
{
    size_t used = 0;
    for (size_t at = 0; at < length;) {
        cr_text_shown shown;
        at += cr_text_visible_character(text + at, length - at, &shown);
        if (used + shown.length >= size)
            break;
        memcpy(out + used, shown.bytes, shown.length);
        used += shown.length;
    }
    out[used] = '\0';
    return used;
}

size_t cr_text_visible_width(const char *text, size_t length)
{
    size_t width = 0;
    for (size_t at = 0; at < length;) {
        cr_text_shown shown;
        at += cr_text_visible_character(text + at, length - at, &shown);
        width += (size_t)shown.width;
    }
    return width;
}

void cr_text_visible_middle(const char *text, size_t length, size_t width, char *out,
                            size_t size)
{
    size_t left = cr_text_visible_width(text, length), taken = 0, at = 0;
    cr_text_shown shown;
    if (left <= width && left < size) {
        cr_text_visible(text, length, out, size);
        return;
    }
    width = width < size / 8 ? width : size / 8; /* so that the bytes have room */
    while (at < length) {                        /* what stands in front of the cut */
        size_t next = cr_text_visible_character(text + at, length - at, &shown);
        if (taken + (size_t)shown.width > width / 2)
            break;
        at += next;
        taken += (size_t)shown.width;
    }
    size_t used = cr_text_visible(text, at, out, size);
    used += (size_t)snprintf(out + used, size - used, "…");
    left -= taken;
    while (at < length && taken + 1 + left > width) {
        at += cr_text_visible_character(text + at, length - at, &shown);
        left -= (size_t)shown.width;
    }
    cr_text_visible(text + at, length - at, out + used, size - used);
}
