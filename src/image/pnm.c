#include "image/pnm.h"

#include <string.h>

enum { MAX_VALUE = 65535 };

typedef struct cursor {
    const uint8_t *at, *end;
    const char *path;
} cursor;

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static const uint8_t *pass_spaces(const uint8_t *at, const uint8_t *end)
{
    while (at < end && is_space(*at))
        at++;
    return at;
}

/* Width, height and largest value, unless a comment stands between them. */
bool cr_pnm_recognize(const uint8_t *bytes, size_t length)
{
    const uint8_t *at = bytes + 2, *end = bytes + length;
    if (length < 3 || bytes[0] != 'P' || !memchr("2356", bytes[1], 4) ||
        !(is_space(bytes[2]) || bytes[2] == '#'))
        return false;
    for (int numbers = 0; numbers < 3; numbers++) {
        const uint8_t *number = pass_spaces(at, end);
        if (number < end && *number == '#')
            return true;
        for (at = number; at < end && *at >= '0' && *at <= '9';)
            at++;
        if (at == number)
            return at == end;
    }
    return at == end || is_space(*at);
}

/* The next number of the text, at most `limit`, behind white space and comments, which
 * reach from # to the end of their line. */
static bool read_number(cursor *in, const char *what, size_t limit, size_t *number,
                        cr_error *err)
{
    bool in_comment = false;
    while (in->at < in->end && (in_comment || is_space(*in->at) || *in->at == '#')) {
        in_comment = *in->at == '#' || (in_comment && *in->at != '\n');
        in->at++;
    }
    if (in->at == in->end)
        return cr_fail(err, CR_E_DATA, "%s: truncated: it ends before its %s", in->path,
                       what);
    const uint8_t *first = in->at;
    *number = 0;
    for (; in->at < in->end && *in->at >= '0' && *in->at <= '9'; in->at++) {
        *number = 10 * *number + (size_t)(*in->at - '0');
        if (*number > limit)
            return cr_fail(err, CR_E_DATA, "%s: a %s above %zu", in->path, what, limit);
    }
    if (in->at == first)
        return cr_fail(err, CR_E_DATA,
                       "%s: a damaged PGM or PPM: byte 0x%02x where its %s should be",
                       in->path, *first, what);
    return true;
}

static uint8_t scaled(size_t value, size_t maximum)
{
    return (uint8_t)(maximum == 255 ? value : (value * 255 + maximum / 2) / maximum);
}

static bool read_text(cursor *in, size_t maximum, size_t count, uint8_t *to,
                      cr_error *err)
{
    for (size_t i = 0, value = 0; i < count; i++) {
        if (!read_number(in, "value", maximum, &value, err))
            return false;
        to[i] = scaled(value, maximum);
    }
    return true;
}

/* One byte a value, or two (the upper first) where the maximum needs them. */
static bool read_bytes(cursor *in, size_t maximum, size_t count, uint8_t *to,
                       cr_error *err)
{
    size_t size = maximum > UINT8_MAX ? 2 : 1, left = (size_t)(in->end - in->at);
    if (left < count * size)
        return cr_fail(err, CR_E_DATA,
                       "%s: truncated: %zu of the %zu bytes that its header announces",
                       in->path, left, count * size);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *p = in->at + i * size;
        size_t value = size == 2 ? (size_t)p[0] << 8 | p[1] : p[0];
        if (value > maximum)
            return cr_fail(err, CR_E_DATA,
                           "%s: a value of %zu; the header says %zu at most", in->path,
                           value, maximum);
        to[i] = scaled(value, maximum);
    }
    return true;
}

bool cr_pnm_decode(const uint8_t *bytes, size_t length, const char *path,
                   cr_picture *picture, cr_error *err)
{
    cursor in = {bytes + 2, bytes + length, path};
    bool is_text = bytes[1] < '5';
    size_t channels =
        bytes[1] == '2' || bytes[1] == '5' ? CR_PICTURE_GREY : CR_PICTURE_COLOUR;
    size_t width = 0, height = 0, maximum = 0;
    if (!read_number(&in, "width", CR_PICTURE_MAX_PIXELS, &width, err) ||
        !read_number(&in, "height", CR_PICTURE_MAX_PIXELS, &height, err) ||
        !read_number(&in, "largest value", MAX_VALUE, &maximum, err))
        return false;
    if (maximum == 0)
        return cr_fail(err, CR_E_DATA, "%s: its largest value is 0", path);
    if (!is_text && in.at < in.end)
        in.at++; /* the one white space before the bytes */
    if (!cr_picture_shape(picture, channels, height, width, path, err))
        return false;
    size_t count = channels * height * width;
    return is_text ? read_text(&in, maximum, count, picture->bytes, err)
                   : read_bytes(&in, maximum, count, picture->bytes, err);
}
