/*
 * Protobuf's wire format, read: a message is fields, each a number, a wire type and a
 * value (https://protobuf.dev/programming-guides/encoding). Bytes are untrusted: every
 * length is checked against what is left, and errors (CR_E_DATA) say at which byte of the
 * file.
 */
#ifndef CHAINRULE_ONNX_WIRE_READER_H
#define CHAINRULE_ONNX_WIRE_READER_H

#include <chainrule/error.h>
#include <stddef.h>
#include <stdint.h>

/* Some bytes of the file, which may be a text: not ended with a 0. */
typedef struct cr_wire_text {
    const char *data;
    size_t length;
} cr_wire_text;

/* For a text as an argument of "%.*s": no more of it than a message has room for. */
#define CR_WIRE_SHOWN(text) (int)((text).length < 80 ? (text).length : 80), (text).data

/* Where a message is read. */
typedef struct cr_wire_reader {
    const char *file;     /* what messages call it */
    const char *first;    /* byte of the file */
    const char *at, *end; /* of the message */
    bool failed;
} cr_wire_reader;

typedef struct cr_wire_field {
    uint64_t number;
    unsigned type;      /* CR_WIRE_… of onnx/fields.h */
    uint64_t value;     /* of a varint or a fixed one */
    cr_wire_text bytes; /* of CR_WIRE_BYTES */
    size_t offset;      /* of its tag in the file */
} cr_wire_field;

/* Numbers of a repeated field. Starts as {0}; the owner frees values. */
typedef struct cr_wire_numbers {
    double *values;
    size_t count, capacity;
} cr_wire_numbers;

/* The message that such a field is. */
cr_wire_reader cr_wire_reader_inside(const cr_wire_reader *reader, cr_wire_text message);

/* The next field; false at the end, and with `failed` and err where there is none. */
bool cr_wire_reader_next(cr_wire_reader *reader, cr_wire_field *field, cr_error *err);

/* The field's value, where it is of the wire type that `what` has; else the reader has
 * failed. */
void cr_wire_reader_text(cr_wire_reader *reader, const cr_wire_field *field,
                         const char *what, cr_wire_text *text, cr_error *err);
void cr_wire_reader_integer(cr_wire_reader *reader, const cr_wire_field *field,
                            const char *what, int64_t *integer, cr_error *err);
void cr_wire_reader_float(cr_wire_reader *reader, const cr_wire_field *field,
                          const char *what, double *number, cr_error *err);

/* Adds the numbers of a repeated field: one, or many that are packed. type: the wire type
 * of one; varints are of int64, fixed ones are floats and doubles. */
void cr_wire_reader_numbers(cr_wire_reader *reader, const cr_wire_field *field,
                            unsigned type, const char *what, cr_wire_numbers *numbers,
                            cr_error *err);

/* How many fields of the message have this number. It stops at what cannot be read. */
size_t cr_wire_reader_count(const cr_wire_reader *reader, uint64_t number);

/* Marks the reader failed with an error at a byte of the file. */
void cr_wire_reader_fail(cr_wire_reader *reader, size_t offset, cr_error *err,
                         const char *format, ...) CR_PRINTF(4, 5);

bool cr_wire_reader_is(cr_wire_text text, const char *other);

#endif
