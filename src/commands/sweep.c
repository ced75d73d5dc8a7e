/* chainrule sweep: many trials of one config, on every core, into one database. */
#include "base/clock.h"
#include "base/directory.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/path.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/kind.h"
#include "commands/output.h"
#include "commands/reporting.h"
#include "commands/sweeping.h"
#include "sweep/sweep_state.h"
#include "sweep/trial_place.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { OUT, JOBS, SHARD, RETRY, DRY_RUN, PATIENCE, MIXTURE, QUIET, REPORT, FLAGS };
enum { MOST_DIRECTORIES = 100000 };

static const cr_flag flags[FLAGS] = {
    [OUT] = {'o', "out", "DIR",
             "the sweep's directory (default: runs/<config name>, then -2, -3, …)"},
    [JOBS] =
        {'j', "jobs", "N",
         "worker processes, one thread each (default: one a processor; one a rank where "
         "mpirun or srun has started several ranks)"},
    [SHARD] = {0, "shard", "K/N",
               "run only the K-th of N parts of the trials (K from 1)"},
    [RETRY] = {0, "retry-failed", NULL,
               "run the trials that failed again, and no others"},
    [DRY_RUN] = {'n', "dry-run", NULL, "list the trials and what they cost; run none"},
    [PATIENCE] = {0, "rank-timeout", "SECONDS",
                  "how long a rank may be silent before the sweep ends (default: 60)"},
    [MIXTURE] = {0, "allow-mixture", NULL,
                 "ranks may differ in program or kernel, and results in bits"},
    [QUIET] = {'q', "quiet", NULL, "print errors and warnings only"},
    [REPORT] = CR_REPORTING_FLAG,
};

static const char details[] =
    "Runs the trials that the config's \"sweep\" section describes. The same command "
    "again\n"
    "takes up what is not done yet: trials that failed, or that were interrupted. With\n"
    "-o DIR of a sweep that is a part of this one, that sweep grows into this one.\n"
    "Trials and their metrics are in DIR/sweep.db (SQLite), the best model in DIR/best.\n"
    "\n"
    "Examples:\n"
    "  chainrule sweep configs/sweeps/digits_grid.json\n"
    "  chainrule runs runs/digits_grid\n"
    "  chainrule predict runs/digits_grid/best new.csv\n"
    "  mpirun -n 8 chainrule sweep big.json\n"
    "  chainrule sweep big.json --shard $SLURM_ARRAY_TASK_ID/20 -o "
    "parts/$SLURM_ARRAY_TASK_ID\n";

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
        cr_sweep_plan_experiment(plan, costly * w->trials_per_setting, NULL, err);
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
    cr_sweeping_add_values(plan, t.setting, false, &values);
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
    bool makes = plan->section.method->schedule->point != NULL;
    size_t known =
        makes ? plan->workload.made * plan->workload.trials_per_setting : plan->trials;
    for (size_t i = 0; i < plan->trials; i++)
        if (plan->workload.included[i]) {
            if (i < known)
                print_trial(plan, i);
            count++;
            cost += plan->workload.costs[cr_sweep_plan_trial(plan, i).setting];
        }
    if (known < plan->trials)
        cr_print("… and %zu more, whose values follow from the results\n",
                 plan->trials - known);
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

/* Tries the directory; *other when it belongs to something else. grows: as in
 * cr_sweeping_open. */
static cr_store *open_directory(const char *path, cr_sweep_plan *plan, bool grows,
                                bool *other, cr_error *err)
{
    struct stat status;
    *other = false;
    if (!cr_store_exists(path) && stat(path, &status) == 0 &&
        !cr_directory_is_empty(path)) {
        *other = true;
        cr_fail(err, CR_E_USAGE,
                "%s: it exists already, and holds no sweep; choose another directory "
                "with -o",
                path);
        return NULL;
    }
    return cr_sweeping_open(path, plan, grows, other, err);
}

/* Trials that have failed are those of a sweep that is there. */
static bool check_retry(const cr_arguments *arguments, const char *path, cr_error *err)
{
    return !arguments->values[RETRY] || cr_store_exists(path) ||
           cr_fail(
               err, CR_E_USAGE,
               "--retry-failed: there is no sweep in %s; leave it out to begin one, or "
               "name the directory of one with -o",
               path);
}

/* What find_directory has found. */
typedef struct place {
    char *path; /* owned */
    cr_store *store;
    char *unfinished; /* the last sweep before it that is not finished, owned; NULL */
    bool is_new;
    bool is_default; /* runs/<name>, without a number */
} place;

/* Whether a sweep was interrupted there, or failed in part. */
static bool is_unfinished(const char *path)
{
    cr_sweep_state state;
    bool read = cr_store_exists(path) && cr_sweep_state_read(path, &state, NULL);
    bool unfinished =
        read && (state.state == CR_RUN_INTERRUPTED || state.state == CR_RUN_FAILED);
    if (read)
        cr_sweep_state_finish(&state);
    return unfinished;
}

/* "runs/<name>", and from the second on with its number; NULL with err. */
static char *name_directory(const cr_sweep_plan *plan, const char *stem, int number,
                            cr_error *err)
{
    cr_text text = {0};
    cr_text_add(&text, "runs/%s", stem);
    if (plan->shard.count > 1)
        cr_text_add(&text, "-%zu-of-%zu", plan->shard.index + 1, plan->shard.count);
    if (number > 1)
        cr_text_add(&text, "-%d", number);
    if (!text.failed)
        return text.data;
    cr_text_finish(&text);
    cr_fail(err, CR_E_MEMORY, "out of memory");
    return NULL;
}

/* The directory of -o, or the first of runs/<name>, -2, … that holds this sweep or does
 * not exist. Without a store: err. */
static void find_directory(cr_sweep_plan *plan, const cr_arguments *arguments, place *p,
                           cr_error *err)
{
    const char *out = arguments->values[OUT];
    bool other = true;
    if (out) {
        if (!cr_trial_place_check_out(out, err) || !check_retry(arguments, out, err))
            return;
        p->path = cr_text_copy(out, strlen(out), err);
        p->store = p->path ? open_directory(out, plan, true, &other, err) : NULL;
        return;
    }
    char *stem = cr_path_stem(plan->document.name, err);
    for (int i = 1; stem && !p->store && other && i < MOST_DIRECTORIES; i++) {
        if (p->path && is_unfinished(p->path)) {
            cr_free(p->unfinished);
            p->unfinished = p->path;
        } else {
            cr_free(p->path);
        }
        p->path = name_directory(plan, stem, i, err);
        if (!p->path)
            break;
        p->is_default = i == 1;
        p->is_new = !cr_store_exists(p->path);
        *err = (cr_error)CR_ERROR_INIT;
        other = false;
        if (check_retry(arguments, p->path, err))
            p->store = open_directory(p->path, plan, false, &other, err);
    }
    cr_free(stem);
    if (!p->store && err->code == CR_E_IO) {
        const cr_error why = *err;
        *err = (cr_error)CR_ERROR_INIT;
        cr_fail(err, CR_E_IO, "%s; choose another place with -o DIR", why.text);
    }
}

/* Somebody who leaves out the overrides of a sweep that was interrupted begins another
 * one, and is told so, with -q too. */
static void mention_another(const place *p)
{
    cr_sweep_state state;
    if (!p->is_new || p->is_default)
        return;
    if (!p->unfinished || !cr_sweep_state_read(p->unfinished, &state, NULL)) {
        cr_print_to(stderr, "chainrule: this is another sweep, in %s\n", p->path);
        return;
    }
    cr_print_to(
        stderr,
        "chainrule: %s holds a sweep that is not finished (%zu of %zu trials%s%s); "
        "chainrule resume %s goes on with that one; this is another, in %s\n",
        p->unfinished, state.done, state.trials, state.overrides.data ? ", with " : "",
        state.overrides.data ? state.overrides.data : "", p->unfinished, p->path);
    cr_sweep_state_finish(&state);
}

/* `how` lacks the store and its directory. */
static int sweep(cr_sweeping *how, const cr_arguments *arguments)
{
    const char *const *values = arguments->values;
    cr_error err = CR_ERROR_INIT;
    place p = {0};
    bool retry = values[RETRY] != NULL;
    if (retry && how->plan->section.method->schedule->rungs)
        cr_fail(
            &err, CR_E_USAGE,
            "--retry-failed: %s sends no trial on alone; the command without it takes "
            "up what has failed",
            how->plan->section.method->title);
    else
        find_directory(how->plan, arguments, &p, &err);
    if (p.store && !values[OUT])
        mention_another(&p);
    how->failed_alone = retry;
    how->store = p.store;
    how->directory = p.path;
    int status = p.store ? cr_sweeping_run(how) : cr_command_error(&err);
    bool ran = p.store != NULL;
    cr_store_close(p.store);
    if (ran)
        status =
            cr_reporting_end(how->context, values[REPORT], p.path, how->quiet, status);
    cr_free(p.path);
    cr_free(p.unfinished);
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

/* The plan's config has paths as the file has them. */
static bool check_report(const char *out, const cr_sweep_plan *plan, cr_error *err)
{
    char *directory = cr_path_directory(plan->document.name, err);
    bool good = directory && cr_reporting_check(out, NULL, err) &&
                cr_output_check_data(out, directory, plan->document.root, err);
    cr_free(directory);
    return good;
}

/* This process's part, or that of all where there are no other ranks. */
static int run_plan(const cr_context *context, const cr_arguments *arguments,
                    cr_shard shard, size_t jobs, cr_sweep_ranks *ranks)
{
    const char *const *values = arguments->values;
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
    if (values[REPORT] && !check_report(values[REPORT], plan, &err)) {
        cr_sweep_plan_destroy(plan);
        return cr_command_error(&err);
    }
    cr_command_warn_of_kernel();
    cr_sweeping how = {.context = context,
                       .plan = plan,
                       .workers = jobs,
                       .quiet = values[QUIET] != NULL,
                       .ranks = ranks};
    int status = values[DRY_RUN]
                     ? dry_run(plan, ranks ? jobs * (size_t)ranks->launch.size : jobs)
                     : sweep(&how, arguments);
    cr_sweep_plan_destroy(plan);
    return status;
}

/* Of several ranks, 0 does as one process would, and the others serve it. */
static int run_ranks(const cr_context *context, const cr_arguments *arguments,
                     cr_shard shard, cr_sweep_ranks *ranks)
{
    bool dry = arguments->values[DRY_RUN] != NULL;
    int status = CR_EXIT_DONE;
    if (!dry && !cr_sweep_ranks_check(ranks, &status))
        return status;
    if (ranks->launch.rank > 0)
        return dry ? CR_EXIT_DONE : cr_sweep_ranks_serve(ranks);
    status = run_plan(context, arguments, shard, ranks->workers, ranks);
    if (!dry)
        cr_sweep_ranks_dismiss(ranks);
    return status;
}

static bool read_patience(const char *text, double *seconds)
{
    return !text || (cr_number_parse(text, strlen(text), seconds) && *seconds >= 1 &&
                     *seconds <= 1e6);
}

static int run(const cr_context *context, const cr_arguments *arguments)
{
    const char *const *values = arguments->values;
    size_t jobs = 1;
    cr_shard shard;
    cr_sweep_ranks ranks;
    bool many = cr_sweep_ranks_find(&ranks, context, arguments) &&
                (ranks.launch.module || !values[SHARD]); /* else a task has its own */
    if (values[SHARD])
        ranks.options.command = cr_hash_text(ranks.options.command, values[SHARD]);
    ranks.options.allow_mixture = values[MIXTURE] != NULL;
    if (!read_shard(values[SHARD], &shard))
        return cr_command_usage(
            &cr_command_sweep, "--shard %s: expected K/N with K from 1 to N, such as 1/4",
            values[SHARD]);
    if (!cr_sweeping_read_jobs(values[JOBS], many ? &ranks : NULL, &jobs))
        return cr_command_usage(&cr_command_sweep,
                                "-j %s: expected a whole number from 1 to %d",
                                values[JOBS], CR_MOST_JOBS);
    if (!read_patience(values[PATIENCE], &ranks.options.patience))
        return cr_command_usage(&cr_command_sweep,
                                "--rank-timeout %s: expected seconds, from 1 to 1000000",
                                values[PATIENCE]);
    ranks.workers = jobs;
    return many ? run_ranks(context, arguments, shard, &ranks)
                : run_plan(context, arguments, shard, jobs, NULL);
}

const cr_command cr_command_sweep = {
    .name = "sweep",
    .arguments = "CONFIG [key.path=value ...] [-j N] [-o DIR] [--shard K/N] "
                 "[--retry-failed] [-n] [-q] [--report FILE]",
    .summary = "Run many trials of one config, as its \"sweep\" section says.",
    .flags = flags,
    .flag_count = FLAGS,
    .details = details,
    .takes = CR_TAKES_CONFIG,
    .missing = "which CONFIG?",
    .stops = "",
    .run = run,
};
