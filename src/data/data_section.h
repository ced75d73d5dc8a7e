/* The config's "data" section: which files, which target, how split and normalised. */
#ifndef CHAINRULE_DATA_DATA_SECTION_H
#define CHAINRULE_DATA_DATA_SECTION_H

#include "config/options.h"
#include "data/normalize.h"
#include "data/source.h"
#include "data/split_section.h"
#include "data/types_section.h"

#include <chainrule/train.h>

typedef struct cr_data_section {
    cr_source sources[CR_PARTS]; /* without a type: there is no such file */
    cr_split_section split;      /* of the training part */
    const cr_json *target;
    const cr_json *columns, *ignore, *weight, *categorical, *lags; /* NULL: none */
    cr_shape shape; /* of an example; of rank 0: as the source says */
    cr_missing missing;
    cr_types_section cells;
    int header; /* 1 yes, 0 no, -1 guess */
    cr_normalization normalization, target_normalization;
} cr_data_section;

/* Reads `data` of the root; errors go to the reader. The section points into the tree. */
void cr_data_section_read(cr_reader *reader, cr_json *root, cr_data_section *section);

/* Only what `data` says of how tables are written; the files that it names need not be
 * there. The format points into the tree. */
void cr_data_section_read_format(cr_reader *reader, cr_json *root,
                                 cr_table_format *format);

/* The section's keys, for the reference. */
void cr_data_section_describe(cr_text *out);

#endif
