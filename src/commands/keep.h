/* The option --keep of predict: columns of the input that stand in front of the
 * predictions, as they are. */
#ifndef CHAINRULE_COMMANDS_KEEP_H
#define CHAINRULE_COMMANDS_KEEP_H

#include "base/text.h"
#include "commands/cells.h"
#include "data/csv.h"
#include "data/names.h"

typedef struct cr_keep {
    const char *file; /* what messages call the input; borrowed */
    cr_names wanted;  /* as the option has them; none: no column is kept */
    cr_names names;   /* [count] of the columns that are kept */
    size_t *columns;  /* [count] their places in the input */
    size_t count;
    cr_text cells; /* of rows that are printed later, each cell ended with a 0 */
    size_t printed;
} cr_keep;

/* option: names or numbers of columns with commas between them, as a line of CSV, or
 * "all"; NULL: none. False with CR_E_USAGE. The caller finishes it, also after a failure.
 */
CR_MUST_CHECK bool cr_keep_init(cr_keep *keep, const char *option, const char *file,
                                cr_error *err);
void cr_keep_finish(cr_keep *keep);

/* Finds the columns among those of the input: `count`, of these names (NULL or none: it
 * has no header). A name is meant before a number. False with CR_E_USAGE for one that is
 * not there. */
CR_MUST_CHECK bool cr_keep_match(cr_keep *keep, const cr_names *names, size_t count,
                                 cr_error *err);

/* Prints what is kept, a comma behind each: the names of the columns, and the cells of a
 * row. */
void cr_keep_print_names(const cr_keep *keep, const cr_cells *to);
void cr_keep_print(const cr_keep *keep, const cr_csv_row *row, const cr_cells *to);

/* Holds the cells of a row until they are printed, row by row in the same order. */
CR_MUST_CHECK bool cr_keep_store(cr_keep *keep, const cr_csv_row *row, cr_error *err);
void cr_keep_print_stored(cr_keep *keep, const cr_cells *to);

#endif
