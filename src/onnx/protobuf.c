/* https://protobuf.dev/programming-guides/encoding/ */
#include "onnx/protobuf.h"

#include "onnx/fields.h"

#include <string.h>

static void add_varint(cr_text *out, uint64_t value)
{
    char bytes[10];
    size_t count = 0;
    for (; value > 127; value >>= 7)
        bytes[count++] = (char)((value & 127) | 128);
    bytes[count++] = (char)value;
    cr_text_add_bytes(out, bytes, count);
}

static void add_tag(cr_text *out, int field, int wire)
{
    add_varint(out, (uint64_t)field << 3 | (uint64_t)wire);
}

void cr_protobuf_integer(cr_text *out, int field, int64_t value)
{
    add_tag(out, field, CR_WIRE_VARINT);
    add_varint(out, (uint64_t)value);
}

void cr_protobuf_float(cr_text *out, int field, float value)
{
    add_tag(out, field, CR_WIRE_FIXED32);
    cr_protobuf_raw(out, &value, sizeof value);
}

void cr_protobuf_bytes(cr_text *out, int field, const void *bytes, size_t length)
{
    add_tag(out, field, CR_WIRE_BYTES);
    add_varint(out, length);
    if (length > 0)
        cr_text_add_bytes(out, bytes, length);
}

void cr_protobuf_string(cr_text *out, int field, const char *text)
{
    cr_protobuf_bytes(out, field, text, strlen(text));
}

void cr_protobuf_message(cr_text *out, int field, cr_text *message)
{
    cr_protobuf_bytes(out, field, message->data, message->length);
    out->failed |= message->failed;
    cr_text_finish(message);
}

void cr_protobuf_integers(cr_text *out, int field, const int64_t *values, size_t count)
{
    cr_text packed = {0};
    for (size_t i = 0; i < count; i++)
        add_varint(&packed, (uint64_t)values[i]);
    cr_protobuf_message(out, field, &packed);
}

void cr_protobuf_raw(cr_text *out, const void *number, size_t size)
{
    uint64_t bits = 0;
    uint32_t half = 0;
    char bytes[8];
    if (size == 4) {
        memcpy(&half, number, sizeof half);
        bits = half;
    } else if (size == 8) {
        memcpy(&bits, number, sizeof bits);
    } else {
        bits = *(const unsigned char *)number;
    }
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(bits >> 8 * i & 255);
    cr_text_add_bytes(out, bytes, size);
}
