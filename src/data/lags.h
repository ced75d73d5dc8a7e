/*
 * Lags: inputs that are earlier values of a column, in a table whose rows are in order of
 * time ("load_lag24" is what stood in "load" 24 rows before). They travel with the
 * encoding; lag_history.h takes their values from the rows.
 */
#ifndef CHAINRULE_DATA_LAGS_H
#define CHAINRULE_DATA_LAGS_H

#include "data/cell.h"

#define CR_LAGS_ONE_GROUP SIZE_MAX

/* A column of the file that lags look at: for values, or for the group of a row. */
typedef struct cr_lag_column {
    size_t position; /* in the training file */
    char *name;      /* NULL: the training file had no header */
} cr_lag_column;

/* An input: the value that a column had `step` rows earlier among the rows of a group. */
typedef struct cr_lag {
    size_t value; /* its number in columns */
    size_t group; /* likewise; CR_LAGS_ONE_GROUP: all rows are of one */
    size_t step;  /* from 1 */
} cr_lag;

typedef struct cr_lags {
    cr_lag *items; /* [count] in the order of the inputs */
    size_t count, capacity;
    cr_lag_column *columns; /* [column_count] */
    size_t column_count, column_capacity;
} cr_lags;

/* One of the columns in a file. */
typedef struct cr_lag_cells {
    size_t position;
    cr_column as; /* how values are read, and what stands for a gap */
} cr_lag_cells;

/* Adds one; its columns are found among those that are there, or added. */
CR_MUST_CHECK bool cr_lags_add(cr_lags *lags, const cr_lag_column *value,
                               const cr_lag_column *group, size_t step,
                               cr_error *err); /* group: NULL for one of all rows */
CR_MUST_CHECK bool cr_lags_copy(cr_lags *lags, const cr_lags *from, cr_error *err);
void cr_lags_finish(cr_lags *lags); /* also of none: {0} */

/* The name of the input: "load_lag24"; of a file without names "2_lag24". */
enum { CR_LAGS_NAME = 128 };
const char *cr_lags_name(const cr_lags *lags, size_t i, char out[CR_LAGS_NAME]);

/* The largest step; 0: there are none. */
size_t cr_lags_reach(const cr_lags *lags);

/* Whether some lag is a value of the column at this position of the training file. */
bool cr_lags_look_at(const cr_lags *lags, size_t position);

/* Whether a column is one whose values, or whose groups, some lag asks for. */
bool cr_lags_have_value(const cr_lags *lags, size_t column);
bool cr_lags_have_group(const cr_lags *lags, size_t column);

#endif
