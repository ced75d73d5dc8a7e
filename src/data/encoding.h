/*
 * How a file's cells become a network's numbers: which columns, in what order, normalised
 * how, and which class has which number. Learned from the training data; travels with the
 * model.
 */
#ifndef CHAINRULE_DATA_ENCODING_H
#define CHAINRULE_DATA_ENCODING_H

#include "data/lags.h"
#include "data/table_format.h"
#include "math/shape.h"

#include <chainrule/real.h>

/* What targets can be. */
typedef enum cr_target_kind {
    CR_TARGETS_NUMBERS,
    CR_TARGETS_CLASSES, /* one column of classes */
    CR_TARGETS_BINARY   /* one column of two classes, or several of 0 and 1 */
} cr_target_kind;

/* A column of the training file, and the features that it becomes: a number one; words
 * one for each, which is 1 for the word that is there and else 0; a date its parts. */
typedef struct cr_input {
    size_t position;     /* in the training file; of a lag: of the column it looks at */
    size_t first, count; /* features */
    cr_names words;      /* sorted; none: numbers or dates */
    cr_cell_format
        format;     /* of a type that was said, and of dates, whose parts it has; of
                              CR_CELL_ANY: as all cells are */
    bool indicator; /* the last feature is 1 where the value is missing, else 0 */
} cr_input;

/* What a column holds, for whoever reads an encoding. */
static inline bool cr_input_is_date(const cr_input *input)
{
    return input->format.parts != 0;
}

typedef struct cr_encoding {
    cr_shape shape;   /* of one example */
    size_t features;  /* its size */
    cr_names columns; /* [input_count] names of the inputs' columns, and of lags; none
                         where the training file had no header */
    cr_input *inputs; /* [input_count] in the order of the file, and behind them the lags;
                         NULL: every column but the target is a feature, as it stands */
    size_t input_count;
    cr_lags lags;             /* the last lags.count inputs */
    size_t file_columns;      /* of the training file; 0 where it had no columns, as with
                                 images */
    cr_names targets;         /* [target_count] names of the targets' columns; none where
                                 the training file had no header */
    size_t *target_positions; /* [target_count] columns of the training file, increasing;
                                 NULL where it had none */
    size_t target_count;
    cr_cell_format
        *target_formats;   /* [target_count] as those of the inputs; NULL: none has
                                       one of its own */
    cr_cell_format cells;  /* of columns without a format of their own; it has no texts */
    cr_missing_words gaps; /* further words for one, in all columns */
    double *target_shift, *target_scale; /* [target_count] of targets that are numbers: (t
                                            - shift) * scale; NULL: as they are */
    bool has_weight;                     /* a column has the examples' weights */
    cr_names weight; /* its name; none where the training file had no header */
    size_t weight_position;
    bool weighted; /* examples have weights, from a column or from elsewhere */
    bool classify;
    cr_names classes; /* when classify, sorted: the order of the network's outputs */
    cr_missing missing;
    double *fill; /* [features] in place of missing values, raw; NULL: there are none */
    double *shift, *scale; /* [features], x = (raw - shift) * scale; NULL: raw */
} cr_encoding;

typedef enum cr_need_target {
    CR_TARGET_IGNORED,
    CR_TARGET_NEEDED,
    CR_TARGET_WHERE_GIVEN /* needed as a column; rows where it is missing are left out */
} cr_need_target;

/* How many figures normalisation has: a shape of several dimensions begins with channels,
 * whose values are normalised alike; else every feature has its own. */
static inline size_t cr_encoding_channels(const cr_encoding *encoding)
{
    return encoding->shape.rank > 1 ? encoding->shape.dim[0] : encoding->features;
}

/* Inputs that are columns of the file: all but lags. */
static inline size_t cr_encoding_file_inputs(const cr_encoding *encoding)
{
    return encoding->input_count - encoding->lags.count;
}

/* How cells are read of a column that lags look at, and of one that is no input, such as
 * of groups. They borrow from the encoding. */
cr_column cr_encoding_lag_column(const cr_encoding *encoding, size_t column);
cr_column cr_encoding_other_column(const cr_encoding *encoding);

/* The format, which no longer skips a line that has all inputs' names: it borrows
 * them. */
void cr_encoding_keep_header(const cr_encoding *encoding, cr_table_format *format);

/* Whether rows of so many cells, without names, can be those of the training file: with
 * its targets or without. */
bool cr_encoding_fits(const cr_encoding *encoding, size_t count);

/* How many columns are those of the training file, when a header has the names of its
 * inputs, targets and lags where it had them: all, or (with the first `count` names) all
 * without the targets; one more without a name may stand behind them. 0: it has not. */
size_t cr_encoding_in_order(const cr_encoding *encoding, const cr_names *header,
                            size_t count);

/* Whether a first row is a header for this encoding: it has a feature's name, or
 * words where most numbers are due. */
bool cr_encoding_is_header(const cr_encoding *encoding, const cr_names *first_row);

/* Finds the encoding's columns in a file with `count` columns, whose names are header
 * (NULL if it has none): by name where both have names, else by position, with or without
 * the target. Names that stand twice are no hindrance where all are in order.
 * columns[count] is filled: an input goes to its number, a regression's targets behind
 * them. They borrow the encoding's words and formats. `file` is for messages. */
CR_MUST_CHECK bool cr_encoding_match(const cr_encoding *encoding, const char *file,
                                     const cr_names *header, size_t count,
                                     cr_need_target need, cr_column *columns,
                                     cr_error *err);

/* One row of the table's values [input_count] as features, still raw: NaN where a value
 * is missing. x and values do not overlap. */
void cr_encoding_expand(const cr_encoding *encoding, const double *values, double *x);

/* One row's raw features as the network's inputs: missing ones filled in, normalised. In
 * double up to the end, for times in seconds and other numbers far from 0. */
void cr_encoding_apply(const cr_encoding *encoding, const double *raw, cr_real *x);

/* What the network says of target j, in the table's units. */
double cr_encoding_restore_target(const cr_encoding *encoding, size_t j, double output);

void cr_encoding_finish(cr_encoding *encoding);

#endif
