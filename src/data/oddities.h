/* All that is odd about a table, from a sample of its rows. */
#ifndef CHAINRULE_DATA_ODDITIES_H
#define CHAINRULE_DATA_ODDITIES_H

#include "data/oddity.h"

typedef struct cr_oddities {
    cr_look look;      /* its tallies are these */
    cr_tally *tallies; /* [look.columns], owned */
    cr_oddity *list;   /* [count], owned */
    size_t count;
} cr_oddities;

/* Rows and cells of a sample that take a few milliseconds to look at. */
enum { CR_ODDITIES_ROWS = 1000, CR_ODDITIES_CELLS = 64000 };

/* Looks: all of *look but its tallies is set, and outlives the oddities. The caller
 * finishes them, also after a failure (out of memory). */
CR_MUST_CHECK bool cr_oddities_find(cr_oddities *oddities, const cr_look *look,
                                    cr_error *err);

/* What is odd about a column; NULL: nothing. */
const cr_oddity *cr_oddities_of(const cr_oddities *oddities, size_t column);

/* Sentences, a line each: oddities of a kind that say the same share one. */
void cr_oddities_say(const cr_oddities *oddities, cr_text *out);

/* The columns with what each is, on one line: "id" (ids), "day" (dates). */
void cr_oddities_list(const cr_oddities *oddities, cr_text *out);

void cr_oddities_finish(cr_oddities *oddities); /* also of empty ones: {0} */

#endif
