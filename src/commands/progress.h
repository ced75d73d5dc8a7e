/* Progress of a training run on stderr: a bar on a terminal, a line now and then
 * elsewhere. */
#ifndef CHAINRULE_COMMANDS_PROGRESS_H
#define CHAINRULE_COMMANDS_PROGRESS_H

#include "commands/bar.h"

#include <chainrule/train.h>

typedef struct cr_progress_view {
    cr_bar bar;
    bool classify;
    cr_figures validation; /* of the last epoch */
    size_t epochs;         /* of the run */
    size_t samples;        /* of an epoch */
} cr_progress_view;

/* Before the first step of a run of so many epochs of so many samples. classify: figures
 * have an accuracy. */
void cr_progress_begin(cr_progress_view *view, bool quiet, bool classify, size_t epochs,
                       size_t samples);
/* After each step, and after each epoch. */
void cr_progress_step(cr_progress_view *view, const cr_progress *progress);
void cr_progress_epoch(cr_progress_view *view, const cr_epoch *epoch);
void cr_progress_end(cr_progress_view *view); /* removes the bar */

#endif
