/* chainrule sweep: many trials of one config, on every core, into one database. */
#include "sweep/sweep.h"
#include "base/clock.h"
#include "base/directory.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/path.h"
#include "base/text.h"
#include "commands/bar.h"
#include "commands/command.h"
#include "commands/kind.h"
#include "commands/progress.h"
#include "math/blas.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { OUT, JOBS, SHARD, DRY_RUN, QUIET, FLAGS };
enum { MOST_DIRECTORIES = 100000, MOST_JOBS = 1024 };

static const cr_flag flags[FLAGS] = {
    [OUT] = {'o', "out", "DIR",
             "the sweep's directory (default: runs/<config name>, then -2, -3, …)"},
    [JOBS] = {'j', "jobs", "N",
              "worker processes, one thread each (default: one a processor)"},
    [SHARD] = {0, "shard", "K/N",
               "run only the K-th of N parts of the trials (K from 1)"},
    [DRY_RUN] = {'n', "dry-run", NULL, "list the trials and what they cost; run none"},
    [QUIET] = {'q', "quiet", NULL, "print errors and warnings only"},
};

static const char details[] =
    "Runs the trials that the config's \"sweep\" section describes. The same command "
    "again\n"
    "takes up what is not done yet: trials that failed, or that were interrupted.\n"
    "Trials and their metrics are in DIR/sweep.db (SQLite), the best model in DIR/best.\n"
    "\n"
    "Examples:\n"
    "  chainrule sweep configs/sweeps/digits_grid.json\n"
    "  chainrule runs runs/digits_grid\n"
    "  chainrule predict runs/digits_grid/best new.csv\n"
    "  chainrule sweep big.json --shard $SLURM_ARRAY_TASK_ID/20 -o "
    "parts/$SLURM_ARRAY_TASK_ID\n";

typedef struct session {
    const cr_context *context;
    const cr_sweep_plan *plan;
    cr_bar bar;
} session;

/* "optimizer.learning_rate=0.1 model.layers.0.units=64", to the bit, or as short as will
 * do to look at. */
static void add_values(const cr_sweep_plan *plan, size_t setting, bool exact,
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
        add_values(s->plan, p->best.setting, false, &values);
        if (values.length > 0 && !values.failed)
            cr_bar_line_add(&line, VALUES, "%s", values.data);
    }
    cr_bar_draw(&s->bar, &line);
    cr_text_finish(&values);
    cr_bar_line_finish(&line);
}

static bool on_progress(void *user, const cr_sweep_progress *p)
{
    session *s = user;
    if (cr_bar_is_due(&s->bar, p->share))
        draw_progress(s, p);
    return *s->context->signal == 0;
}

/* Seconds that a floating-point operation takes, from a short run of the costliest
 * setting. */
static double measure(const cr_sweep_plan *plan, cr_error *err)
{
    const cr_sweep_workload *w = &plan->workload;
    size_t costly = 0;
    for (size_t i = 0; i < w->settings; i++)
        if (w->costs[i] > w->costs[costly])
            costly = i;
    cr_experiment *e =
        cr_sweep_plan_experiment(plan, costly * w->trials_per_setting, err);
    if (!e)
        return NAN;
    double epochs = (double)e->training.epochs;
    double rows = (double)e->data->parts[CR_PART_TRAIN].count;
    cr_result result = {0};
    e->training.max_seconds = 0.1;
    bool good = cr_train(e, NULL, &result, NULL);
    cr_experiment_destroy(e);
    return good ? epochs * rows / result.samples_per_second / w->costs[costly] : NAN;
}

static void print_trial(const cr_sweep_plan *plan, size_t number)
{
    cr_trial t = cr_sweep_plan_trial(plan, number);
    cr_text values = {0};
    add_values(plan, t.setting, false, &values);
    cr_print("%7zu  %8lld", number, (long long)t.seed);
    if (plan->data_count > 1)
        cr_print("  %4zu", t.fold);
    cr_print("  %8.3g  %s\n", plan->workload.costs[t.setting] / 1e9,
             values.data ? values.data : "");
    cr_text_finish(&values);
}

/* Returns the share of their epochs that the trials get. */
static double print_rungs(const cr_sweep_plan *plan)
{
    cr_rung rungs[CR_MOST_RUNGS];
    size_t count = plan->section.method->schedule->rungs(&plan->workload, rungs);
    double epochs = 0, most = (double)plan->workload.epochs;
    for (size_t i = 0; i < count; i++) {
        double before = i ? (double)rungs[i - 1].epochs : 0;
        epochs += (double)rungs[i].settings * ((double)rungs[i].epochs - before);
        cr_print("rung %zu: %zu settings up to epoch %zu\n", i + 1, rungs[i].settings,
                 rungs[i].epochs);
    }
    return epochs / (most * (double)(plan->section.settings - plan->duplicates));
}

static int dry_run(const cr_sweep_plan *plan, size_t workers)
{
    size_t count = 0;
    double cost = 0;
    cr_print("  trial      seed%s   GFLOP  values\n",
             plan->data_count > 1 ? "  fold" : "");
    for (size_t i = 0; i < plan->trials; i++)
        if (plan->workload.included[i]) {
            print_trial(plan, i);
            count++;
            cost += plan->workload.costs[cr_sweep_plan_trial(plan, i).setting];
        }
    if (plan->section.method->schedule->rungs)
        cost *= print_rungs(plan);
    cr_print("%zu trials", count);
    if (plan->duplicates > 0)
        cr_print(" (%zu of %zu settings are the same as others, and left out)",
                 plan->duplicates, plan->section.settings);
    double seconds = cost * measure(plan, NULL) / (double)workers;
    cr_print(", %.3g GFLOP", cost / 1e9);
    if (!isnan(seconds))
        cr_print("; about %.2g s with %zu worker%s", seconds, workers,
                 workers == 1 ? "" : "s");
    cr_print("\n");
    return CR_EXIT_DONE;
}

/* Tries the directory; *other when it belongs to something else. */
static cr_store *open_directory(const char *path, const cr_sweep_plan *plan, bool *other,
                                cr_error *err)
{
    cr_text warnings = {0};
    struct stat status;
    *other = false;
    if (!cr_store_exists(path) && stat(path, &status) == 0 &&
        !cr_directory_is_empty(path)) {
        *other = true;
        cr_fail(err, CR_E_USAGE,
                "%s: it exists already, and holds no sweep; choose another directory "
                "with -o, or remove this one",
                path);
        return NULL;
    }
    cr_store *store = cr_store_open(path, plan, other, &warnings, err);
    cr_command_warn(warnings.data ? warnings.data : "");
    cr_text_finish(&warnings);
    return store;
}

/* The directory of -o, or the first of runs/<name>, -2, … that holds this sweep or does
 * not exist. *path is the caller's to free. */
static cr_store *find_directory(const cr_sweep_plan *plan, const char *out, char **path,
                                cr_error *err)
{
    bool other = true;
    if (out) {
        *path = cr_text_copy(out, strlen(out), err);
        return *path ? open_directory(out, plan, &other, err) : NULL;
    }
    char *stem = cr_path_stem(plan->document.name, err);
    cr_store *store = NULL;
    for (int i = 1; stem && !store && other && i < MOST_DIRECTORIES; i++) {
        cr_text text = {0};
        cr_text_add(&text, "runs/%s", stem);
        if (plan->shard.count > 1)
            cr_text_add(&text, "-%zu-of-%zu", plan->shard.index + 1, plan->shard.count);
        if (i > 1)
            cr_text_add(&text, "-%d", i);
        cr_free(*path);
        *path = text.data;
        *err = (cr_error)CR_ERROR_INIT;
        store = open_directory(text.data, plan, &other, err);
    }
    cr_free(stem);
    if (!store && err->code == CR_E_IO) {
        const cr_error why = *err;
        *err = (cr_error)CR_ERROR_INIT;
        cr_fail(err, CR_E_IO, "%s; choose another place with -o DIR", why.text);
    }
    return store;
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
        add_values(plan, p->best.setting, true, &values);
        cr_print("best %s: %.4g%s%s\n", plan->section.judge.metric.name, p->best.score,
                 values.data ? ", " : "", values.data ? values.data : "");
        cr_print("its model: %s/best\n", directory);
        cr_text_finish(&values);
    }
    cr_print("chainrule runs %s shows all\n", directory);
}

static int report(const session *s, const char *directory, const cr_sweep_progress *p)
{
    if (*s->context->signal != 0) {
        cr_print_to(
            stderr,
            "chainrule: interrupted: %zu of %zu trials done; the same command goes "
            "on\n",
            p->done - p->failed, p->total);
        return 128 + (int)*s->context->signal;
    }
    if (p->failed == 0)
        return CR_EXIT_DONE;
    cr_print_to(
        stderr,
        "chainrule: error: %zu trial%s failed; chainrule runs %s says why; the same "
        "command tries again\n",
        p->failed, p->failed == 1 ? "" : "s", directory);
    return CR_EXIT_FAILED;
}

static int sweep(const cr_context *context, const cr_sweep_plan *plan, const char *out,
                 size_t workers, bool quiet)
{
    cr_error err = CR_ERROR_INIT;
    session s = {.context = context, .plan = plan};
    char *directory = NULL;
    int status = CR_EXIT_FAILED;
    cr_store *store = find_directory(plan, out, &directory, &err);
    cr_sweep_progress last = {0};
    const cr_sweep_options options = {.directory = directory,
                                      .workers = workers,
                                      .on_progress = on_progress,
                                      .user = &s};
    cr_bar_begin(&s.bar, quiet);
    bool good = store && cr_sweep_run(plan, store, &options, &last, &err);
    cr_bar_end(&s.bar);
    if (good && !quiet)
        print_result(plan, directory, &last);
    status = good ? report(&s, directory, &last) : cr_command_error(&err);
    cr_store_close(store);
    cr_free(directory);
    return status;
}

/* "K/N" */
static bool read_shard(const char *text, cr_shard *shard)
{
    unsigned long k = 0, n = 0;
    char behind = 0;
    *shard = (cr_shard){0, 1};
    if (!text)
        return true;
    if (sscanf(text, "%lu/%lu%c", &k, &n, &behind) != 2 || k < 1 || k > n ||
        n > CR_MOST_TRIALS || strchr(text, '-'))
        return false;
    *shard = (cr_shard){k - 1, n};
    return true;
}

static bool read_jobs(const char *text, size_t *jobs)
{
    double number = cr_blas_processors();
    if (text && !cr_number_parse(text, strlen(text), &number))
        return false;
    *jobs = (size_t)number;
    return number >= 1 && number <= MOST_JOBS && number == floor(number);
}

static int run(const cr_context *context, const cr_arguments *arguments)
{
    const char *const *values = arguments->values;
    size_t jobs = 1;
    cr_shard shard;
    int status = CR_EXIT_DONE;
    if (!read_shard(values[SHARD], &shard))
        return cr_command_usage(
            &cr_command_sweep, "--shard %s: expected K/N with K from 1 to N, such as 1/4",
            values[SHARD]);
    if (!read_jobs(values[JOBS], &jobs))
        return cr_command_usage(&cr_command_sweep,
                                "-j %s: expected a whole number from 1 to %d",
                                values[JOBS], MOST_JOBS);
    cr_error err = CR_ERROR_INIT;
    cr_text warnings = {0};
    const cr_recipe recipe = cr_command_recipe(arguments, 0, CR_LOAD_TO_TRAIN);
    cr_sweep_plan *plan = recipe.text || cr_kind_check_config(recipe.path, &err)
                              ? cr_sweep_plan_create(&recipe, shard, &warnings, &err)
                              : NULL;
    cr_command_warn(warnings.data ? warnings.data : "");
    cr_text_finish(&warnings);
    if (!plan)
        return cr_command_error(&err);
    cr_command_warn_of_kernel();
    status = values[DRY_RUN]
                 ? dry_run(plan, jobs)
                 : sweep(context, plan, values[OUT], jobs, values[QUIET] != NULL);
    cr_sweep_plan_destroy(plan);
    return status;
}

const cr_command cr_command_sweep = {
    .name = "sweep",
    .arguments = "CONFIG [key.path=value ...] [-j N] [-o DIR] [--shard K/N] [-n] [-q]",
    .summary = "Run many trials of one config, as its \"sweep\" section says.",
    .flags = flags,
    .flag_count = FLAGS,
    .details = details,
    .takes = CR_TAKES_CONFIG,
    .missing = "which CONFIG?",
    .run = run,
};
