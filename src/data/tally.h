/* A column of a sample as numbers: what its cells look like, their values, which are
 * alike. */
#ifndef CHAINRULE_DATA_TALLY_H
#define CHAINRULE_DATA_TALLY_H

#include "data/form.h"
#include "data/sample.h"

#include <stdint.h>

/* All arrays are owned. */
typedef struct cr_tally {
    size_t rows, present;        /* of the sample; not missing */
    size_t kinds[CR_FORM_KINDS]; /* cells of each kind */
    size_t first[CR_FORM_KINDS]; /* row of the first one */
    size_t whole;                /* plain numbers without a fraction */
    bool numeric;                /* all that are present are plain numbers */
    double *values;              /* [rows] of plain numbers; NaN for other cells */
    int32_t *codes; /* [rows] 0 to different − 1, in the order of the numbers
                                     (when numeric) or the bytes; −1 where one is missing */
    size_t different;
} cr_tally;

/* Column i of the sample, whose cells are read as `column` says. strict: cells that are
 * no numbers so are missing, but counted among their kinds. The caller finishes it, also
 * after a failure. */
CR_MUST_CHECK bool cr_tally_init(cr_tally *tally, const cr_sample *sample, size_t i,
                                 const cr_column *column, bool strict, cr_error *err);

/* Of numbers[rows], NaN where one is missing. */
CR_MUST_CHECK bool cr_tally_init_numbers(cr_tally *tally, const double *numbers,
                                         size_t rows, cr_error *err);
void cr_tally_finish(cr_tally *tally); /* also of an empty one: {0} */

#endif
