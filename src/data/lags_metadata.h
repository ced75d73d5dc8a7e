/* The lags of an encoding in a model's metadata, and back. */
#ifndef CHAINRULE_DATA_LAGS_METADATA_H
#define CHAINRULE_DATA_LAGS_METADATA_H

#include "config/json.h"
#include "data/encoding.h"

/* Adds the member "lags" to the object, if there are any. False when out of memory. */
CR_MUST_CHECK bool cr_lags_metadata_write(const cr_encoding *encoding, cr_json *object);

/* The encoding's lags from the list (NULL: none). False where it is not such a list, or
 * when out of memory. */
CR_MUST_CHECK bool cr_lags_metadata_read(cr_encoding *encoding, const cr_json *list,
                                         cr_error *err);

/* Whether lags are the last inputs of a table, and their columns among those of the
 * file. */
bool cr_lags_metadata_is_consistent(const cr_encoding *encoding);

#endif
