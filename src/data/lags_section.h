/* The config's data.lags: which earlier values of columns are inputs. */
#ifndef CHAINRULE_DATA_LAGS_SECTION_H
#define CHAINRULE_DATA_LAGS_SECTION_H

#include "data/source.h"

/* Checks the object, or the list of objects, in `data`; errors go to the reader. */
void cr_lags_section_read(cr_reader *reader, cr_json *data);

/* Finds the columns in the training file, and fills the reading's lags. The kinds of its
 * columns are known. False with errors in the reader. */
CR_MUST_CHECK bool cr_lags_section_find(cr_reading *reading, cr_reader *reader,
                                        const cr_opened *file, const cr_json *section);

/* The object's keys, for the reference. */
void cr_lags_section_describe(cr_text *out);

#endif
