/* What a config's "data" says of cells: decimal, thousands, missing_values, types. */
#ifndef CHAINRULE_DATA_TYPES_SECTION_H
#define CHAINRULE_DATA_TYPES_SECTION_H

#include "config/options.h"
#include "data/cell_format.h"

/* The keys, and the fields that they fill. */
typedef struct cr_types_fields {
    int decimal, thousands; /* in cr_cell_format_decimals, cr_cell_format_thousands */
    const cr_json *missing_values, *types;
} cr_types_fields;

extern const cr_option cr_types_section_options[];
extern const size_t cr_types_section_option_count;

/* What is left of them once they are checked. Lists belong to the config's tree. */
typedef struct cr_types_section {
    cr_cell_format cells; /* of columns of which nothing else is said; it has no texts */
    const cr_json *missing_values; /* cr_missing_words_read takes it; NULL: none */
    const cr_json *types; /* an object: cr_cell_format_read takes each member; NULL */
} cr_types_section;

/* Checks what the keys of the object `data` say, but for the names of columns, and writes
 * defaults into it. Errors go to the reader. */
void cr_types_section_read(cr_reader *reader, cr_json *object,
                           const cr_types_fields *fields, cr_types_section *section);

/* The keys of a column's object in "types", for the reference. */
void cr_types_section_describe(cr_text *out);

#endif
