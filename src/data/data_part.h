/* One part of the data alone. */
#ifndef CHAINRULE_DATA_DATA_PART_H
#define CHAINRULE_DATA_DATA_PART_H

#include "data/data.h"

/* Loads a part that has a source of its own in the section, as an encoding that is known
 * says, and nothing besides. On failure the data is empty. */
CR_MUST_CHECK bool cr_data_part_load(cr_data *data, const cr_data_section *section,
                                     const cr_encoding *known, cr_part_name part,
                                     cr_error *err);

#endif
