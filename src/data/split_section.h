/* The object in the config's data.validation that splits it off the training data. */
#ifndef CHAINRULE_DATA_SPLIT_SECTION_H
#define CHAINRULE_DATA_SPLIT_SECTION_H

#include "config/options.h"
#include "data/part.h"

/* Reads the object; errors go to the reader. stratify: 1 yes, 0 no, -1 the config does not
 * say. */
void cr_split_section_read(cr_reader *reader, cr_json *object, cr_split *how,
                           int *stratify);

/* The object's keys, for the reference. */
void cr_split_section_describe(cr_text *out);

#endif
