/* Figures of every column of a table, from one pass over all its rows. */
#ifndef CHAINRULE_DATA_PROFILE_H
#define CHAINRULE_DATA_PROFILE_H

#include "data/distinct.h"
#include "data/source.h"

typedef struct cr_profile_column {
    size_t missing, numbers, words; /* cells; words: all that are neither */
    double smallest, largest;       /* of the numbers */
    double mean, squares; /* their mean, and the sum of their squared distances from it */
    cr_distinct different; /* among numbers and words */
} cr_profile_column;

typedef struct cr_profile {
    size_t columns, rows;
    cr_profile_column *list; /* [columns], owned */
    cr_sample sample;
} cr_profile;

/* Rows and cells of the sample. */
enum { CR_PROFILE_ROWS = 20000, CR_PROFILE_CELLS = 4000000 };

/* Of an open source that has columns, whose cells are read as reading->columns say. The
 * caller finishes it, also after a failure. */
CR_MUST_CHECK bool cr_profile_read(cr_profile *profile, const cr_opened *file,
                                   const cr_reading *reading, cr_error *err);

/* Reads the file once more, for the figures of the columns that are wanted[columns], whose
 * cells are now read as how[columns] says; all else stays. */
CR_MUST_CHECK bool cr_profile_read_again(cr_profile *profile, const cr_opened *file,
                                         bool has_header, const cr_column *how,
                                         const bool *wanted, cr_error *err);
void cr_profile_finish(cr_profile *profile); /* also of an empty one: {0} */

/* The standard deviation of the numbers (population). */
double cr_profile_deviation(const cr_profile_column *column);

#endif
