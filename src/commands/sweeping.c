#include "commands/sweeping.h"

#include "base/memory.h"
#include "base/number.h"
#include "commands/bar.h"
#include "math/blas.h"
#include "runs/progress_file.h"
#include "sweep/sweep.h"
#include "sweep/sweep_growth.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct session {
    const cr_sweeping *sweeping;
    cr_rank_session *ranks; /* NULL: there are none */
    cr_bar bar;
    cr_progress_file file;
} session;

/* The signal that asks to stop, this process or another rank; 0: none. */
static int find_signal(const session *s)
{
    int own = (int)*s->sweeping->context->signal;
    return own == 0 && s->ranks ? cr_rank_session_signal(s->ranks) : own;
}

/* "optimizer.learning_rate=0.1 model.layers.0.units=64", to the bit, or as short as will
 * do to look at. */
void cr_sweeping_add_values(const cr_sweep_plan *plan, size_t setting, bool exact,
                            cr_text *out)
{
    for (size_t i = 0; i < plan->section.parameter_count; i++) {
        char *value = cr_sweep_section_value(&plan->section, setting, i);
        double number = 0;
        cr_text_add(out, "%s%s=", i ? " " : "", plan->section.parameters[i].path);
        if (!exact && value && cr_number_parse(value, strlen(value), &number))
            cr_text_add(out, "%.4g", number);
        else
            cr_text_add(out, "%s", value ? value : "?");
        cr_free(value);
    }
}

/* What matters most in a narrow window. */
enum { DONE, LEFT, BAR, FAILED, BEST, DIVERGED, RUNG, RUNNING, VALUES };

static void draw_progress(session *s, const cr_sweep_progress *p)
{
    cr_bar_line line = {0};
    cr_text values = {0};
    cr_bar_line_add_bar(&line, BAR, p->share);
    cr_bar_add_time_left(&s->bar, &line, LEFT, p->share);
    cr_bar_line_add(&line, DONE, "%zu/%zu trials", p->done, p->total);
    if (p->rungs > 0)
        cr_bar_line_add(&line, RUNG, "rung %zu of %zu", p->rung, p->rungs);
    cr_bar_line_add(&line, RUNNING, "%zu running", p->running);
    if (p->diverged > 0)
        cr_bar_line_add(&line, DIVERGED, "%zu diverged", p->diverged);
    if (p->failed > 0)
        cr_bar_line_add(&line, FAILED, "%zu failed", p->failed);
    if (p->has_best) {
        cr_bar_line_add(&line, BEST, "best %.4g", p->best.score);
        cr_sweeping_add_values(s->sweeping->plan, p->best.setting, false, &values);
        if (values.length > 0 && !values.failed)
            cr_bar_line_add(&line, VALUES, "%s", values.data);
    }
    cr_bar_draw(&s->bar, &line);
    cr_text_finish(&values);
    cr_bar_line_finish(&line);
}

/* What is not in the database. */
static void leave_word(session *s, const cr_sweep_progress *p)
{
    const cr_progress_number numbers[] = {
        {"done", (double)p->done},       {"total", (double)p->total},
        {"running", (double)p->running}, {"rung", (double)p->rung},
        {"rungs", (double)p->rungs},     {"share", p->share},
        {"time_s", p->seconds}};
    cr_progress_file_write(&s->file, numbers, CR_COUNT(numbers));
}

static bool on_progress(void *user, const cr_sweep_progress *p)
{
    session *s = user;
    if (cr_progress_file_is_due(&s->file))
        leave_word(s, p);
    if (cr_bar_is_due(&s->bar, p->share))
        draw_progress(s, p);
    return find_signal(s) == 0;
}

static void print_result(const cr_sweep_plan *plan, const char *directory,
                         const cr_sweep_progress *p)
{
    cr_print("%zu of %zu trials done in %.3g s (%zu epochs)", p->done - p->failed,
             p->total, p->seconds, p->epochs);
    if (p->diverged > 0)
        cr_print(", %zu diverged", p->diverged);
    if (p->failed > 0)
        cr_print(", %zu failed", p->failed);
    cr_print("\n");
    if (p->has_best) {
        cr_text values = {0};
        cr_sweeping_add_values(plan, p->best.setting, true, &values);
        cr_print("best %s: %.4g%s%s\n", plan->section.judge.metric.name, p->best.score,
                 values.data ? ", " : "", values.data ? values.data : "");
        cr_print("its model: %s/best\n", directory);
        cr_text_finish(&values);
    }
    cr_print("chainrule runs %s shows all\n", directory);
}

static int report(const cr_sweeping *s, int signal, const cr_sweep_progress *p)
{
    if (signal != 0) {
        cr_print_to(
            stderr,
            "chainrule: interrupted: %zu of %zu trials done; the same command goes "
            "on, or chainrule resume %s\n",
            p->done - p->failed, p->total, s->directory);
        return 128 + signal;
    }
    if (p->failed == 0)
        return CR_EXIT_DONE;
    cr_print_to(
        stderr,
        "chainrule: error: %zu trial%s failed; chainrule runs %s says why; the same "
        "command tries again\n",
        p->failed, p->failed == 1 ? "" : "s", s->directory);
    return CR_EXIT_FAILED;
}

bool cr_sweeping_read_jobs(const char *text, const cr_sweep_ranks *ranks, size_t *jobs)
{
    double number = ranks ? 1 : cr_blas_processors();
    if (text && !cr_number_parse(text, strlen(text), &number))
        return false;
    *jobs = (size_t)number;
    return number >= 1 && number <= CR_MOST_JOBS && number == floor(number);
}

/* Runs it, and prints what came of it. */
static int run(session *s)
{
    const cr_sweeping *sweeping = s->sweeping;
    cr_error err = CR_ERROR_INIT;
    cr_sweep_progress last = {0};
    cr_sweep_options options = {.directory = sweeping->directory,
                                .workers = sweeping->workers,
                                .on_progress = on_progress,
                                .failed_alone = sweeping->failed_alone,
                                .user = s};
    if (s->ranks) {
        options.transport = &cr_rank_pool;
        options.link = s->ranks;
        options.workers = cr_rank_session_workers(s->ranks);
        options.mixture = cr_rank_session_mixture(s->ranks);
    }
    cr_bar_begin(&s->bar, sweeping->quiet);
    cr_progress_file_begin(&s->file, sweeping->directory);
    bool good = cr_sweep_run(sweeping->plan, sweeping->store, &options, &last, &err);
    cr_progress_file_end(&s->file);
    cr_bar_end(&s->bar);
    if (good && !sweeping->quiet)
        print_result(sweeping->plan, sweeping->directory, &last);
    return good ? report(sweeping, find_signal(s), &last) : cr_command_error(&err);
}

cr_store *cr_sweeping_open(const char *directory, cr_sweep_plan *plan, bool grows,
                           bool *other, cr_error *err)
{
    cr_text warnings = {0};
    size_t kept = 0;
    cr_store *store = cr_store_open(directory, plan, other, &warnings, err);
    cr_command_warn(warnings.data ? warnings.data : "");
    cr_text_finish(&warnings);
    if (store || !*other || !grows)
        return store;
    *err = (cr_error)CR_ERROR_INIT;
    store = cr_sweep_growth_open(directory, plan, &kept, err);
    if (store)
        cr_print_to(stderr,
                    "chainrule: %s: the sweep grows; %zu trial%s that ended stay%s as "
                    "they are\n",
                    directory, kept, kept == 1 ? "" : "s", kept == 1 ? "s" : "");
    return store;
}

int cr_sweeping_run(const cr_sweeping *sweeping)
{
    cr_error err = CR_ERROR_INIT;
    session s = {.sweeping = sweeping};
    if (!sweeping->ranks)
        return run(&s);
    s.ranks =
        cr_sweep_ranks_begin(sweeping->ranks, sweeping->plan, sweeping->quiet, &err);
    if (!s.ranks)
        return cr_command_error(&err);
    int status = run(&s);
    cr_rank_session_finish(s.ranks, false);
    return status;
}
