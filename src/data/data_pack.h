/* Data that was loaded, for processes that have no files: what training needs of it. The
 * names of pictures, and what there was to warn of, stay behind. */
#ifndef CHAINRULE_DATA_DATA_PACK_H
#define CHAINRULE_DATA_DATA_PACK_H

#include "base/byte_stream.h"
#include "data/data_rows.h"

/* rows: what is sent of it; NULL: all. */
CR_MUST_CHECK bool cr_data_pack_put(const cr_data *data, const cr_data_rows *rows,
                                    cr_byte_stream *to, cr_error *err);

/* Everything is checked. On failure the data is empty. */
CR_MUST_CHECK bool cr_data_pack_get(cr_data *data, cr_byte_stream *from, cr_error *err);

#endif
