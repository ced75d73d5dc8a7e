/* A progress bar on stderr: drawn in place on a terminal, lines now and then elsewhere. */
#ifndef CHAINRULE_COMMANDS_BAR_H
#define CHAINRULE_COMMANDS_BAR_H

#include "commands/bar_line.h"

#include <stdbool.h>

typedef struct cr_bar {
    bool terminal, quiet;
    double began, next; /* on the clock: when to draw again */
    int tenths;         /* of the whole, when a line was last due */
    bool drawn;         /* a bar is on the screen */
} cr_bar;

/* Starts the clock of the time left. quiet: nothing is ever drawn. */
void cr_bar_begin(cr_bar *bar, bool quiet);

/* Whether it is time to draw again; share: what is done, from 0 to 1. */
bool cr_bar_is_due(cr_bar *bar, double share);

/* The same, by the time alone. */
bool cr_bar_is_late(cr_bar *bar, double share);

/* Adds the field "0:05 left", once something is done. */
void cr_bar_add_time_left(const cr_bar *bar, cr_bar_line *line, int rank, double share);

/* Draws the line in place, as wide as the terminal is now; elsewhere prints its fields as
 * a line of their own. */
void cr_bar_draw(cr_bar *bar, const cr_bar_line *line);

void cr_bar_end(cr_bar *bar); /* removes it */

#endif
