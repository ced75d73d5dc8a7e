#include "commands/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { PLAIN = 120, NARROWEST = 40, WIDEST = 10000 };

size_t cr_terminal_width(void)
{
    struct winsize size;
    const char *given = getenv("COLUMNS");
    long columns = given ? strtol(given, NULL, 10) : 0;
    if (columns <= 0 && isatty(STDOUT_FILENO) &&
        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        columns = size.ws_col;
    if (columns <= 0 || columns > WIDEST)
        return PLAIN;
    return columns < NARROWEST ? NARROWEST : (size_t)columns;
}
