/* A cell of a table: what it says, and what a column makes of it. */
#ifndef CHAINRULE_DATA_CELL_H
#define CHAINRULE_DATA_CELL_H

#include "base/number.h"
#include "data/cell_format.h"
#include "data/csv.h"
#include "data/missing_words.h"

#include <float.h>
#include <math.h>

typedef enum cr_column_kind {
    CR_COLUMN_SKIP,
    CR_COLUMN_NUMBER,
    CR_COLUMN_DATE,   /* seconds since 1970 (date.h) */
    CR_COLUMN_TARGET, /* of numbers */
    CR_COLUMN_WORD,   /* a word's place in its dictionary, as a number */
    CR_COLUMN_GUESS,  /* of numbers, words or dates in ISO 8601, as its first cell that is
                         not missing */
    CR_COLUMN_CLASS,  /* of words, at most one in a table */
    CR_COLUMN_WEIGHT  /* of what the rows count, at most one in a table */
} cr_column_kind;

/* What becomes of a column of the file: its values go to position `to` of a row of
 * numbers, but for a class. */
typedef struct cr_column {
    cr_column_kind kind;
    size_t to;
    const cr_names *known; /* of words: the sorted dictionary; NULL: all that are found */
    /* borrowed; NULL: numbers with a decimal point, dates in ISO 8601 */
    const cr_cell_format *format;
    const cr_missing_words *gaps; /* further words for one; borrowed; NULL: none */
    bool of_model;                /* it is read as a model asks, not to learn one */
} cr_column;

/* What to do with missing values (see cr_cell_is_missing). A word that is not known
 * counts as one. */
typedef enum cr_missing {
    CR_MISSING_ERROR,
    CR_MISSING_DROP,     /* leave out rows with one */
    CR_MISSING_MEAN,     /* the mean of the training part */
    CR_MISSING_INDICATOR /* the mean, and a feature that is 1 where a value is missing */
} cr_missing;

extern const char *const cr_missing_names[]; /* as in configs, ended with NULL */

/* An empty cell, ?, NA, N/A, NaN or null, in any case. */
bool cr_cell_is_missing(const char *cell, size_t length);

/* Such a cell, or one of the column's further words for a gap. */
bool cr_cell_is_gap(const cr_column *column, const char *cell, size_t length);

/* Whether the number is finite in single precision too, in both builds alike. */
static inline bool cr_cell_is_finite(double number)
{
    return fabs(number) <= (double)FLT_MAX;
}

/* The number of a cell in a column of numbers with a format of its own, or the instant of
 * one in a column of dates. */
CR_MUST_CHECK bool cr_cell_parse_formatted(const cr_column *column, const char *cell,
                                           size_t length, double *value);

/* A column's number or instant; it may be a number that stands for a gap. */
CR_MUST_CHECK static inline bool cr_cell_parse(const cr_column *column, const char *cell,
                                               size_t length, double *value)
{
    return column->format ? cr_cell_parse_formatted(column, cell, length, value)
                          : cr_number_parse(cell, length, value);
}

/* Whether its cells are read by cr_cell_parse. */
static inline bool cr_cell_is_value(cr_column_kind kind)
{
    return kind >= CR_COLUMN_NUMBER && kind <= CR_COLUMN_TARGET;
}

/* A cell, and where it stands. */
typedef struct cr_cell {
    const char *file;
    size_t line;
    const char *column_name; /* NULL: none */
    size_t column;           /* from 0 */
    const char *text;
    size_t length;
} cr_cell;

/* Cell `column` of a row of the file. header: the columns' names; NULL: they have none. */
static inline cr_cell cr_cell_of_row(const char *file, const cr_names *header,
                                     const cr_csv_row *row, size_t column)
{
    return (cr_cell){.file = file,
                     .line = row->line,
                     .column_name = header ? header->items[column] : NULL,
                     .column = column,
                     .text = row->cells[column],
                     .length = row->lengths[column]};
}

/* A cell as a number that is finite in single precision too, an instant, or the place of
 * a word in column->known; NaN when it is missing and may be (else an error that says
 * so). */
CR_MUST_CHECK bool cr_cell_read(const cr_cell *cell, const cr_column *column,
                                cr_missing missing, double *value, cr_error *err);

/* A cell's column for messages, into out: its name in quotes, or its number. Returns
 * out. */
const char *cr_cell_format_column(const cr_cell *cell, char out[96]);

/* Adds the error that a value is missing which may not be: where the cell stands, what
 * was found and what to do. Returns false. */
bool cr_cell_refuse_missing(const cr_cell *cell, const cr_column *column, cr_error *err);

#endif
