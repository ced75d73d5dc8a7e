/* Groups of rows (patients, machines, days): rows with the same word in a column. */
#ifndef CHAINRULE_DATA_GROUPS_H
#define CHAINRULE_DATA_GROUPS_H

#include "data/cell.h"
#include "data/words.h"

/* The number of the group that the cell names, a new one for a new group. Spellings of
 * one number name one group (3 and 3.0, but not 01067, which is a code). Gaps, as the
 * column says, are errors, but with CR_MISSING_MEAN and _INDICATOR a group of their
 * own. */
CR_MUST_CHECK bool cr_groups_number(cr_words *groups, const cr_cell *cell,
                                    const cr_column *column, cr_missing missing,
                                    uint32_t *number, cr_error *err);

#endif
