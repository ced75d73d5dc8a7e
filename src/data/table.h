/* A CSV file's columns in memory: numbers row by row, words as codes into a dictionary.
 */
#ifndef CHAINRULE_DATA_TABLE_H
#define CHAINRULE_DATA_TABLE_H

#include <chainrule/error.h>
#include <chainrule/real.h>
#include <stddef.h>
#include <stdint.h>

/* Names or words, each owned by the list. */
typedef struct cr_names {
    char **items;
    size_t count, capacity;
} cr_names;

CR_MUST_CHECK bool cr_names_add(cr_names *names, const char *text, cr_error *err);
bool cr_names_find(const cr_names *names, const char *text, size_t *position);
void cr_names_finish(cr_names *names);

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
    CR_COLUMN_WORD
} cr_column_kind;

/* What becomes of a column of the file: numbers go to position `to` of a row of numbers,
 * words to the one column of words. */
typedef struct cr_column {
    cr_column_kind kind;
    size_t to;
} cr_column;

typedef struct cr_table {
    size_t rows, width;
    cr_real *numbers;   /* [rows, width] */
    int32_t *codes;     /* [rows], into words; NULL without a column of words */
    cr_names words;     /* in order of first appearance */
    size_t *word_lines; /* [words.count], the line where each appeared first */
    size_t number_capacity, code_capacity, line_capacity;
    uint32_t *slots; /* hash table over words, 0 is empty, else code + 1 */
    size_t slot_count;
} cr_table;

/* columns[file->columns] says what to keep, `width` is the numbers of a row. The first
 * row is skipped when has_header. */
CR_MUST_CHECK bool cr_table_read(cr_table *table, const cr_table_file *file,
                                 bool has_header, const cr_column *columns, size_t width,
                                 cr_error *err);
void cr_table_finish(cr_table *table);

/* One cell as a finite number. Errors name place ("file:line"), column and what was
 * found. */
CR_MUST_CHECK bool cr_cell_number(const char *file, size_t line, const char *column_name,
                                  size_t column, const char *cell, size_t length,
                                  cr_real *number, cr_error *err);

#endif
