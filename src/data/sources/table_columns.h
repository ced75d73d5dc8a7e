/* The columns of a table in the caller's memory as rows of cells, so that all that holds
 * for files of tables holds for them. */
#ifndef CHAINRULE_DATA_SOURCES_TABLE_COLUMNS_H
#define CHAINRULE_DATA_SOURCES_TABLE_COLUMNS_H

#include "data/csv.h"
#include "data/source.h"

/* Adds the names of the source's columns, and checks that the columns have as many rows
 * each, which are numbers or texts. */
CR_MUST_CHECK bool cr_table_columns_open(const cr_source *source, cr_names *names,
                                         cr_error *err);

/* Hands out the names as a row, number 0, and then all rows, numbered from 1. */
CR_MUST_CHECK bool cr_table_columns_read(const cr_source *source, cr_csv_on_row on_row,
                                         void *user, cr_error *err);

#endif
