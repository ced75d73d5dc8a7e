#include "commands/progress.h"

#include "commands/figures.h"
#include "commands/print.h"

#include <stdio.h>

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

/* What matters most in a narrow window: how far it is, and how long it will take. */
enum { EPOCH, LEFT, BAR, LOSS, ACCURACY, VALIDATION, SPEED };

static void draw_progress(cr_progress_view *view, const cr_progress *p)
{
    cr_bar_line line = {0};
    char speed[16];
    double share = share_done(view, p);
    double samples = (double)(p->epoch - 1) * (double)view->samples + (double)p->samples;
    bool plain = !view->bar.terminal;
    cr_bar_line_add(&line, EPOCH, "%s%zu/%zu", plain ? "epoch " : "", p->epoch,
                    p->epochs);
    if (plain)
        cr_bar_line_add(&line, EPOCH, "step %zu/%zu", p->step, p->epoch_steps);
    cr_bar_line_add_bar(&line, BAR, share);
    cr_bar_line_add(&line, LOSS, view->classify ? "loss %.4g" : "loss %.5g", p->loss);
    if (view->classify)
        cr_bar_line_add(&line, ACCURACY, "accuracy %.4f", p->accuracy);
    if (view->validation.examples > 0)
        cr_bar_line_add(
            &line, VALIDATION, view->classify ? "validation %.4f" : "validation %.5g",
            view->classify ? view->validation.accuracy : view->validation.loss);
    cr_bar_add_time_left(&view->bar, &line, LEFT, share);
    if (p->seconds > 0)
        cr_bar_line_add(&line, SPEED, "%s samples/s",
                        cr_figures_format_count(samples / p->seconds, speed));
    cr_bar_draw(&view->bar, &line);
    cr_bar_line_finish(&line);
}

void cr_progress_step(cr_progress_view *view, const cr_progress *progress)
{
    if (cr_bar_is_late(&view->bar, share_done(view, progress)))
        draw_progress(view, progress);
}

/* Without a terminal: a line for every tenth of the epochs, besides those that come within
 * epochs that take long. */
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
