/* All that is odd about a table, from a sample of its rows. */
#ifndef CHAINRULE_DATA_ODDITIES_H
#define CHAINRULE_DATA_ODDITIES_H

#include "data/oddity.h"

typedef struct cr_oddities {
    cr_look look;            /* its tallies and ways of reading are these */
    cr_tally *tallies;       /* [look.columns], owned */
    cr_column *how;          /* [look.columns], owned */
    cr_cell_format *formats; /* [look.columns] that an oddity asks for; owned */
    cr_oddity *list; /* [count], owned; of a column the one of its writing first */
    size_t count;
} cr_oddities;

/* Rows and cells of a sample that take a few milliseconds to look at. */
enum { CR_ODDITIES_ROWS = 1000, CR_ODDITIES_CELLS = 64000 };

/* Looks: all of *look but its tallies is set, and outlives the oddities. Columns that are
 * written as nothing is read without being told are read as the oddity asks for, before it is
 * looked at what they mean. The caller finishes them, also after a failure (out of
 * memory). */
CR_MUST_CHECK bool cr_oddities_find(cr_oddities *oddities, const cr_look *look,
                                    cr_error *err);

/* What is odd about a column; NULL: nothing. Of two, the one for which it is left out, or
 * else the first. */
const cr_oddity *cr_oddities_of(const cr_oddities *oddities, size_t column);

/* The next one of the column behind `before` (NULL: the first); NULL behind the last. */
const cr_oddity *cr_oddities_next(const cr_oddities *oddities, size_t column,
                                  const cr_oddity *before);

/* Sentences, a line each: oddities of a kind that say the same share one. */
void cr_oddities_say(const cr_oddities *oddities, cr_text *out);

/* The columns with what each is, on one line: "id" (ids), "day" (dates). */
void cr_oddities_list(const cr_oddities *oddities, cr_text *out);

void cr_oddities_finish(cr_oddities *oddities); /* also of empty ones: {0} */

#endif
