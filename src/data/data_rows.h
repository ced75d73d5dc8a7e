/* Some of the rows of data: what one of several processes has of it, which number them as
 * the whole. */
#ifndef CHAINRULE_DATA_DATA_ROWS_H
#define CHAINRULE_DATA_DATA_ROWS_H

#include "data/data.h"

/* Of each part the rows first to last, counted in the part. */
typedef struct cr_data_rows {
    size_t first[CR_PARTS], last[CR_PARTS];
} cr_data_rows;

/* Rows first to last of a dataset. */
typedef struct cr_row_run {
    size_t first, last;
} cr_row_run;

/* Where these rows lie in a dataset: as many runs as are returned, in order, none of which
 * touches another. */
size_t cr_data_rows_find(const cr_data *data, const cr_data_rows *rows, size_t dataset,
                         cr_row_run runs[CR_PARTS]);

/* Gives the memory of all other rows of the datasets back to the system, as far as whole
 * pages go: they read as zeros, or as anything, from now on. */
void cr_data_rows_keep(cr_data *data, const cr_data_rows *rows);

#endif
