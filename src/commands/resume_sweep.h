/* Resume of a sweep, from its directory alone. */
#ifndef CHAINRULE_COMMANDS_RESUME_SWEEP_H
#define CHAINRULE_COMMANDS_RESUME_SWEEP_H

#include "commands/sweep_ranks.h"

typedef struct cr_resumed_sweep {
    const cr_context *context;
    const char *directory;
    const char *const *overrides; /* [count] behind those that it was begun with */
    size_t count;
    const char *jobs; /* the value of -j; NULL */
    bool quiet;
    cr_sweep_ranks *ranks; /* NULL: there are none */
    const char *out;       /* the value of -o, which a sweep does not take; NULL */
} cr_resumed_sweep;

/* Goes on with it. Returns the exit status; errors are reported. */
int cr_resume_sweep(const cr_resumed_sweep *resumed);

#endif
