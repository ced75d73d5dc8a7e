/* A line of text that names the columns of a table. */
#ifndef CHAINRULE_DATA_HEADER_LINE_H
#define CHAINRULE_DATA_HEADER_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the line, without its line end, has each of names[count] as a cell. delimiter: 0:
 * as the line itself tells. */
bool cr_header_line_has(const char *line, size_t length, char delimiter,
                        const char *const *names, size_t count);

#endif
