/* Encodings as strings in a model's metadata. */
#ifndef CHAINRULE_DATA_ENCODING_METADATA_H
#define CHAINRULE_DATA_ENCODING_METADATA_H

#include "config/json.h"
#include "data/encoding.h"

/* Adds the encoding to the object, each part a string. */
CR_MUST_CHECK bool cr_encoding_metadata_write(const cr_encoding *encoding,
                                              cr_json *metadata, cr_error *err);

/* Reads what write has added. `file` is what messages call the model. Everything is
 * checked; the caller finishes the encoding, also after a failure. */
CR_MUST_CHECK bool cr_encoding_metadata_read(cr_encoding *encoding, const char *file,
                                             const cr_json *metadata, cr_error *err);

#endif
