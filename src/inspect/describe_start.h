/* Where a table begins in a file that has other lines above it. */
#ifndef CHAINRULE_INSPECT_DESCRIBE_START_H
#define CHAINRULE_INSPECT_DESCRIBE_START_H

#include <stdbool.h>
#include <stddef.h>

/* Lines above the one that names the columns, as the first lines of a file tell: nearly all
 * of its cells are filled, different and no numbers, which those of the lines above are not;
 * and what stands below is of another kind. With `target`, a column's name (or NULL), the
 * line that has it as a cell is taken rather. False: there are none, or it cannot be told. */
bool cr_describe_start_find(const char *text, const char *target, size_t *lines);

#endif
