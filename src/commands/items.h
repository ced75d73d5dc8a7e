/* What stands on the command line besides options: items, and overrides among them in any
 * order. */
#ifndef CHAINRULE_COMMANDS_ITEMS_H
#define CHAINRULE_COMMANDS_ITEMS_H

#include "commands/command.h"

/* The item that stands for standard input. */
#define CR_STANDARD_INPUT "-"

/* Parts the items from the overrides behind them, both in their order, where the command
 * takes some. */
void cr_items_sort(const cr_command *command, cr_arguments *arguments);

/* False, with an error, where there are more items than the command takes. */
CR_MUST_CHECK bool cr_items_check(const cr_command *command,
                                  const cr_arguments *arguments, cr_error *err);

/* Reads standard input into *text, which the caller frees, and arguments->input if a
 * config is "-". */
CR_MUST_CHECK bool cr_items_read_input(const cr_command *command, cr_arguments *arguments,
                                       char **text, cr_error *err);

#endif
