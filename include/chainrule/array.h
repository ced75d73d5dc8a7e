/*
 * Arrays in the caller's memory, as data to learn from. Nothing is copied where it can be
 * read as it is: inputs in cr_real or bytes, row after row.
 */
#ifndef CHAINRULE_ARRAY_H
#define CHAINRULE_ARRAY_H

#include <chainrule/attributes.h>
#include <stdbool.h>
#include <stddef.h>

CR_BEGIN_DECLARATIONS

enum { CR_ARRAY_DIMENSIONS = 4 };

typedef enum cr_array_kind {
    CR_ARRAY_UNSIGNED, /* of 1, 2, 4 or 8 bytes */
    CR_ARRAY_SIGNED,   /* of 1, 2, 4 or 8 bytes, two's complement */
    CR_ARRAY_REAL,     /* of 2, 4 or 8 bytes, IEEE 754 */
    CR_ARRAY_BYTES,    /* a text in UTF-8, filled up with zeros */
    CR_ARRAY_UNICODE,  /* a text of code points of 4 bytes, filled up with zeros */
    CR_ARRAY_TEXTS, /* const char *, a text in UTF-8 that is ended with a 0; NULL: a gap */
} cr_array_kind;

/* An array. Starts as {0}, which is none. */
typedef struct cr_view {
    const void *data; /* its first element; borrowed. NULL: there is no array */
    cr_array_kind kind;
    size_t size; /* bytes of an element; of a text as long as the longest */
    bool big_endian;
    size_t rank;                           /* 1 to 4 */
    size_t dim[CR_ARRAY_DIMENSIONS];       /* [rank]; dim[0] is the number of examples */
    ptrdiff_t stride[CR_ARRAY_DIMENSIONS]; /* [rank] bytes from element to element */
} cr_view;

/* A column of a table. */
typedef struct cr_table_column {
    const char *name;
    cr_view values; /* [n] numbers (NaN: a gap) or texts, as they would stand in a file */
} cr_table_column;

/* A part of the data: inputs and targets, or a table. Starts as {0}, which is none. */
typedef struct cr_arrays {
    cr_view inputs;  /* [n, features], or pictures [n, height, width] or [n, channels,
                        height, width]. Unsigned bytes stay bytes */
    cr_view targets; /* [n] classes (whole numbers or texts) or numbers, or [n, k] */
    cr_view weights; /* [n] what each example counts in loss and figures, 0 or more; or
                        none, which is 1 */
    cr_view classes; /* of the training part: [any] classes that there are besides those
                        of its targets; or none */

    const cr_table_column *columns; /* [column_count] in place of the three; NULL: none */
    size_t column_count;
} cr_arrays;

CR_END_DECLARATIONS

#endif
