/*
 * CSV as a stream of rows. libcsv knows the grammar (RFC 4180: quotes, doubled quotes,
 * CRLF, line ends in quoted cells); spaces around unquoted cells and empty lines are
 * dropped. Lines to skip, comments and a first line such as sep=; are no rows; with
 * spaces as delimiters, several count as one.
 */
#ifndef CHAINRULE_DATA_CSV_H
#define CHAINRULE_DATA_CSV_H

#include "data/table_format.h"

#include <stdio.h>

/* A row, valid during the callback. Cell i is cells[i], lengths[i] bytes and a final 0.
 */
typedef struct cr_csv_row {
    size_t line; /* of its first character, from 1 */
    size_t count;
    const char *const *cells;
    const size_t *lengths;
} cr_csv_row;

/* Called for every row in order; false (with err filled) ends the reading. */
typedef bool (*cr_csv_on_row)(void *user, const cr_csv_row *row, cr_error *err);

typedef struct cr_csv cr_csv;

/* `name` stands in front of messages and lives as long as the reader, as do the format's
 * texts. */
CR_MUST_CHECK cr_csv *cr_csv_create(const char *name, const cr_table_format *format,
                                    cr_csv_on_row on_row, void *user, cr_error *err);

/* Takes text (UTF-8) that may end anywhere; a row is reported when its end is there. */
CR_MUST_CHECK bool cr_csv_feed(cr_csv *csv, const char *text, size_t length,
                               cr_error *err);
CR_MUST_CHECK bool cr_csv_end(cr_csv *csv,
                              cr_error *err); /* the last row may lack a line end */
void cr_csv_destroy(cr_csv *csv);             /* takes NULL */

/* The header line that skip_rows would have skipped, from 1; 0: none. */
size_t cr_csv_kept_line(const cr_csv *csv);

/* The delimiter: the format's, or what the first row told; 0 before that. */
char cr_csv_delimiter(const cr_csv *csv);

/* Writes a cell, in quotes where it needs them (csv_write.c). */
void cr_csv_write(FILE *out, const char *text);

#endif
