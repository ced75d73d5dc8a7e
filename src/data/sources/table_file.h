/* The text of a table, and what its first lines tell. */
#ifndef CHAINRULE_DATA_SOURCES_TABLE_FILE_H
#define CHAINRULE_DATA_SOURCES_TABLE_FILE_H

#include "data/source.h"

/* The text of a file, and what its first lines tell. */
typedef struct cr_table_file {
    char *path;
    char *text;
    size_t length;
    char delimiter;
    size_t columns;
    bool has_header; /* as guessed: some cell of the first row is no number, and all below
                        it are */
    bool empty_last; /* no cell of the last column says anything, not even its name */
    cr_names first;  /* the cells of the first row */
    uint32_t crc32;  /* of the file as it lies on the disk */
} cr_table_file;

/* Reads (and decompresses) the file of the source, at most max_bytes of text, and looks
 * at its first rows. */
CR_MUST_CHECK bool cr_table_file_open(cr_table_file *file, const cr_source *source,
                                      cr_error *err);
void cr_table_file_close(cr_table_file *file);

#endif
