/* How a sweep was begun: <directory>/sweep.json, which is enough to go on with it from its
 * directory alone (the config's text is in sweep.db), and whether it has been finished. */
#ifndef CHAINRULE_SWEEP_SWEEP_COMMAND_H
#define CHAINRULE_SWEEP_SWEEP_COMMAND_H

#include "sweep/sweep_plan.h"

typedef struct cr_sweep_command {
    cr_document document;   /* the file; owns the texts */
    const char *config;     /* absolute path, where it was then */
    const char *directory;  /* the current directory then, for paths in overrides */
    const char **overrides; /* [count] */
    size_t count;
    bool completed;
} cr_sweep_command;

/* Writes the plan's command into the sweep's directory. mixture: as in cr_sweep_options. */
CR_MUST_CHECK bool cr_sweep_command_write(const char *directory,
                                          const cr_sweep_plan *plan, const char *mixture,
                                          bool completed, cr_error *err);

/* Reads it. False with err; then, and without a file in particular, *command is zeros.
 * cr_sweep_command_finish in any case. */
CR_MUST_CHECK bool cr_sweep_command_read(const char *directory, cr_sweep_command *command,
                                         cr_error *err);
void cr_sweep_command_finish(cr_sweep_command *command);

#endif
