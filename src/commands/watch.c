/* chainrule watch: a run or a sweep that goes on elsewhere, in the terminal. */
#include "base/clock.h"
#include "commands/command.h"
#include "commands/kind.h"
#include "commands/watch_run.h"
#include "commands/watch_sweep.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>

enum { ONCE, FLAGS };

static const cr_flag flags[FLAGS] = {
    [ONCE] = {0, "once", NULL, "show how it is now, and end"},
};

static const char details[] =
    "DIR is that of a run or a sweep, which goes on in another terminal, or on another\n"
    "machine that has the same disk. Files are read, and none is written. It is "
    "followed\n"
    "until it ends, or q or Ctrl-C is pressed; where stdout is no terminal, by a line\n"
    "now and then. What has ended shows how it ended.\n"
    "\n"
    "Exit status: 0, it ended well, or (with --once, or at q) still runs; 1, it\n"
    "diverged, failed or was interrupted; 2, there is no such run; 130, Ctrl-C.\n"
    "\n"
    "Examples:\n"
    "  chainrule watch runs/digits\n"
    "  chainrule watch runs/digits && chainrule eval runs/digits\n";

static const double tick_seconds = 0.25, line_seconds = 10;
enum { SHARE_OF_TIME = 10 }; /* of it, at most one is spent on looking */

typedef struct watch {
    bool is_sweep;
    cr_watch_run run;
    cr_watch_sweep sweep;
    cr_run_state said; /* of the last line */
    double said_at, said_share;
} watch;

static bool look(watch *w, cr_error *err)
{
    return w->is_sweep ? cr_watch_sweep_look(&w->sweep, err)
                       : cr_watch_run_look(&w->run, err);
}

static cr_run_state state_of(const watch *w)
{
    return w->is_sweep ? w->sweep.state : w->run.state;
}

static void draw(const watch *w, cr_screen *screen)
{
    cr_screen_clear(screen);
    if (w->is_sweep)
        cr_watch_sweep_draw(&w->sweep, screen);
    else
        cr_watch_run_draw(&w->run, screen);
    cr_screen_draw(screen);
}

/* A line after every tenth, when the last was long ago, and when the state changes. */
static void say(watch *w)
{
    double share = w->is_sweep ? w->sweep.share : w->run.share, now = cr_clock();
    bool due = state_of(w) != w->said || now - w->said_at >= line_seconds ||
               floor(share * 10) > floor(w->said_share * 10);
    cr_bar_line line = {0};
    cr_text text = {0};
    if (!due)
        return;
    if (w->is_sweep) {
        cr_watch_sweep_add_progress(&w->sweep, &line);
        cr_watch_sweep_add_best(&w->sweep, &line);
    } else {
        cr_watch_run_add_progress(&w->run, &line);
        cr_watch_run_add_figures(&w->run, &line);
    }
    cr_bar_line_compose_plain(&line, &text);
    if (!text.failed && text.data)
        cr_print("%s\n", text.data);
    fflush(stdout);
    cr_text_finish(&text);
    cr_bar_line_finish(&line);
    w->said = state_of(w);
    w->said_at = now;
    w->said_share = share;
}

/* Until it ends, a signal comes, or the user has seen enough. */
static bool follow(watch *w, cr_screen *screen, bool once, const cr_context *context,
                   cr_error *err)
{
    bool going = true;
    while (going) {
        double began = cr_clock();
        if (!look(w, err))
            return false;
        if (once || screen->in_place)
            draw(w, screen);
        else
            say(w);
        double pause = fmax(tick_seconds, (cr_clock() - began) * SHARE_OF_TIME);
        going = !once && state_of(w) == CR_RUN_RUNNING && *context->signal == 0 &&
                !ferror(stdout) && cr_screen_wait(screen, pause) && *context->signal == 0;
    }
    return true;
}

/* A run whose first file is not there yet is given a moment. */
static bool find(const char *directory, bool *is_sweep, cr_error *err)
{
    struct stat status;
    if (stat(directory, &status) != 0)
        return cr_fail(err, CR_E_USAGE,
                       "%s: there is no such directory; if it is yet to come, start what "
                       "makes it first, and then watch",
                       directory);
    for (int i = 0; i < 10; i++) {
        *is_sweep = cr_kind_of(directory) == CR_KIND_SWEEP;
        if (*is_sweep || cr_run_state_of(directory) != CR_RUN_NONE)
            return true;
        cr_clock_sleep(0.02);
    }
    if (!cr_kind_check_run(directory, err))
        return false;
    return cr_fail(err, CR_E_USAGE,
                   "%s: neither a run that was trained nor a sweep; chainrule runs %s "
                   "lists those in it",
                   directory, directory);
}

static int run(const cr_context *context, const cr_arguments *arguments)
{
    cr_error err = CR_ERROR_INIT;
    watch w = {0};
    cr_screen screen;
    bool once = arguments->values[ONCE] != NULL;
    if (arguments->count > 1)
        return cr_command_usage(&cr_command_watch, "watch takes one DIR, found %zu",
                                arguments->count);
    w.run.directory = w.sweep.directory = arguments->items[0];
    if (!find(arguments->items[0], &w.is_sweep, &err))
        return cr_command_error(&err);
    cr_screen_begin(&screen, !once);
    bool good = follow(&w, &screen, once, context, &err);
    cr_screen_end(&screen);
    cr_run_state state = state_of(&w);
    cr_watch_run_finish(&w.run);
    cr_watch_sweep_finish(&w.sweep);
    if (!good)
        return cr_command_error(&err);
    if (*context->signal != 0)
        return 128 + (int)*context->signal;
    return state == CR_RUN_RUNNING || state == CR_RUN_COMPLETED ||
                   state == CR_RUN_STOPPED_EARLY
               ? CR_EXIT_DONE
               : CR_EXIT_FAILED;
}

const cr_command cr_command_watch = {
    .name = "watch",
    .arguments = "DIR [--once]",
    .summary = "Watch a run or a sweep that goes on elsewhere.",
    .flags = flags,
    .flag_count = FLAGS,
    .details = details,
    .missing = "which DIR?",
    .stops = "",
    .run = run,
};
