/* The config's "data" section: which files, which target, how split and normalised; and
 * loading them. */
#ifndef CHAINRULE_DATA_DATA_SECTION_H
#define CHAINRULE_DATA_DATA_SECTION_H

#include "config/options.h"
#include "data/normalize.h"

#include <chainrule/train.h>

/* A table, or a pair of IDX files; paths from the current directory, owned by the
 * config's tree. */
typedef struct cr_source {
    const char *table;
    const char *images, *labels;
} cr_source;

typedef struct cr_data_section {
    cr_source train, validation, test; /* all NULL: there is none */
    double fraction;                   /* of train to validate on; 0: none */
    size_t fold, folds;                /* likewise, one of so many folds; 0: none */
    int stratify;                      /* -1: as the targets suggest */
    int64_t split_seed;
    const cr_json *target;
    const cr_json *columns, *ignore, *categorical; /* NULL: none */
    cr_missing missing;
    size_t max_bytes; /* of a table */
    int header;       /* 1 yes, 0 no, -1 guess */
    cr_normalization normalization, target_normalization;
    double divisor, target_divisor; /* where that is CR_NORMALIZE_DIVIDE */
} cr_data_section;

/* Reads `data` of the root; errors go to the reader. */
void cr_data_section_read(cr_reader *reader, cr_json *root, cr_data_section *section);

/* The section's keys, for the reference. */
void cr_data_section_describe(cr_text *out);

#endif
