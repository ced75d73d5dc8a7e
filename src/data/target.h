/* data.target: names or numbers of columns, found in a file. */
#ifndef CHAINRULE_DATA_TARGET_H
#define CHAINRULE_DATA_TARGET_H

#include "config/options.h"
#include "data/table.h"

/* The columns of the file that `target` names (a name, a number, or a list of them), in
 * increasing order, into columns[file->columns]. False with errors in the reader. */
CR_MUST_CHECK bool cr_target_find(cr_reader *reader, const cr_table_file *file,
                                  bool has_header, const cr_json *target, size_t *columns,
                                  size_t *count);

#endif
