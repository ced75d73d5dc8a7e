/* What sweep and resume have in common: a sweep at work in its directory. */
#ifndef CHAINRULE_COMMANDS_SWEEPING_H
#define CHAINRULE_COMMANDS_SWEEPING_H

#include "commands/command.h"
#include "commands/sweep_ranks.h"
#include "sweep/store.h"

enum { CR_MOST_JOBS = 1024 };

typedef struct cr_sweeping {
    const cr_context *context;
    cr_sweep_plan *plan;
    cr_store *store; /* open */
    const char *directory;
    size_t workers;
    bool quiet;
    bool failed_alone;     /* to run trials that have failed, and no others */
    cr_sweep_ranks *ranks; /* NULL: there are none */
} cr_sweeping;

/* Opens the directory's database for the plan, or makes it; warns of what there is to warn
 * of. grows: a sweep that is a part of the plan's becomes the plan's, which is said. *other:
 * it failed because of another sweep. NULL with err. */
CR_MUST_CHECK cr_store *cr_sweeping_open(const char *directory, cr_sweep_plan *plan,
                                         bool grows, bool *other, cr_error *err);

/* Runs what is not done yet, with progress, until a signal; prints what came of it.
 * Returns the exit status; errors are reported. */
int cr_sweeping_run(const cr_sweeping *sweeping);

/* "optimizer.learning_rate=0.1 model.layers.0.units=64", to the bit, or as short as will
 * do to look at. */
void cr_sweeping_add_values(const cr_sweep_plan *plan, size_t setting, bool exact,
                            cr_text *out);

/* The value of -j; NULL: one a processor, or with ranks one of each. False for what is no
 * such number. */
bool cr_sweeping_read_jobs(const char *text, const cr_sweep_ranks *ranks, size_t *jobs);

#endif
