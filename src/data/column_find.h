/* A column of a file by what a config calls it. */
#ifndef CHAINRULE_DATA_COLUMN_FIND_H
#define CHAINRULE_DATA_COLUMN_FIND_H

#include "data/source.h"

/* What names columns in a config. */
#define CR_COLUMN_EXPECTED                                                               \
    "a column's name in quotes, or its number (from 0; -1 is the last)"
#define CR_COLUMNS_EXPECTED                                                              \
    "a column's name in quotes, its number (from 0; -1 is the last), or a list of them"

/* The column that an entry at `path` of the config names: by its name, or by its number
 * (from 0; negative: from the end). False with an error in the reader. */
CR_MUST_CHECK bool cr_column_find_entry(cr_reader *reader, const char *path,
                                        const cr_opened *file, bool has_header,
                                        const cr_json *entry, size_t *column);

/* The same for a key, which is a name, or a number as text. */
CR_MUST_CHECK bool cr_column_find_key(cr_reader *reader, const char *path,
                                      const cr_opened *file, bool has_header,
                                      const char *key, size_t *column);

/* Errors in the reader where an entry of the list at `path` is no name or number, or
 * where there is none. A value that is no list is one entry, and right. */
void cr_column_find_check(cr_reader *reader, const char *path, const cr_json *list);

#endif
