/* Columns that a config names: by their names or numbers, found in a file. */
#ifndef CHAINRULE_DATA_COLUMNS_H
#define CHAINRULE_DATA_COLUMNS_H

#include "config/options.h"
#include "data/table.h"

/* Marks in chosen[file->columns] what `list` at `path` of the config names (a name, a
 * number, or a list of them). False with errors in the reader. */
CR_MUST_CHECK bool cr_columns_find(cr_reader *reader, const char *path,
                                   const cr_table_file *file, bool has_header,
                                   const cr_json *list, bool *chosen);

#endif
