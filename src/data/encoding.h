/*
 * How a file's cells become a network's numbers: which columns, in what order, normalised
 * how, and which class has which number. Learned from the training data; travels with the
 * model.
 */
#ifndef CHAINRULE_DATA_ENCODING_H
#define CHAINRULE_DATA_ENCODING_H

#include "config/json.h"
#include "data/table.h"
#include "math/shape.h"

/* What targets can be. */
typedef enum cr_target_kind {
    CR_TARGETS_NUMBERS,
    CR_TARGETS_CLASSES, /* one column of classes */
    CR_TARGETS_BINARY   /* one column of two classes, or several of 0 and 1 */
} cr_target_kind;

typedef struct cr_encoding {
    cr_shape shape;  /* of one example */
    size_t features; /* its size */
    cr_names
        columns; /* [features] their names; none for images and files without a header */
    cr_names targets;         /* [target_count] names of the target columns; likewise */
    size_t *target_positions; /* [target_count] in the training file, increasing; none for
                                 images */
    size_t target_count;
    bool classify;
    cr_names classes;       /* when classify, in the order of the network's outputs */
    bool numeric_classes;   /* all of them are numbers: 3 and 3.0 are the same class */
    cr_real *shift, *scale; /* [features], x = (raw - shift) * scale; NULL: raw */
} cr_encoding;

/* The number of the class spelt `text`; -1 when there is none. */
int32_t cr_encoding_class(const cr_encoding *encoding, const char *text);

/* Sorts the classes (as numbers when all are numbers, else by bytes), after which
 * numbers[i] is the class of what was classes[i] before: spellings of one number become
 * one class. numbers has classes.count entries. */
CR_MUST_CHECK bool cr_encoding_sort_classes(cr_encoding *encoding, int32_t *numbers,
                                            cr_error *err);

typedef enum cr_need_target { CR_TARGET_IGNORED, CR_TARGET_NEEDED } cr_need_target;

/* Whether a first row is a header for this encoding: it has a feature's name, or no
 * number where a feature stands. */
bool cr_encoding_is_header(const cr_encoding *encoding, const cr_names *first_row);

/* Finds the encoding's columns in a file with `count` columns, whose names are header
 * (NULL if it has none): by name where both have names, else by position, with or without
 * the target. columns[count] is filled: features go to their positions, a regression's
 * targets behind them; a class is the column of words. */
CR_MUST_CHECK bool cr_encoding_match(const cr_encoding *encoding, const char *file,
                                     const cr_names *header, size_t count,
                                     cr_need_target need, cr_column *columns,
                                     cr_error *err);

/* Values of one row in place: raw to normalised. */
void cr_encoding_apply(const cr_encoding *encoding, cr_real *row);

/* As strings in a model's metadata, and back. */
CR_MUST_CHECK bool cr_encoding_write(const cr_encoding *encoding, cr_json *metadata,
                                     cr_error *err);
CR_MUST_CHECK bool cr_encoding_read(cr_encoding *encoding, const char *file,
                                    const cr_json *metadata, cr_error *err);

void cr_encoding_finish(cr_encoding *encoding);

#endif
