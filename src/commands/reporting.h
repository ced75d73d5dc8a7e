/* Writing the page of `report`, which train and sweep do at their end too. */
#ifndef CHAINRULE_COMMANDS_REPORTING_H
#define CHAINRULE_COMMANDS_REPORTING_H

#include "commands/command.h"

/* The option of commands that write one at their end. */
#define CR_REPORTING_FLAG                                                                \
    {                                                                                    \
        0, "report", "FILE", "at the end also write a page to look at, as report does"   \
    }

/* Whether the page may be written there, before anything else is done. out NULL: there is
 * to be none. config: that of the run, whose files it must not be; NULL: not known. */
CR_MUST_CHECK bool cr_reporting_check(const char *out, const cr_json *config,
                                      cr_error *err);

/* Checks this once more, for files that have come about since, and writes the page about the
 * directories, with a warning for each that cannot be shown; says where it is unless quiet. */
CR_MUST_CHECK bool cr_reporting_write(const cr_context *context, const char *out,
                                      const char *const *directories, size_t count,
                                      bool quiet, cr_error *err);

/* The page about a directory whose work has ended, well or not, with this exit status. out
 * NULL: none. Returns the exit status; errors are reported. */
int cr_reporting_end(const cr_context *context, const char *out, const char *directory,
                     bool quiet, int status);

#endif
