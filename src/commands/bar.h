/* A progress bar on stderr: drawn in place on a terminal, lines now and then elsewhere. */
#ifndef CHAINRULE_COMMANDS_BAR_H
#define CHAINRULE_COMMANDS_BAR_H

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

/* Draws the bar with `rest` and the time left behind it, or prints these as a line. */
void cr_bar_draw(cr_bar *bar, double share, const char *rest);

/* On a terminal: head, the bar, rest, which is cut where the line ends. */
void cr_bar_draw_between(cr_bar *bar, const char *head, double share, const char *rest);

/* Whether a bar has room between the two on the terminal's line. */
bool cr_bar_fits(const char *head, const char *rest);

/* Seconds as "1:02:03" into out; returns out. */
const char *cr_bar_format_time(double seconds, char out[32]);

void cr_bar_end(cr_bar *bar); /* removes it */

#endif
