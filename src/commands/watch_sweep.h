/* A sweep as chainrule watch shows it. */
#ifndef CHAINRULE_COMMANDS_WATCH_SWEEP_H
#define CHAINRULE_COMMANDS_WATCH_SWEEP_H

#include "commands/watch_news.h"
#include "sweep/ranking.h"
#include "sweep/sweep_state.h"

typedef struct cr_watch_sweep {
    const char *directory; /* borrowed */
    cr_watch_news news;
    cr_ranking ranking;
    cr_sweep_state progress;
    cr_run_state state;
    bool is_locked;     /* a process of this machine is at work in it */
    double share, left; /* of the work that is done; seconds, NaN: not known */
} cr_watch_sweep;

/* Looks at the sweep anew; starts as {.directory}. False with err: it cannot be read.
 * cr_watch_sweep_finish in any case. */
CR_MUST_CHECK bool cr_watch_sweep_look(cr_watch_sweep *sweep, cr_error *err);
void cr_watch_sweep_finish(cr_watch_sweep *sweep);

/* How far it is, and the best so far. */
void cr_watch_sweep_add_progress(const cr_watch_sweep *sweep, cr_bar_line *line);
void cr_watch_sweep_add_best(const cr_watch_sweep *sweep, cr_bar_line *line);

/* The whole picture. */
void cr_watch_sweep_draw(const cr_watch_sweep *sweep, cr_screen *screen);

#endif
