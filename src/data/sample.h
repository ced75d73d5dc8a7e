/* Rows of a table spread evenly over it, kept as text while it is read: so few that
 * looking at them costs next to nothing, however long the table is. */
#ifndef CHAINRULE_DATA_SAMPLE_H
#define CHAINRULE_DATA_SAMPLE_H

#include "data/csv.h"

enum { CR_SAMPLE_TOTAL = 16 };

/* Row i is row i × stride of the table's rows of data, from 0. All arrays are owned. */
typedef struct cr_sample {
    size_t columns;
    size_t capacity; /* rows that are kept at most; even */
    size_t rows, stride;
    size_t seen;    /* rows of the table so far */
    size_t *lines;  /* [rows] of the file */
    char *text;     /* the cells, each ended with a 0, row by row */
    size_t *starts; /* [rows, columns] of the cells in text */
    size_t used, text_capacity;
    size_t totals;                    /* rows of the table that say total, sum, … */
    bool last_is_total;               /* the last row does */
    size_t last_line;                 /* of the last row */
    char total_word[CR_SAMPLE_TOTAL]; /* as the last of them says it */
} cr_sample;

/* For at most `rows` rows and about `cells` cells, of which texts beyond 100 bytes are
 * cut. The caller finishes it, also after a failure. */
CR_MUST_CHECK bool cr_sample_init(cr_sample *sample, size_t columns, size_t rows,
                                  size_t cells, cr_error *err);

/* Every row of data goes here, in the order of the file. When there is no room left,
 * every other row is given up. A row with too few cells gets empty ones. */
CR_MUST_CHECK bool cr_sample_take(cr_sample *sample, const cr_csv_row *row,
                                  cr_error *err);

static inline const char *cr_sample_cell(const cr_sample *sample, size_t row,
                                         size_t column)
{
    return sample->text + sample->starts[row * sample->columns + column];
}

void cr_sample_finish(cr_sample *sample); /* also of an empty one: {0} */

#endif
