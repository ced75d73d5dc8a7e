/* What has become of a sweep, seen from outside. */
#ifndef CHAINRULE_SWEEP_SWEEP_STATE_H
#define CHAINRULE_SWEEP_SWEEP_STATE_H

#include "base/text.h"
#include "runs/run_state.h"

typedef struct cr_sweep_state {
    cr_run_state state;  /* running, interrupted, completed, or failed */
    size_t done, trials; /* of `trials`, so many have ended other than by failing */
    size_t failed;
    cr_text
        overrides; /* that it was begun with, "a=1 b=2"; no data: none, or not known */
} cr_sweep_state;

/* Of a sweep's directory. False with err; cr_sweep_state_finish in any case. */
CR_MUST_CHECK bool cr_sweep_state_read(const char *directory, cr_sweep_state *state,
                                       cr_error *err);
void cr_sweep_state_finish(cr_sweep_state *state);

#endif
