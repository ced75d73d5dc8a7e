/* What is to be read of a source: of the training file what its columns are said to be,
 * of every other file what an encoding asks for. */
#ifndef CHAINRULE_DATA_READING_H
#define CHAINRULE_DATA_READING_H

#include "data/source.h"
#include "data/types_section.h"

/* Room for the file's columns, which are all skipped so far. */
CR_MUST_CHECK bool cr_reading_allocate(cr_reading *reading, const cr_opened *file,
                                       cr_error *err);

/* How all columns' cells are written, of which nothing else is said: the formats, one a
 * column, are empty. */
CR_MUST_CHECK bool cr_reading_set_cells(cr_reading *reading, size_t columns,
                                        const cr_types_section *section, cr_error *err);

/* Counts the columns by the kinds that the caller has set, and gives each its place in a
 * row of numbers: the inputs in the order of the file, behind them lags, and targets that
 * are numbers. False with CR_E_DATA when there is no input. */
CR_MUST_CHECK bool cr_reading_place(cr_reading *reading, const cr_opened *file,
                                    cr_error *err);

/* What the encoding asks of the file; reading is overwritten. It borrows the encoding's
 * words. Predictions (CR_TARGET_IGNORED) answer every row: none is left out. */
CR_MUST_CHECK bool cr_reading_match(cr_reading *reading, const cr_encoding *encoding,
                                    const cr_opened *file, cr_need_target need,
                                    cr_error *err);

void cr_reading_finish(cr_reading *reading); /* also of an empty one: {0} */

#endif
