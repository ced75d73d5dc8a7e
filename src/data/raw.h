/*
 * What a source has read, before anything is learned from it: bytes of images, or columns
 * of a table (numbers, words by their numbers, gaps); and the targets beside them.
 */
#ifndef CHAINRULE_DATA_RAW_H
#define CHAINRULE_DATA_RAW_H

#include "data/numbers.h"
#include "data/source.h"
#include "data/unknown.h"
#include "data/words.h"

/* A column of inputs, or a lag. */
typedef struct cr_raw_input {
    cr_column_kind kind; /* CR_COLUMN_NUMBER or CR_COLUMN_WORD; CR_COLUMN_GUESS where no
                            row has a value */
    size_t position;     /* in the file, from 0; of a lag: of the column it looks at */
    size_t missing;      /* values of the rows that were kept */
    char currency[CR_CURRENCY]; /* of its amounts; "": none was named */
    cr_words words; /* those found, by the numbers that stand for them; empty where
                            the words were known before, and their places stand there */
} cr_raw_input;

/* A file that was read. */
typedef struct cr_checksum {
    const char *key; /* of a config's object; "" where the path stands alone */
    uint32_t crc32;  /* of its bytes as they lie on the disk; of a folder: half a hash of
                        its files' names and contents */
} cr_checksum;

enum { CR_SOURCE_FILES = 4 }; /* of a source, at most */

/* Either bytes or inputs. All arrays are owned. */
struct cr_raw {
    const cr_source *source; /* borrowed, for messages */
    size_t rows;             /* examples */

    const uint8_t *bytes; /* [rows, size of shape], or NULL; they lie in content */
    char *content;        /* of the file with the bytes, or NULL: they are the caller's */
    const void *plain; /* [rows, input_count] the inputs in the caller's memory, finite,
                             row after row; NULL: they do not lie so */
    size_t plain_size; /* bytes of each: float or double */
    cr_shape shape;    /* of an example of a source without columns; else of rank 0 */

    cr_raw_input *inputs; /* [input_count], or NULL */
    size_t input_count;   /* 0 with bytes */
    cr_numbers *numbers;  /* [rows, width]: values of the inputs, and behind them those of
                             targets that are numbers; NaN where an input is missing; NULL
                             where there are neither */
    size_t width, target_count; /* input_count + target_count; targets that are numbers */

    char (*currencies)[CR_CURRENCY]; /* [target_count] as those of the inputs; or NULL */

    int32_t *codes;   /* [rows] each example's class, by its number in classes; or NULL */
    cr_words classes; /* that were found, and where each stood first: lines, or examples
                         (from 0) of a source without columns */
    bool counted;     /* the classes are whole numbers from 0, and each up to the largest
                         is one, found or not */

    double *weights; /* [rows] each example's weight, 0 or more; NULL: all have 1 */

    uint32_t
        *groups; /* [rows] each example's group, from 0; NULL: they were not wanted */
    size_t group_count;

    size_t without_history; /* rows of the file that were left out, since lags look at
                               rows before them that are not there */
    size_t left_out;        /* rows of the file, for missing values */
    cr_unknown unknown;     /* words that are not among the known ones, and count as
                               missing */
    cr_names names;         /* [rows] of pictures: their files; none: they have none */
    cr_text notes; /* lines for people about what was read, such as files skipped */
    cr_checksum files[CR_SOURCE_FILES];
    size_t file_count;
};

/* Replaces the numbers of words and classes by their places in the encoding's sorted
 * dictionaries; words and classes are empty afterwards. False with err for a class that
 * the encoding does not have, and for images of another size. Once more, it changes
 * nothing. */
CR_MUST_CHECK bool cr_raw_translate(cr_raw *raw, const cr_encoding *encoding,
                                    cr_error *err);

void cr_raw_finish(cr_raw *raw); /* also of an empty one: {0} */

#endif
