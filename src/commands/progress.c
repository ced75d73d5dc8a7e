#include "commands/progress.h"

#include "base/clock.h"
#include "commands/figures.h"
#include "commands/print.h"

#include <stdio.h>

enum { LINE = 256, STEPS_BETWEEN_LOOKS = 8 };

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
             cr_bar_format_time(left_seconds, left),
             cr_figures_format_count(p->seconds > 0 ? samples / p->seconds : 0, speed));
}

static void draw_progress(cr_progress_view *view, const cr_progress *p, double clock)
{
    char rest[LINE], head[64];
    double share = share_done(view, p),
           left = (clock - view->bar.began) * (1 - share) / share;
    snprintf(head, sizeof head, "%zu/%zu ", p->epoch, p->epochs);
    format_rest(view, p, left, true, rest);
    if (!cr_bar_fits(head, rest))
        format_rest(view, p, left, false, rest);
    cr_bar_draw_between(&view->bar, head, share, rest);
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
    cr_print_to(stderr, "epoch %zu/%zu  %s%s%s\n", epoch->epoch, view->epochs, train,
                epoch->validation.examples ? "  validation: " : "",
                epoch->validation.examples ? validation : "");
}

void cr_progress_end(cr_progress_view *view)
{
    cr_bar_end(&view->bar);
}
