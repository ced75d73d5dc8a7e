#include "commands/bar.h"

#include "base/clock.h"
#include "commands/print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LINES = 10 };
static const double redraw_seconds = 0.1, first_seconds = 2, line_seconds = 10;

/* Asked each time: a window changes its size. */
static int terminal_width(void)
{
    struct winsize size;
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : 80;
}

void cr_bar_begin(cr_bar *bar, bool quiet)
{
    *bar = (cr_bar){.quiet = quiet};
    const char *term = getenv("TERM");
    bar->terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
    bar->began = cr_clock();
    bar->next = bar->began + (bar->terminal ? redraw_seconds : first_seconds);
}

static bool is_due(cr_bar *bar, double share, bool by_share)
{
    if (bar->quiet)
        return false;
    double clock = cr_clock();
    int tenths = (int)(share * LINES);
    bool due = clock >= bar->next || (by_share && tenths > bar->tenths);
    if (!due)
        return false;
    bar->next = clock + (bar->terminal ? redraw_seconds : line_seconds);
    bar->tenths = tenths;
    return true;
}

/* On a terminal ten times a second; elsewhere after every tenth of the whole, and when it
 * was long ago. */
bool cr_bar_is_due(cr_bar *bar, double share)
{
    return is_due(bar, share, !bar->terminal);
}

bool cr_bar_is_late(cr_bar *bar, double share)
{
    return is_due(bar, share, false);
}

void cr_bar_add_time_left(const cr_bar *bar, cr_bar_line *line, int rank, double share)
{
    char left[CR_BAR_LINE_TIME];
    double seconds = cr_clock() - bar->began;
    if (share > 0)
        cr_bar_line_add(line, rank, "%s left",
                        cr_bar_line_time(seconds * (1 - share) / share, left));
}

void cr_bar_draw(cr_bar *bar, const cr_bar_line *line)
{
    cr_text text = {0};
    if (bar->terminal)
        cr_bar_line_compose(line, (size_t)terminal_width(), &text);
    else
        cr_bar_line_compose_plain(line, &text);
    if (!text.failed && bar->terminal)
        cr_print_to(stderr, "\r%s\033[K", text.data ? text.data : "");
    else if (!text.failed && text.length > 0)
        cr_print_to(stderr, "%s\n", text.data);
    fflush(stderr);
    bar->drawn = bar->terminal;
    cr_text_finish(&text);
}

void cr_bar_end(cr_bar *bar)
{
    if (bar->drawn)
        fputs("\r\033[K", stderr);
    bar->drawn = false;
}
