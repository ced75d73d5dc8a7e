/* Fields of a protobuf message, added to a text that holds its bytes. Memory that is not
 * there is remembered in the text (text.h). */
#ifndef CHAINRULE_ONNX_PROTOBUF_H
#define CHAINRULE_ONNX_PROTOBUF_H

#include "base/text.h"

#include <stdint.h>

void cr_protobuf_integer(cr_text *out, int field, int64_t value);
void cr_protobuf_float(cr_text *out, int field, float value);
void cr_protobuf_bytes(cr_text *out, int field, const void *bytes, size_t length);
void cr_protobuf_string(cr_text *out, int field, const char *text);

/* Adds the message that the bytes of `message` are, and frees those. */
void cr_protobuf_message(cr_text *out, int field, cr_text *message);

/* A packed list of integers. */
void cr_protobuf_integers(cr_text *out, int field, const int64_t *values, size_t count);

/* Raw little-endian bytes without a tag, of a number of `size` bytes, 1, 4 or 8. */
void cr_protobuf_raw(cr_text *out, const void *number, size_t size);

#endif
