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

void cr_progress_begin(cr_progress_view *view, bool quiet, bool classify, size_t epochs,
                       size_t samples)
{
    *view = (cr_progress_view){
        .quiet = quiet, .classify = classify, .epochs = epochs, .samples = samples};
    const char *term = getenv("TERM");
    view->terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
    view->began = cr_clock();
    view->next = view->began + (view->terminal ? redraw_seconds : line_seconds);
}

static int terminal_width(void)
{
    struct winsize size;
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : 80;
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
static int format_rest(const cr_progress_view *view, const cr_progress *p,
                       double left_seconds, bool with_validation, char out[LINE])
{
    char figures[64], validation[48] = "", speed[16], left[32];
    add_figures(view, p->loss, p->accuracy, figures, sizeof figures);
    if (with_validation && view->validation.examples > 0)
        snprintf(validation, sizeof validation, "  validation %.4g",
                 view->classify ? view->validation.accuracy : view->validation.loss);
    double samples = (double)(p->epoch - 1) * (double)view->samples + (double)p->samples;
    return snprintf(out, LINE, "%s%s  %s left  %s samples/s", figures, validation,
                    format_time(left_seconds, left),
                    cr_format_count(p->seconds > 0 ? samples / p->seconds : 0, speed));
}

static void draw_bar(cr_progress_view *view, const cr_progress *p, double clock)
{
    char rest[LINE], head[64], bar[WIDEST_BAR + 1];
    double share = share_done(view, p),
           left = (clock - view->began) * (1 - share) / share;
    int room = terminal_width() - 4; /* brackets, a space, and the last column */
    room -= snprintf(head, sizeof head, "%zu/%zu ", p->epoch, p->epochs);
    int wide = room - format_rest(view, p, left, true, rest);
    if (wide < NARROWEST_BAR)
        wide = room - format_rest(view, p, left, false, rest);
    wide = wide > WIDEST_BAR ? WIDEST_BAR : wide < NARROWEST_BAR ? NARROWEST_BAR : wide;
    int filled = (int)(share * wide);
    for (int i = 0; i < wide; i++)
        bar[i] = i < filled ? '=' : i == filled ? '>' : ' ';
    bar[wide] = '\0';
    fprintf(stderr, "\r%s[%s] %.*s\033[K", head, bar, room - wide, rest);
    fflush(stderr);
    view->drawn = true;
}

void cr_progress_step(cr_progress_view *view, const cr_progress *progress)
{
    if (view->quiet || !view->terminal || ++view->checked < STEPS_BETWEEN_LOOKS)
        return;
    view->checked = 0;
    double clock = cr_clock();
    if (clock < view->next)
        return;
    view->next = clock + redraw_seconds;
    draw_bar(view, progress, clock);
}

/* Without a terminal: a line for every tenth of the epochs, and for any that takes long.
 */
void cr_progress_epoch(cr_progress_view *view, const cr_epoch *epoch)
{
    view->validation = epoch->validation;
    if (view->quiet || view->terminal)
        return;
    double clock = cr_clock();
    size_t before = (epoch->epoch - 1) * LINES / view->epochs;
    bool due = epoch->epoch * LINES / view->epochs > before || clock >= view->next;
    if (!due)
        return;
    view->next = clock + line_seconds;
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
    if (view->drawn)
        fputs("\r\033[K", stderr);
    view->drawn = false;
}
