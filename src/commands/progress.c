#include "commands/progress.h"

#include "base/clock.h"

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
    STEPS_BETWEEN_LOOKS = 8,
    LINES = 10
};
static const double redraw_seconds = 0.1, line_seconds = 10;

const char *cr_format_count(double count, char out[16])
{
    static const char units[] = " kMGT";
    size_t unit = 0;
    while (count >= 999.5 && unit < 4) {
        count /= 1000;
        unit++;
    }
    int digits = count < 10 && unit > 0 ? 2 : count < 100 && unit > 0 ? 1 : 0;
    snprintf(out, 16, "%.*f%.*s", digits, count, unit > 0, &units[unit]);
    return out;
}

static const char *format_time(double seconds, char out[32])
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
static void draw(cr_bar *bar, const char *head, double share, const char *rest)
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
    fprintf(stderr, "\r%s[%s] %.*s\033[K", head, line, room - wide, rest);
    fflush(stderr);
    bar->drawn = true;
}

void cr_bar_draw(cr_bar *bar, double share, const char *rest)
{
    char text[LINE], left[32] = "";
    double seconds = cr_clock() - bar->began;
    if (share > 0)
        format_time(seconds * (1 - share) / share, left);
    snprintf(text, sizeof text, "%s%s%s", *left ? left : "", *left ? " left  " : "",
             rest);
    if (bar->terminal)
        draw(bar, "", share, text);
    else
        fprintf(stderr, "%s\n", text);
}

void cr_bar_end(cr_bar *bar)
{
    if (bar->drawn)
        fputs("\r\033[K", stderr);
    bar->drawn = false;
}

void cr_progress_begin(cr_progress_view *view, bool quiet, bool classify, size_t epochs,
                       size_t samples)
{
    *view =
        (cr_progress_view){.classify = classify, .epochs = epochs, .samples = samples};
    cr_bar_begin(&view->bar, quiet);
}

/* "loss 0.123  accuracy 0.9712", for any figures */
static void add_figures(const cr_progress_view *view, double loss, double score,
                        char *out, size_t size)
{
    if (view->classify)
        snprintf(out, size, "loss %.4g  accuracy %.4f", loss, score);
    else
        snprintf(out, size, "loss %.5g", loss);
}

/* What has passed of the whole run, from 0 to 1. */
static double share_done(const cr_progress_view *view, const cr_progress *p)
{
    double epochs = (double)(p->epoch - 1) + (double)p->samples / (double)view->samples;
    return epochs / (double)view->epochs;
}

/* What stands behind the bar; the validation figure is left out where the terminal is
 * narrow. */
static void format_rest(const cr_progress_view *view, const cr_progress *p,
                        double left_seconds, bool with_validation, char out[LINE])
{
    char figures[64], validation[48] = "", speed[16], left[32];
    add_figures(view, p->loss, p->accuracy, figures, sizeof figures);
    if (with_validation && view->validation.examples > 0)
        snprintf(validation, sizeof validation, "  validation %.4g",
                 view->classify ? view->validation.accuracy : view->validation.loss);
    double samples = (double)(p->epoch - 1) * (double)view->samples + (double)p->samples;
    snprintf(out, LINE, "%s%s  %s left  %s samples/s", figures, validation,
             format_time(left_seconds, left),
             cr_format_count(p->seconds > 0 ? samples / p->seconds : 0, speed));
}

static void draw_progress(cr_progress_view *view, const cr_progress *p, double clock)
{
    char rest[LINE], head[64];
    double share = share_done(view, p),
           left = (clock - view->bar.began) * (1 - share) / share;
    snprintf(head, sizeof head, "%zu/%zu ", p->epoch, p->epochs);
    format_rest(view, p, left, true, rest);
    if (terminal_width() - 4 - width_of(head) - width_of(rest) < NARROWEST_BAR)
        format_rest(view, p, left, false, rest);
    draw(&view->bar, head, share, rest);
}

void cr_progress_step(cr_progress_view *view, const cr_progress *progress)
{
    if (!view->bar.terminal || ++view->checked < STEPS_BETWEEN_LOOKS)
        return;
    view->checked = 0;
    if (cr_bar_is_due(&view->bar, share_done(view, progress)))
        draw_progress(view, progress, cr_clock());
}

/* Without a terminal: a line for every tenth of the epochs, and for any that takes long.
 */
void cr_progress_epoch(cr_progress_view *view, const cr_epoch *epoch)
{
    view->validation = epoch->validation;
    double share = (double)epoch->epoch / (double)view->epochs;
    if (view->bar.terminal || !cr_bar_is_due(&view->bar, share))
        return;
    char train[64], validation[64];
    add_figures(view, epoch->train.loss, epoch->train.accuracy, train, sizeof train);
    add_figures(view, epoch->validation.loss, epoch->validation.accuracy, validation,
                sizeof validation);
    fprintf(stderr, "epoch %zu/%zu  %s%s%s\n", epoch->epoch, view->epochs, train,
            epoch->validation.examples ? "  validation: " : "",
            epoch->validation.examples ? validation : "");
}

void cr_progress_end(cr_progress_view *view)
{
    cr_bar_end(&view->bar);
}
