/* The object in the config's data.validation that splits it off the training data. */
#ifndef CHAINRULE_DATA_SPLIT_SECTION_H
#define CHAINRULE_DATA_SPLIT_SECTION_H

#include "config/options.h"
#include "data/part.h"

typedef struct cr_split_section {
    bool given; /* false: the config has no such object */
    cr_split how;
    int stratify;         /* 1 yes, 0 no, -1 the config does not say */
    const cr_json *group; /* the column whose groups are kept whole; NULL: none */
} cr_split_section;

/* The first key of a part's object that splits it off the training data; NULL: none does. */
const char *cr_split_section_key(const cr_json *object);

/* Reads the object; errors go to the reader. */
void cr_split_section_read(cr_reader *reader, cr_json *object, cr_split_section *section);

/* Splits the rows as the section says, which is given; rows->labels are those of the
 * target, NULL for numbers, and groups are there if the section names them. Of which
 * dataset the parts are is for the caller to say. What was decided is written into the
 * tree. False with errors in the reader. */
CR_MUST_CHECK bool cr_split_section_apply(const cr_split_section *section,
                                          cr_reader *reader, const cr_split_rows *rows,
                                          cr_part *kept, cr_part *held);

/* The object's keys, for the reference. */
void cr_split_section_describe(cr_text *out);

#endif
