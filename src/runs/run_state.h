/* What has become of a run, seen from outside. */
#ifndef CHAINRULE_RUNS_RUN_STATE_H
#define CHAINRULE_RUNS_RUN_STATE_H

#include <chainrule/error.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum cr_run_state {
    CR_RUN_NONE, /* it is no run */
    CR_RUN_RUNNING,
    CR_RUN_INTERRUPTED,
    CR_RUN_COMPLETED,
    CR_RUN_STOPPED_EARLY,
    CR_RUN_DIVERGED,
    CR_RUN_FAILED, /* of a sweep: it has ended, and some of its trials failed */
    CR_RUN_STATES
} cr_run_state;

extern const char *const cr_run_state_names[CR_RUN_STATES];

/* Of a directory. Running is what a living process has locked; what is not, and has no
 * summary.json, was interrupted. */
cr_run_state cr_run_state_of(const char *directory);

/* Whether the directory holds a model, which starting anew would overwrite. */
bool cr_run_state_has_model(const char *directory);

/* The last of runs/<name of the config>, runs/<name>-2, … before `but` that was
 * interrupted; NULL without one, or when out of memory. The caller frees it. */
char *cr_run_state_find_interrupted(const char *config_path, const char *but);

#endif
