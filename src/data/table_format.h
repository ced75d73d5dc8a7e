/* How the file of a table is written: what a config's "data" says of it, and what holds
 * where it says nothing. */
#ifndef CHAINRULE_DATA_TABLE_FORMAT_H
#define CHAINRULE_DATA_TABLE_FORMAT_H

#include "config/options.h"

typedef struct cr_table_format {
    const char *encoding; /* of its text, as iconv calls it; NULL: UTF-8, or UTF-16 where
                             it begins with a byte-order mark */
    char delimiter;       /* 0: guessed from the file */
    const char *comment_prefix; /* lines that begin with it are skipped; NULL: none */
    size_t skip_rows;           /* lines to skip at the start */
    const char *const *names; /* [name_count] a line that has all of them as cells is not
                                 skipped, nor any behind it: it is the header */
    size_t name_count;
    size_t max_line; /* bytes of a row, line ends in quotes included */
    size_t piece;    /* bytes of text that are read at once; 0: as many as are quick */
} cr_table_format;   /* texts belong to the config's tree */

/* What holds where nothing is said. */
extern const cr_table_format cr_table_format_default;

/* The keys, and the fields that they fill. */
typedef struct cr_table_fields {
    const char *encoding, *delimiter, *comment_prefix;
    int64_t skip_rows, max_line;
} cr_table_fields;

extern const cr_option cr_table_format_options[];
extern const size_t cr_table_format_option_count;

/* What the fields say; errors go to the reader, at keys of `data`. */
void cr_table_format_read(cr_reader *reader, const cr_table_fields *fields,
                          cr_table_format *format);

/* The keys, for the reference. */
void cr_table_format_describe(cr_text *out);

#endif
