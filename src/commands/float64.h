/* Some commands need double precision: a difference quotient in single sees no error
 * below about 1e-3. The program in double, chainrule-f64, lies beside this one. */
#ifndef CHAINRULE_COMMANDS_FLOAT64_H
#define CHAINRULE_COMMANDS_FLOAT64_H

#include "commands/command.h"

/* In the build in single precision: becomes chainrule-f64 with the same arguments
 * (argv[0] is the command's name), and returns a status only if that fails. */
int cr_run_in_float64(const cr_context *context, char **argv);

#endif
