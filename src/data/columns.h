/* The columns of the training file that a config names, by their names or numbers, and
 * what becomes of each. */
#ifndef CHAINRULE_DATA_COLUMNS_H
#define CHAINRULE_DATA_COLUMNS_H

#include "data/data_section.h"

/* Fills the reading's columns from the section's "target", "columns", "ignore",
 * "categorical" and "lags", and the group of its split. The caller has set has_header and
 * missing, and finishes the reading (cr_reading_finish), also after a failure. False with
 * errors in the reader. */
CR_MUST_CHECK bool cr_columns_choose(cr_reading *reading, cr_reader *reader,
                                     const cr_opened *file,
                                     const cr_data_section *section, cr_target_kind kind);

/* Finds the column of the groups that the section's split names, if it names one: sets
 * the reading's has_groups and group (has_header is set). False with errors in the
 * reader. */
CR_MUST_CHECK bool cr_columns_find_group(cr_reading *reading, cr_reader *reader,
                                         const cr_opened *file,
                                         const cr_data_section *section);

#endif
