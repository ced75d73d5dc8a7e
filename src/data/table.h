/* A CSV file's columns in memory: numbers row by row, words by their places in a
 * dictionary, missing values as NaN. */
#ifndef CHAINRULE_DATA_TABLE_H
#define CHAINRULE_DATA_TABLE_H

#include "data/words.h"

/* The text of a file, and what its first lines tell. */
typedef struct cr_table_file {
    char *path;
    char *text;
    size_t length;
    char delimiter;
    size_t columns;
    bool has_header; /* as guessed: some cell of the first row is no number, and all below
                        it are */
    cr_names first;  /* the cells of the first row */
    uint32_t crc32;  /* of the file as it lies on the disk */
} cr_table_file;

/* The most bytes of text that are read where nobody says otherwise. */
#define CR_TABLE_MAX_BYTES ((size_t)4 << 30)

/* Reads (and decompresses) the file, at most max_bytes of text, and looks at its first
 * rows. */
CR_MUST_CHECK bool cr_table_open(cr_table_file *file, const char *path, size_t max_bytes,
                                 cr_error *err);
void cr_table_close(cr_table_file *file);

typedef enum cr_column_kind {
    CR_COLUMN_SKIP,
    CR_COLUMN_NUMBER,
    CR_COLUMN_WORD,  /* a word's place in its dictionary, as a number */
    CR_COLUMN_GUESS, /* of numbers or words, as its first cell that is not missing */
    CR_COLUMN_CLASS, /* of words, at most one in a table */
    CR_COLUMN_TARGET /* of numbers */
} cr_column_kind;

/* What becomes of a column of the file: its values go to position `to` of a row of
 * numbers, but for a class. */
typedef struct cr_column {
    cr_column_kind kind;
    size_t to;
    const cr_names *known; /* of words: the sorted dictionary; NULL: all that are found */
} cr_column;

/* What to do with missing values (see cr_is_missing). A word that is not known counts as
 * one. */
typedef enum cr_missing {
    CR_MISSING_ERROR,
    CR_MISSING_DROP,     /* leave out rows with one */
    CR_MISSING_MEAN,     /* the mean of the training part */
    CR_MISSING_INDICATOR /* the mean, and a feature that is 1 where a value is missing */
} cr_missing;

extern const char *const cr_missing_names[]; /* as in configs, ended with NULL */

/* An empty cell, ?, NA, N/A, NaN or null, in any case. */
bool cr_is_missing(const char *cell, size_t length);

/* A cell, and where it stands. */
typedef struct cr_cell {
    const char *file;
    size_t line;
    const char *column_name; /* NULL: none */
    size_t column;           /* from 0 */
    const char *text;
    size_t length;
} cr_cell;

/* A cell as a number that is finite in single precision too, or the place of a word in
 * column->known; NaN when it is missing and may be (else an error that says so). */
CR_MUST_CHECK bool cr_cell_read(const cr_cell *cell, const cr_column *column,
                                cr_missing missing, double *value, cr_error *err);

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
