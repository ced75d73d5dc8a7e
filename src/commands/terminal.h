/* How wide what stdout goes to is. */
#ifndef CHAINRULE_COMMANDS_TERMINAL_H
#define CHAINRULE_COMMANDS_TERMINAL_H

#include <stddef.h>

/* Columns of a line: COLUMNS of the environment if that is a number, else the terminal's,
 * else 120; 40 at least. */
size_t cr_terminal_width(void);

#endif
