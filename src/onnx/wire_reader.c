#include "onnx/wire_reader.h"

#include "base/memory.h"
#include "onnx/fields.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void cr_wire_reader_fail(cr_wire_reader *reader, size_t offset, cr_error *err,
                         const char *format, ...)
{
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    reader->failed = true;
    cr_fail(err, CR_E_DATA,
            "%s: byte %zu: %s; the file is damaged, or no ONNX model: export it anew",
            reader->file, offset, text);
}

bool cr_wire_reader_is(cr_wire_text text, const char *other)
{
    return strlen(other) == text.length &&
           (text.length == 0 || memcmp(text.data, other, text.length) == 0);
}

static size_t offset_of(const cr_wire_reader *reader)
{
    return (size_t)(reader->at - reader->first);
}

cr_wire_reader cr_wire_reader_inside(const cr_wire_reader *reader, cr_wire_text message)
{
    const char *begin = message.data ? message.data : reader->first; /* of none */
    return (cr_wire_reader){.file = reader->file,
                            .first = reader->first,
                            .at = begin,
                            .end = begin + message.length};
}

/* 7 bits a byte, the lowest first; the highest bit says that there is more. */
static uint64_t read_varint(cr_wire_reader *reader, cr_error *err)
{
    uint64_t value = 0;
    size_t begin = offset_of(reader);
    for (unsigned shift = 0; shift < 70 && reader->at < reader->end; shift += 7) {
        const uint8_t byte = (uint8_t)*reader->at++;
        if (shift == 63 && byte > 1)
            break;
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return value;
    }
    cr_wire_reader_fail(reader, begin, err,
                        "found a number without an end, expected one of at most 64 bits");
    return 0;
}

static uint64_t read_fixed(cr_wire_reader *reader, size_t size, cr_error *err)
{
    uint64_t value = 0;
    if ((size_t)(reader->end - reader->at) < size) {
        cr_wire_reader_fail(reader, offset_of(reader), err,
                            "found %zu bytes, expected the %zu of a number",
                            (size_t)(reader->end - reader->at), size);
        return 0;
    }
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)(uint8_t)reader->at[i] << 8 * i;
    reader->at += size;
    return value;
}

static void read_bytes(cr_wire_reader *reader, cr_wire_field *field, cr_error *err)
{
    const size_t begin = offset_of(reader);
    const uint64_t length = read_varint(reader, err);
    const size_t left = (size_t)(reader->end - reader->at);
    if (reader->failed)
        return;
    if (length > left) {
        cr_wire_reader_fail(reader, begin, err,
                            "found a length of %llu bytes where %zu are left",
                            (unsigned long long)length, left);
        return;
    }
    field->bytes = (cr_wire_text){reader->at, (size_t)length};
    reader->at += length;
}

bool cr_wire_reader_next(cr_wire_reader *reader, cr_wire_field *field, cr_error *err)
{
    if (reader->failed || reader->at == reader->end)
        return false;
    *field = (cr_wire_field){.offset = offset_of(reader)};
    const uint64_t tag = read_varint(reader, err);
    field->number = tag >> 3;
    field->type = tag & 7;
    if (reader->failed)
        return false;
    switch (field->type) {
    case CR_WIRE_VARINT:
        field->value = read_varint(reader, err);
        break;
    case CR_WIRE_FIXED64:
        field->value = read_fixed(reader, 8, err);
        break;
    case CR_WIRE_FIXED32:
        field->value = read_fixed(reader, 4, err);
        break;
    case CR_WIRE_BYTES:
        read_bytes(reader, field, err);
        break;
    default:
        cr_wire_reader_fail(reader, field->offset, err,
                            "found the wire type %u, expected 0, 1, 2 or 5", field->type);
    }
    return !reader->failed;
}

static bool check_type(cr_wire_reader *reader, const cr_wire_field *field, unsigned type,
                       const char *what, cr_error *err)
{
    if (field->type != type)
        cr_wire_reader_fail(reader, field->offset, err,
                            "%s: found the wire type %u, expected %u", what, field->type,
                            type);
    return field->type == type;
}

void cr_wire_reader_text(cr_wire_reader *reader, const cr_wire_field *field,
                         const char *what, cr_wire_text *text, cr_error *err)
{
    if (check_type(reader, field, CR_WIRE_BYTES, what, err))
        *text = field->bytes;
}

void cr_wire_reader_integer(cr_wire_reader *reader, const cr_wire_field *field,
                            const char *what, int64_t *integer, cr_error *err)
{
    if (check_type(reader, field, CR_WIRE_VARINT, what, err))
        *integer = (int64_t)field->value;
}

static double number_of(uint64_t bits, unsigned type)
{
    float single = 0;
    double number = 0;
    uint32_t low = (uint32_t)bits;
    if (type == CR_WIRE_VARINT)
        return (double)(int64_t)bits;
    if (type == CR_WIRE_FIXED32) {
        memcpy(&single, &low, sizeof single);
        return (double)single;
    }
    memcpy(&number, &bits, sizeof number);
    return number;
}

void cr_wire_reader_float(cr_wire_reader *reader, const cr_wire_field *field,
                          const char *what, double *number, cr_error *err)
{
    if (check_type(reader, field, CR_WIRE_FIXED32, what, err))
        *number = number_of(field->value, CR_WIRE_FIXED32);
}

static void add_number(cr_wire_reader *reader, cr_wire_numbers *numbers, double number,
                       cr_error *err)
{
    if (cr_reserve(&numbers->values, &numbers->capacity, numbers->count + 1,
                   sizeof *numbers->values, err))
        numbers->values[numbers->count++] = number;
    else
        reader->failed = true;
}

void cr_wire_reader_numbers(cr_wire_reader *reader, const cr_wire_field *field,
                            unsigned type, const char *what, cr_wire_numbers *numbers,
                            cr_error *err)
{
    if (field->type == type) {
        add_number(reader, numbers, number_of(field->value, type), err);
        return;
    }
    if (!check_type(reader, field, CR_WIRE_BYTES, what, err))
        return;
    cr_wire_reader packed = cr_wire_reader_inside(reader, field->bytes);
    while (packed.at < packed.end && !packed.failed) {
        const uint64_t bits =
            type == CR_WIRE_VARINT
                ? read_varint(&packed, err)
                : read_fixed(&packed, type == CR_WIRE_FIXED32 ? 4 : 8, err);
        if (!packed.failed)
            add_number(&packed, numbers, number_of(bits, type), err);
    }
    reader->failed = packed.failed;
}

size_t cr_wire_reader_count(const cr_wire_reader *reader, uint64_t number)
{
    size_t count = 0;
    cr_wire_field field;
    for (cr_wire_reader r = *reader; cr_wire_reader_next(&r, &field, NULL);)
        count += field.number == number;
    return count;
}
