#include "data/sources/array.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/gzip.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void cr_array_finish(cr_array *array)
{
    cr_free(array->content);
    *array = (cr_array){0};
}

bool cr_array_count_bytes(const cr_array *array, size_t *bytes)
{
    *bytes = array->size;
    for (size_t i = 0; i < array->rank; i++)
        if (!cr_memory_multiply(*bytes, array->dim[i], bytes))
            return false;
    return true;
}

bool cr_array_load(cr_array *array, size_t head, cr_error *err)
{
    const char *path = array->path;
    size_t size = 0;
    cr_content content;
    if (!cr_array_count_bytes(array, &size) || size > SIZE_MAX - head)
        return cr_fail(err, CR_E_DATA, "%s: the header announces more bytes than exist",
                       path);
    if (!cr_gzip_read_all(path, head + size, "its header announces", &content, err))
        return false;
    array->content = content.text;
    array->crc32 = content.crc32;
    array->data = (const uint8_t *)content.text + head;
    return content.length == head + size ||
           cr_fail(err, CR_E_DATA,
                   "%s: truncated: %zu of the %zu bytes that its header announces", path,
                   content.length, head + size);
}

const char *cr_array_format(const cr_array *array, char out[CR_ARRAY_TEXT])
{
    static const char *const names[] = {[CR_ARRAY_UNSIGNED] = "unsigned whole numbers",
                                        [CR_ARRAY_SIGNED] = "whole numbers",
                                        [CR_ARRAY_REAL] = "numbers",
                                        [CR_ARRAY_BYTES] = "texts",
                                        [CR_ARRAY_UNICODE] = "texts",
                                        [CR_ARRAY_TEXTS] = "texts"};
    cr_shape shape = {.rank = array->rank};
    char dimensions[CR_SHAPE_TEXT];
    memcpy(shape.dim, array->dim, sizeof array->dim);
    bool bytes = array->kind == CR_ARRAY_UNSIGNED && array->size == 1;
    snprintf(out, CR_ARRAY_TEXT, "%s %s", cr_shape_format(&shape, dimensions),
             bytes ? "bytes" : names[array->kind]);
    return out;
}

/* The bytes of an element, the most significant one first in the number. */
static inline uint64_t load(const uint8_t *bytes, size_t size, bool big_endian)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++)
        bits = bits << 8 | bytes[big_endian ? i : size - 1 - i];
    return bits;
}

static double of_unsigned(uint64_t bits, size_t size)
{
    (void)size;
    return (double)bits;
}

static double of_signed(uint64_t bits, size_t size)
{
    uint64_t sign = (uint64_t)1 << (8 * size - 1);
    return (double)(int64_t)((bits ^ sign) - sign);
}

/* IEEE 754 binary16: 1 sign, 5 exponent (bias 15) and 10 fraction bits. */
static double of_half(uint64_t bits)
{
    int exponent = (int)(bits >> 10 & 31);
    double fraction = (double)(bits & 1023), value;
    if (exponent == 31)
        value = fraction > 0 ? (double)NAN : (double)INFINITY;
    else if (exponent == 0)
        value = ldexp(fraction, -24);
    else
        value = ldexp(1024 + fraction, exponent - 25);
    return bits >> 15 ? -value : value;
}

static double of_real(uint64_t bits, size_t size)
{
    double value;
    float single;
    uint32_t half = (uint32_t)bits;
    if (size == sizeof value) {
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    if (size == 2)
        return of_half(bits);
    memcpy(&single, &half, sizeof single);
    return (double)single;
}

bool cr_array_is_native(const cr_array *array)
{
    static const uint16_t one = 1;
    bool little = *(const uint8_t *)&one == 1;
    return array->kind == CR_ARRAY_REAL && array->size >= sizeof(float) &&
           array->big_endian != little;
}

/* Elements that are numbers of this machine. */
static void read_native(const cr_array *array, const uint8_t *bytes, size_t count,
                        double *numbers)
{
    if (array->size == sizeof *numbers) {
        memcpy(numbers, bytes, count * sizeof *numbers);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        float single;
        memcpy(&single, bytes + i * sizeof single, sizeof single);
        numbers[i] = (double)single;
    }
}

void cr_array_read(const cr_array *array, size_t first, size_t count, double *numbers)
{
    static double (*const readers[])(uint64_t,
                                     size_t) = {[CR_ARRAY_UNSIGNED] = of_unsigned,
                                                [CR_ARRAY_SIGNED] = of_signed,
                                                [CR_ARRAY_REAL] = of_real};
    size_t size = array->size;
    const uint8_t *bytes = array->data + first * size;
    if (cr_array_is_native(array)) {
        read_native(array, bytes, count, numbers);
        return;
    }
    for (size_t i = 0; i < count; i++)
        numbers[i] =
            readers[array->kind](load(bytes + i * size, size, array->big_endian), size);
}

/* A code point as UTF-8, up to 4 bytes; those that are none fail the check of the
 * text. */
static size_t encode(uint64_t code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned marks[] = {0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(marks[more] | (code >> 6 * more & 0x3F));
    for (size_t i = 1; i <= more; i++)
        out[i] = (char)(0x80 | (code >> 6 * (more - i) & 0x3F));
    return more + 1;
}

/* Whether it is UTF-8 without a 0. */
static bool is_text(const cr_text *text)
{
    size_t at = 0, step = 1;
    while (at < text->length && step > 0 && text->data[at] != '\0') {
        step = cr_text_utf8_length(text->data + at, text->length - at);
        at += step;
    }
    return at == text->length;
}

char *cr_array_read_text(const cr_array *array, size_t index, cr_error *err)
{
    size_t one = array->kind == CR_ARRAY_UNICODE ? 4 : 1, length = array->size / one;
    const uint8_t *bytes = array->data + index * array->size;
    cr_text text = {0};
    if (array->kind == CR_ARRAY_TEXTS) {
        bytes = (const uint8_t *)cr_array_text(array, index);
        length = strlen((const char *)bytes);
    }
    while (length > 0 && load(bytes + (length - 1) * one, one, false) == 0)
        length--;
    for (size_t i = 0; i < length; i++) {
        char code[4];
        uint64_t bits = load(bytes + i * one, one, array->big_endian);
        code[0] = (char)bits;
        size_t count = one == 1          ? 1
                       : bits < 0x200000 ? encode(bits, code)
                                         : 0; /* which 4 bytes do not hold */
        cr_text_add_bytes(&text, count > 0 ? code : "", count > 0 ? count : 1);
    }
    char *copy = NULL;
    if (text.failed)
        cr_fail(err, CR_E_MEMORY, "out of memory");
    else if (!is_text(&text))
        cr_fail(err, CR_E_DATA, "%s: element %zu (from 0) is no valid Unicode text",
                array->path, index);
    else
        copy = cr_text_copy(text.data ? text.data : "", text.length, err);
    cr_text_finish(&text);
    return copy;
}
