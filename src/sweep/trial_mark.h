/* Which of the runs in <sweep>/trials/ the sweep made itself: the mark of one is the empty
 * file <sweep>/.made/<number>. A directory without it is somebody's own, and stays. */
#ifndef CHAINRULE_SWEEP_TRIAL_MARK_H
#define CHAINRULE_SWEEP_TRIAL_MARK_H

#include <chainrule/error.h>

/* Marks the directory trials/<number>, which is not there or empty, as the sweep's own. */
CR_MUST_CHECK bool cr_trial_mark_claim(const char *run, cr_error *err);

/* Removes the run if it has the mark, and then the mark. */
void cr_trial_mark_remove(const char *run);

#endif
