/* Loading what the config's "data" section names: learned, split, encoded, normalised. */
#ifndef CHAINRULE_DATA_DATA_H
#define CHAINRULE_DATA_DATA_H

#include "data/data_section.h"
#include "data/dataset.h"

/* Everything loaded: normalised, split, encoded. Not to be moved in memory: parts point
 * to the datasets. */
typedef struct cr_data {
    cr_dataset datasets[CR_PARTS]; /* validation's is empty when it is split off */
    cr_part parts[CR_PARTS];       /* ->dataset is NULL for a part that does not exist */
    cr_encoding encoding;          /* learned; empty when a known one was given */
    const cr_source_type *type;    /* of the training part's source */
    cr_text odd; /* columns of the training part that were warned of, on one line */
} cr_data;

/* Loads the files: reads the training part, learns the encoding from it, and applies that
 * to all parts. With a known encoding (a model's) nothing is learned; it is applied.
 * NULL: there is none. Errors go to the reader; what was decided (header, stratify) is
 * written into the tree. On failure the data is empty. */
CR_MUST_CHECK bool cr_data_load(cr_data *data, cr_reader *reader,
                                const cr_data_section *section, cr_target_kind targets,
                                const cr_encoding *known);
void cr_data_finish(cr_data *data);

/* Adds the CRC-32 of every file that was read to the object, as 8 hexadecimal digits by
 * its place in the config ("data.train", "data.test.labels"). */
CR_MUST_CHECK bool cr_data_checksums(const cr_data *data, cr_json *object);

#endif
