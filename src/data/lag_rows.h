/* Lags of a table's rows, cell by cell as they are read, in the order of the file. */
#ifndef CHAINRULE_DATA_LAG_ROWS_H
#define CHAINRULE_DATA_LAG_ROWS_H

#include "data/csv.h"
#include "data/lags.h"

/* The table at hand. */
typedef struct cr_lag_table {
    const char *file;          /* for messages */
    const cr_names *header;    /* the names of its columns; NULL: it has none */
    const cr_lag_cells *cells; /* [lags->column_count] */
    cr_missing missing;
    bool answers; /* rows are to be predicted: none is left out, and a value that is
                     missing, as of the target that is asked for, is no error */
} cr_lag_table;

typedef struct cr_lag_rows cr_lag_rows;

/* Borrows lags, and what the table points to. NULL with err. */
CR_MUST_CHECK cr_lag_rows *cr_lag_rows_create(const cr_lags *lags,
                                              const cr_lag_table *table, cr_error *err);
void cr_lag_rows_destroy(cr_lag_rows *rows); /* takes NULL */

/* What becomes of a row. */
typedef enum cr_lagged {
    CR_LAGGED_USED,
    CR_LAGGED_WITHOUT_HISTORY, /* it is left out: it has no rows so far back */
    CR_LAGGED_WITH_GAP /* it is left out: one of these has no value, or it has no group */
} cr_lagged;

/* Takes the row in, which becomes history itself, whether it is left out or not. values
 * [lags->count]: NaN where there is none. False with err for cells that are no numbers,
 * or missing where they may not be: cr_lag_rows_fault is the column of the first, in the
 * file at hand. */
CR_MUST_CHECK bool cr_lag_rows_next(cr_lag_rows *rows, const cr_csv_row *row,
                                    const double **values, cr_lagged *lagged,
                                    cr_error *err);
size_t cr_lag_rows_fault(const cr_lag_rows *rows);

#endif
