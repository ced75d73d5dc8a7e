/* Warnings about what is odd in the columns of a training file, from a sample of its rows
 * that is taken while it is read. */
#ifndef CHAINRULE_DATA_WARNINGS_H
#define CHAINRULE_DATA_WARNINGS_H

#include "config/reader.h"
#include "data/oddity.h"
#include "data/raw.h"

/* Has the reading take a sample, when the source has columns; the caller finishes it,
 * also after a failure. */
CR_MUST_CHECK bool cr_warnings_begin(cr_reading *reading, cr_sample *sample,
                                     const cr_opened *file, cr_error *err);

/* Warns, and adds the columns warned of to `odd` (see cr_oddities_list). raw: what was
 * read; NULL: reading failed, and what is odd about how cells are written may be why: it
 * is added to the errors. False when out of memory. */
CR_MUST_CHECK bool cr_warnings_end(cr_reader *reader, const cr_opened *file,
                                   const cr_reading *reading, const cr_raw *raw,
                                   cr_text *odd);

/* What a column is that a reading takes for one of this kind. */
cr_look_role cr_warnings_role(cr_column_kind kind);

#endif
