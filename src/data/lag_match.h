/* The columns that lags look at, in another file than the training file. */
#ifndef CHAINRULE_DATA_LAG_MATCH_H
#define CHAINRULE_DATA_LAG_MATCH_H

#include "data/encoding.h"

/* *cells [encoding->lags.column_count], which the caller frees (NULL without lags): the
 * columns in a file with `count` columns, whose names are header (NULL if it has none),
 * by name where both have names, else by position, which cr_encoding_match has accepted.
 * False with CR_E_DATA for a column that is not there. `file` is for messages. */
CR_MUST_CHECK bool cr_lag_match_columns(const cr_encoding *encoding, const char *file,
                                        const cr_names *header, size_t count,
                                        cr_lag_cells **cells, cr_error *err);

#endif
