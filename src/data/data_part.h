/* One part of the data alone. */
#ifndef CHAINRULE_DATA_DATA_PART_H
#define CHAINRULE_DATA_DATA_PART_H

#include "data/data.h"

/* Reads a part that has a source of its own in the section, and encodes it. */
CR_MUST_CHECK bool cr_data_part_read(cr_data *data, const cr_data_section *section,
                                     const cr_encoding *encoding, cr_part_name part,
                                     cr_error *err);

#endif
