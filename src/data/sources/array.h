/*
 * Arrays of numbers or texts, as files of several formats hold them: how their elements
 * are read, and how an array of inputs and one of targets become examples.
 */
#ifndef CHAINRULE_DATA_SOURCES_ARRAY_H
#define CHAINRULE_DATA_SOURCES_ARRAY_H

#include "data/raw.h"

#include <chainrule/array.h>

enum { CR_ARRAY_TYPE = 40 };

typedef struct cr_array {
    const char *path; /* of its file, for messages; borrowed */
    cr_array_kind kind;
    size_t size; /* bytes of an element */
    bool big_endian;
    size_t rank;                     /* 1 to 4 */
    size_t dim[CR_ARRAY_DIMENSIONS]; /* dim[0] is the number of examples */
    const uint8_t *data;             /* the elements, row-major */
    char
        *content; /* that they lie in, owned; NULL: they are borrowed, and stay as long as
                      what is made of them */
    uint32_t crc32; /* of the file, as it lies on the disk */
} cr_array;

void cr_array_finish(cr_array *array); /* also of an empty one: {0} */

/* Bytes of all elements into *bytes; false where there are more than a size_t counts. */
bool cr_array_count_bytes(const cr_array *array, size_t *bytes);

/* Reads the file of an array of which all is known but its data, which stands behind
 * `head` bytes of it; gzipped or not. */
CR_MUST_CHECK bool cr_array_load(cr_array *array, size_t head, cr_error *err);

/* What it holds, for messages: "60000x28x28 bytes" into out; returns out. */
enum { CR_ARRAY_TEXT = CR_SHAPE_TEXT + CR_ARRAY_TYPE };
const char *cr_array_format(const cr_array *array, char out[CR_ARRAY_TEXT]);

/* Element i of an array of CR_ARRAY_TEXTS; "" for a gap. */
static inline const char *cr_array_text(const cr_array *array, size_t i)
{
    const char *text = ((const char *const *)(const void *)array->data)[i];
    return text ? text : "";
}

static inline bool cr_array_is_text(const cr_array *array)
{
    return array->kind >= CR_ARRAY_BYTES;
}

/* Whether its elements are floats or doubles of this machine. */
bool cr_array_is_native(const cr_array *array);

/* Elements first to first + count - 1 of an array of numbers. */
void cr_array_read(const cr_array *array, size_t first, size_t count, double *numbers);

/* An element of an array of texts, in UTF-8. The caller frees it; NULL with CR_E_DATA
 * where it is no valid text. */
CR_MUST_CHECK char *cr_array_read_text(const cr_array *array, size_t index,
                                       cr_error *err);

/*
 * Fills raw from a source whose path is that of an array of inputs [n, features],
 * [n, height, width] or [n, channels, height, width], and whose targets, where they are
 * wanted, that of an array [n] or [n, count]; its type's two options are their keys, and
 * `read` reads such a file. Unsigned bytes stay as they are, others become numbers. What
 * is missing (NaN) is treated as the reading says; false with CR_E_DATA for what does not
 * fit.
 */
CR_MUST_CHECK bool cr_array_fill(const cr_opened *opened, const cr_reading *reading,
                                 bool (*read)(cr_array *array, const char *path,
                                              cr_error *err),
                                 cr_raw *raw, cr_error *err);

/* The same from arrays that are there; targets NULL: they are not wanted. classes: those
 * that there are besides the targets'; NULL: none. Inputs and targets may be raw's
 * afterwards; the caller finishes all. */
CR_MUST_CHECK bool cr_array_fill_from(cr_raw *raw, const cr_reading *reading,
                                      cr_array *inputs, cr_array *targets,
                                      cr_array *classes, cr_error *err);

#endif
