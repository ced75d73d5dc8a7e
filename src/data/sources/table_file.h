/* The file of a table, and what its first rows tell. */
#ifndef CHAINRULE_DATA_SOURCES_TABLE_FILE_H
#define CHAINRULE_DATA_SOURCES_TABLE_FILE_H

#include "data/csv.h"
#include "data/source.h"

typedef struct cr_table_file {
    const cr_source *source; /* borrowed */
    const char *path;        /* the source's */
    struct cr_table_text *text;
    char *head; /* [head_length] the text of the first rows, until the table is read; all
                   of it when it is whole */
    size_t head_length, head_room;
    bool whole; /* of what can be read once only, such as a pipe, all is kept */
    char delimiter;
    size_t kept_line; /* as cr_csv_kept_line; known once it is open */
    size_t columns;
    bool has_header; /* as guessed: some cell of the first row is no number, and all below
                        it are */
    bool empty_last; /* no cell of the last column says anything, not even its name */
    cr_names first;  /* the cells of the first row */
    uint32_t crc32;  /* of the file as it lies on the disk; known once it was read */
} cr_table_file;

/* Opens the file of the source, which outlives it, and looks at the first rows. */
CR_MUST_CHECK bool cr_table_file_open(cr_table_file *file, const cr_source *source,
                                      cr_error *err);

/* Hands out all rows, the first one included. Once more, it opens the file anew. */
CR_MUST_CHECK bool cr_table_file_read(cr_table_file *file, cr_csv_on_row on_row,
                                      void *user, cr_error *err);

/* An error for a row that has not as many cells as there are columns, which the first row, at
 * first_line, has; and what to do about it. Returns false. */
bool cr_table_file_refuse_count(const cr_table_file *file, const cr_csv_row *row,
                                size_t first_line, cr_error *err);
void cr_table_file_close(cr_table_file *file);

#endif
