/* Cells of CSV that a command writes: data, byte by byte, unless a person reads them on a
 * terminal or a spreadsheet opens them. */
#ifndef CHAINRULE_COMMANDS_CELLS_H
#define CHAINRULE_COMMANDS_CELLS_H

#include <stdbool.h>
#include <stdio.h>

typedef struct cr_cells {
    FILE *out;
    bool is_terminal; /* what would be a command to it is made visible */
    bool spreadsheet; /* a ' stands in front of what one would take for a formula */
} cr_cells;

/* The option that sets `spreadsheet`, for a command's table of flags. */
#define CR_CELLS_FLAG                                                                    \
    {                                                                                    \
        0, "spreadsheet", NULL,                                                          \
            "put a ' before words that a spreadsheet would run as a formula (=, +, -, "  \
            "@)"                                                                         \
    }

/* For CSV to out. */
cr_cells cr_cells_begin(FILE *out, bool spreadsheet);

/* Writes the cell, quoted where it has to be. A formula begins with =, +, -, @, a tab or a
 * line end, and is no number. */
void cr_cells_write(const cr_cells *cells, const char *text);

#endif
