/* A CSV file's columns in memory: numbers row by row, words by their places in a
 * dictionary, missing values as NaN. */
#ifndef CHAINRULE_DATA_TABLE_H
#define CHAINRULE_DATA_TABLE_H

#include "data/cell.h"
#include "data/table_file.h"
#include "data/words.h"

typedef struct cr_table {
    size_t rows, width;
    double *numbers; /* [rows, width] */
    int32_t *codes;  /* [rows] numbers of the classes in `classes`, or NULL */
    cr_words classes;
    cr_words *words; /* [columns of the file] of words that were not known */
    size_t *missing; /* [columns of the file] missing values, but for rows left out */
    size_t left_out; /* rows */
    size_t unknown;  /* cells with words that are not known, which count as missing */
    size_t columns, number_capacity, code_capacity;
} cr_table;

enum { CR_MOST_WORDS = 1000 }; /* in a column's dictionary */

/* columns[file->columns] says what to keep, `width` is the numbers of a row; a guess is
 * replaced by what the column turned out to be, and stays where all is missing. The first
 * row is skipped when has_header. Rows whose target is missing are left out like others
 * with missing values, but with CR_MISSING_ERROR. Several bad cells are reported at once.
 */
CR_MUST_CHECK bool cr_table_read(cr_table *table, const cr_table_file *file,
                                 bool has_header, cr_column *columns, size_t width,
                                 cr_missing missing, cr_error *err);
void cr_table_finish(cr_table *table);

#endif
