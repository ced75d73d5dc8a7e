/* Progress of a training run on stderr: a bar on a terminal, a line now and then
 * elsewhere. */
#ifndef CHAINRULE_COMMANDS_PROGRESS_H
#define CHAINRULE_COMMANDS_PROGRESS_H

#include <chainrule/train.h>

/* A bar on a terminal, lines now and then elsewhere. */
typedef struct cr_bar {
    bool terminal, quiet;
    double began, next; /* on the clock: when to draw again */
    int tenths;         /* of the whole, when a line was last due */
    bool drawn;         /* a bar is on the screen */
} cr_bar;

void cr_bar_begin(cr_bar *bar, bool quiet);

/* Whether it is time to draw again; share: what is done, from 0 to 1. */
bool cr_bar_is_due(cr_bar *bar, double share);

/* Draws the bar with `rest` and the time left behind it, or prints these as a line. */
void cr_bar_draw(cr_bar *bar, double share, const char *rest);
void cr_bar_end(cr_bar *bar); /* removes it */

typedef struct cr_progress_view {
    cr_bar bar;
    bool classify;
    size_t checked;         /* steps since the clock was last read */
    cr_figures validation;  /* of the last epoch */
    size_t epochs, samples; /* of the run; of an epoch */
} cr_progress_view;

void cr_progress_begin(cr_progress_view *view, bool quiet, bool classify, size_t epochs,
                       size_t samples);
void cr_progress_step(cr_progress_view *view, const cr_progress *progress);
void cr_progress_epoch(cr_progress_view *view, const cr_epoch *epoch);
void cr_progress_end(cr_progress_view *view); /* removes the bar */

/* 12345678 → "12.3M" into out; returns out. */
const char *cr_format_count(double count, char out[16]);

#endif
