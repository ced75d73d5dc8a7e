#include "commands/bar.h"

#include "base/clock.h"
#include "commands/print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    NARROWEST_BAR = 5,
    WIDEST_BAR = 24,
    ROOMY = 60, /* columns, where a text may be cut in favour of the bar */
    LINE = 256,
    LINES = 10
};
static const double redraw_seconds = 0.1, line_seconds = 10;

const char *cr_bar_format_time(double seconds, char out[32])
{
    long whole = seconds < 1e9 ? (long)(seconds + 0.5) : 0;
    if (whole >= 3600)
        snprintf(out, 32, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    else
        snprintf(out, 32, "%ld:%02ld", whole / 60, whole % 60);
    return out;
}

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
    bar->next = bar->began + (bar->terminal ? redraw_seconds : line_seconds);
}

/* On a terminal ten times a second; elsewhere after every tenth of the whole, and when it
 * was long ago. */
bool cr_bar_is_due(cr_bar *bar, double share)
{
    if (bar->quiet)
        return false;
    double clock = cr_clock();
    int tenths = (int)(share * LINES);
    bool due = clock >= bar->next || (!bar->terminal && tenths > bar->tenths);
    if (!due)
        return false;
    bar->next = clock + (bar->terminal ? redraw_seconds : line_seconds);
    bar->tenths = tenths;
    return true;
}

/* Characters on a terminal: those that are not a continuation in UTF-8. */
static int width_of(const char *text)
{
    int width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

/* head [=====>   ] rest */
void cr_bar_draw_between(cr_bar *bar, const char *head, double share, const char *rest)
{
    char line[WIDEST_BAR + 1];
    int room = terminal_width() - 4 - width_of(head); /* brackets, a space, and the last
                                                         column */
    int wide = room - width_of(rest);
    int narrowest = room >= ROOMY ? WIDEST_BAR / 2 : NARROWEST_BAR;
    wide = wide > WIDEST_BAR ? WIDEST_BAR : wide < narrowest ? narrowest : wide;
    int filled = (int)(share * wide);
    for (int i = 0; i < wide; i++)
        line[i] = i < filled ? '=' : i == filled ? '>' : ' ';
    line[wide] = '\0';
    cr_print_to(stderr, "\r%s[%s] %.*s\033[K", head, line, room - wide, rest);
    fflush(stderr);
    bar->drawn = true;
}

bool cr_bar_fits(const char *head, const char *rest)
{
    return terminal_width() - 4 - width_of(head) - width_of(rest) >= NARROWEST_BAR;
}

void cr_bar_draw(cr_bar *bar, double share, const char *rest)
{
    char text[LINE], left[32] = "";
    double seconds = cr_clock() - bar->began;
    if (share > 0)
        cr_bar_format_time(seconds * (1 - share) / share, left);
    snprintf(text, sizeof text, "%s%s%s", *left ? left : "", *left ? " left  " : "",
             rest);
    if (bar->terminal)
        cr_bar_draw_between(bar, "", share, text);
    else
        cr_print_to(stderr, "%s\n", text);
}

void cr_bar_end(cr_bar *bar)
{
    if (bar->drawn)
        fputs("\r\033[K", stderr);
    bar->drawn = false;
}
