/* Words of a file that the training data did not have, column by column. */
#ifndef CHAINRULE_DATA_UNKNOWN_H
#define CHAINRULE_DATA_UNKNOWN_H

#include "base/text.h"
#include "data/cell.h"

enum { CR_UNKNOWN_WORD = 61 }; /* bytes of a word, cut, with its final 0 */

typedef struct cr_unknown_column {
    size_t column, cells, line; /* from 0; those with such words; the first one's line */
    char name[96];              /* as cr_cell_format_column has it */
    char word[CR_UNKNOWN_WORD]; /* the first one's */
    char near[CR_UNKNOWN_WORD]; /* what was likely meant by it; "": nothing is near */
} cr_unknown_column;

/* Starts as {0}. */
typedef struct cr_unknown {
    size_t cells; /* of all columns */
    cr_unknown_column *columns;
    size_t count, capacity;
} cr_unknown;

/* One more such cell, of a column whose words are `known`. */
CR_MUST_CHECK bool cr_unknown_add(cr_unknown *unknown, const cr_cell *cell,
                                  const cr_names *known, cr_error *err);

/* Adds lines that say how many cells there are, and where; none without any. */
void cr_unknown_describe(const cr_unknown *unknown, cr_text *lines);

void cr_unknown_finish(cr_unknown *unknown);

#endif
