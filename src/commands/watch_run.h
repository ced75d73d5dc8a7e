/* A run as chainrule watch shows it. */
#ifndef CHAINRULE_COMMANDS_WATCH_RUN_H
#define CHAINRULE_COMMANDS_WATCH_RUN_H

#include "commands/watch_news.h"
#include "runs/metrics_csv.h"

typedef struct cr_watch_run {
    const char *directory; /* borrowed */
    cr_watch_news news;
    cr_document config, summary; /* roots are NULL where there is none */
    cr_metrics_csv metrics;
    cr_run_state state;
    double share, left; /* of the epochs that are done; seconds, NaN: not known */
} cr_watch_run;

/* Looks at the run anew; starts as {.directory}. False with err: it is no run that can be
 * read. cr_watch_run_finish in any case. */
CR_MUST_CHECK bool cr_watch_run_look(cr_watch_run *run, cr_error *err);
void cr_watch_run_finish(cr_watch_run *run);

/* How far it is, and how good. */
void cr_watch_run_add_progress(const cr_watch_run *run, cr_bar_line *line);
void cr_watch_run_add_figures(const cr_watch_run *run, cr_bar_line *line);

/* The whole picture. */
void cr_watch_run_draw(const cr_watch_run *run, cr_screen *screen);

#endif
