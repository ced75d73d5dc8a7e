/* What a config has to say so that a cell can be read which cannot be: the keys of
 * "data", with the column and the cell filled in. */
#ifndef CHAINRULE_DATA_CELL_CURE_H
#define CHAINRULE_DATA_CELL_CURE_H

#include "base/text.h"
#include "data/cell.h"

/* A half sentence for a message, such as
 *
 *     "thousands": "," in "data" reads it as 1230, "decimal": "," as 1.23
 *
 * or nothing, where no key is known to help. */
void cr_cell_cure(const cr_cell *cell, const cr_column *column, cr_text *out);

/* Whether a cell is a number or a date for whoever looks at it, but neither a plain
 * number nor a date in ISO 8601: 1,230 or $5 or 12 % or 31.12.2024. */
bool cr_cell_cure_is_quantity(const char *cell, size_t length);

#endif
