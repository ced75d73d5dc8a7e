/*
 * Writes an ONNX model: inputs, tensors of constants, nodes and outputs, in the order in
 * which they are added, into the bytes of a file.
 *
 * A value is known by its name, which the writer owns and hands out; a name that is taken
 * gets "_" behind it until it is not. The first dimension of inputs and outputs is the
 * batch, "n". Memory that is not there is remembered and asked for once, at the end: until
 * then names are "".
 */
#ifndef CHAINRULE_ONNX_ONNX_WRITER_H
#define CHAINRULE_ONNX_ONNX_WRITER_H

#include "base/text.h"
#include "math/shape.h"
#include "onnx/fields.h"

#include <stdint.h>

typedef struct cr_onnx_writer cr_onnx_writer;

/* For operators of this opset of ai.onnx. NULL with err. */
CR_MUST_CHECK cr_onnx_writer *cr_onnx_writer_create(int opset, cr_error *err);
void cr_onnx_writer_destroy(cr_onnx_writer *writer); /* takes NULL */
int cr_onnx_writer_opset(const cr_onnx_writer *writer);

/* Remembers that memory was not there. */
void cr_onnx_writer_fail(cr_onnx_writer *writer);

/* Takes a name, so that no value gets it. */
void cr_onnx_writer_reserve(cr_onnx_writer *writer, const char *name);

/* An input or output [n, example…] of a type of fields.h, with its documentation. An output
 * has the name of a value that is there. */
const char *cr_onnx_writer_input(cr_onnx_writer *writer, const char *name, int type,
                                 const cr_shape *example, const char *doc);
void cr_onnx_writer_output(cr_onnx_writer *writer, const char *value, int type,
                           const cr_shape *example, const char *doc);

/* Constants, of CR_ONNX_FLOAT, CR_ONNX_DOUBLE, CR_ONNX_INT64, CR_ONNX_INT32 or CR_ONNX_UINT8;
 * values [shape]. */
const char *cr_onnx_writer_tensor(cr_onnx_writer *writer, const char *name, int type,
                                  const cr_shape *shape, const void *values);

/* An attribute of a node: CR_ONNX_IS_INT, _FLOAT, _STRING, _INTS or _STRINGS. */
enum { CR_ONNX_LIST = 8 };
typedef struct cr_onnx_attribute {
    const char *name; /* NULL ends a list */
    int is;
    int64_t i;
    float f;
    const char *s;
    int64_t ints[CR_ONNX_LIST];
    const char *const *strings;
    size_t count; /* of ints or strings */
} cr_onnx_attribute;

/* In a list of attributes. */
#define CR_ONNX_SET_INT(name_, value)                                                    \
    {                                                                                    \
        .name = name_, .is = CR_ONNX_IS_INT, .i = value                                  \
    }
#define CR_ONNX_SET_FLOAT(name_, value)                                                  \
    {                                                                                    \
        .name = name_, .is = CR_ONNX_IS_FLOAT, .f = (float)(value)                       \
    }
#define CR_ONNX_SET_TEXT(name_, value)                                                   \
    {                                                                                    \
        .name = name_, .is = CR_ONNX_IS_STRING, .s = value                               \
    }
#define CR_ONNX_SET_AXES(axis)                                                           \
    {                                                                                    \
        .name = "axes", .is = CR_ONNX_IS_INTS, .ints = {axis}, .count = 1                \
    }

/* A node with one output. */
enum { CR_ONNX_INPUTS = 5, CR_ONNX_ATTRIBUTES = 8 };
typedef struct cr_onnx_node {
    const char *op;
    const char *domain;             /* NULL: ai.onnx */
    const char *in[CR_ONNX_INPUTS]; /* up to the first NULL; "": left out */
    const char *const *list;        /* [list_count] in their place; NULL: `in` it is */
    size_t list_count;
    cr_onnx_attribute attributes[CR_ONNX_ATTRIBUTES]; /* up to the first without a name */
} cr_onnx_node;

#define CR_ONNX_ML "ai.onnx.ml"

/* Adds a node; the value that it puts out, and the node, have this name. */
const char *cr_onnx_writer_node(cr_onnx_writer *writer, const char *name,
                                const cr_onnx_node *node);

/* The sums of the rows of a value [n, size]: [n, 1]. (Since opset 13 the axes of ReduceSum
 * are an input.) */
const char *cr_onnx_writer_sum(cr_onnx_writer *writer, const char *name, const char *x);

/* A node of one operator that puts out a value under a name that was reserved. */
void cr_onnx_writer_end(cr_onnx_writer *writer, const char *name,
                        const cr_onnx_node *node);

/* A pair of the model's metadata. */
void cr_onnx_writer_property(cr_onnx_writer *writer, const char *key, const char *value);

/* What a model says of itself. */
typedef struct cr_onnx_about {
    const char *producer, *version, *graph, *doc;
} cr_onnx_about;

/* The file's bytes into `file`, which the caller finishes. False when out of memory, or with
 * CR_E_DATA for more than protobuf's 2 GiB. */
CR_MUST_CHECK bool cr_onnx_writer_finish(cr_onnx_writer *writer,
                                         const cr_onnx_about *about, cr_text *file,
                                         cr_error *err);

#endif
