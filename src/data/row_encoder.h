/* Rows of a table's cells, encoded one by one: as text comes in, or as a caller has
 * it. */
#ifndef CHAINRULE_DATA_ROW_ENCODER_H
#define CHAINRULE_DATA_ROW_ENCODER_H

#include "data/csv.h"
#include "data/encoding.h"
#include "data/lag_rows.h"
#include "data/unknown.h"

typedef struct cr_row_encoder {
    const cr_encoding *encoding; /* borrowed */
    const char *file;            /* what messages call the table; borrowed */
    cr_names header;             /* the names of the columns; none: they have none */
    cr_column *columns;          /* [column_count] what becomes of each cell of a row */
    size_t column_count;
    cr_lag_cells *lag_cells; /* the columns of lags; NULL: there are none */
    cr_lag_rows *lags;       /* the rows so far; or NULL */
    bool empty_last;  /* rows have one cell more than the model takes, which is empty */
    double *values;   /* [encoding->input_count] of the last row's cells */
    double *features; /* [encoding->features] what they become, raw: NaN where a value is
                         missing */
    cr_unknown unknown; /* words so far that the training data did not have, and which
                           count as missing */
} cr_row_encoder;

/* The caller finishes it, also after a failure. */
CR_MUST_CHECK bool cr_row_encoder_init(cr_row_encoder *rows, const cr_encoding *encoding,
                                       const char *file, cr_error *err);
void cr_row_encoder_finish(cr_row_encoder *rows); /* also of an empty one: {0} */

/* Rows of so many cells in the order of the training file, with its targets or without:
 * their columns are matched by position. A last cell more than that has to be empty. */
CR_MUST_CHECK bool cr_row_encoder_match(cr_row_encoder *rows, size_t count,
                                        cr_error *err);

/* The first row of a table tells whether it has a header, which it is then itself, and
 * which columns there are: matched by name where both sides have names, else by
 * position. */
CR_MUST_CHECK bool cr_row_encoder_begin(cr_row_encoder *rows, const cr_csv_row *first,
                                        bool *is_header, cr_error *err);

/* One row into features. False with CR_E_DATA for another number of cells, and for cells
 * that cannot be read, all of which are reported. */
CR_MUST_CHECK bool cr_row_encoder_read(cr_row_encoder *rows, const cr_csv_row *row,
                                       cr_error *err);

#endif
