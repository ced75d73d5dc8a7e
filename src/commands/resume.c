/* chainrule resume: go on with a run or a sweep that was interrupted, or lengthen a
 * finished run. */
#include "base/directory.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "commands/kind.h"
#include "commands/resume_sweep.h"
#include "commands/sweeping.h"
#include "commands/train_ranks.h"
#include "commands/training.h"
#include "config/document.h"
#include "runs/checkpoint.h"
#include "runs/config_difference.h"
#include "sweep/store.h"
#include "sweep/trial_place.h"

#include <stdio.h>
#include <string.h>

enum { OUT, JOBS, QUIET, JSON, PATIENCE, FORCE, FLAGS };

static const cr_flag flags[FLAGS] = {
    [OUT] = {'o', "out", "DIR",
             "go on in a new directory, and leave the run as it is (a sweep's trial "
             "always does: runs/<sweep>-trial-<number>)"},
    [JOBS] = {'j', "jobs", "N",
              "of a sweep: worker processes (default: one a processor)"},
    [QUIET] = {'q', "quiet", NULL, "print errors and warnings only"},
    [JSON] = {0, "json", NULL, "print the summary as JSON in place of the table"},
    [PATIENCE] = CR_TRAIN_RANKS_TIMEOUT_FLAG,
    [FORCE] = CR_TRAIN_RANKS_FORCE_FLAG,
};

static const char details[] =
    "RUN is the directory of a run or of a sweep. A run goes on from its last "
    "checkpoint\n"
    "and ends in the bytes of a run that was never interrupted; a sweep takes up what "
    "is\n"
    "not done yet, with the config and the overrides that it was begun with.\n"
    "training.epochs=N lengthens a run, and with it a schedule whose period the config\n"
    "leaves out; early_stopping.patience=N goes on behind an early stop. Other options\n"
    "may be given anew where the result does not depend on them.\n"
    "\n"
    "Examples:\n"
    "  chainrule resume runs/digits\n"
    "  chainrule resume runs/digits training.epochs=60\n"
    "  chainrule resume runs/digits_grid\n"
    "  chainrule resume runs/digits_grid/best training.epochs=100\n";

/* What summary.json says of a run that is over. */
typedef struct outcome {
    bool completed, diverged;
    size_t epochs;
} outcome;

static outcome read_outcome(const char *path)
{
    outcome o = {0};
    char *file = cr_path_join(path, "summary.json", NULL);
    cr_document document = {0};
    if (file && cr_document_read(&document, file, NULL)) {
        const char *status = cr_json_get_string(document.root, "status");
        o.completed = status && strcmp(status, "completed") == 0;
        o.diverged = status && strcmp(status, "diverged") == 0;
        o.epochs = (size_t)cr_json_get_number(document.root, "epochs", 0);
    }
    cr_document_finish(&document);
    cr_free(file);
    return o;
}

/* Whether there is nothing left to do; says so. */
static bool is_over(const char *path, const cr_experiment *experiment)
{
    outcome o = read_outcome(path);
    if (!o.completed || o.epochs != (size_t)experiment->training.epochs)
        return false;
    cr_print("%s: completed already, %zu epoch%s; training.epochs=N with a larger N "
             "lengthens it\n",
             path, o.epochs, o.epochs == 1 ? "" : "s");
    return true;
}

/* What one call of resume goes through. */
typedef struct resuming {
    const cr_context *context;
    const char *const *values;
    const char *path; /* of the run, as it was named */
    const char *const *overrides;
    size_t count;
    char *sweep; /* the name of the sweep that it is a trial of, owned; NULL: of none */
    size_t trial;
    cr_experiment *experiment;
    cr_run run; /* what is worked in */
    bool moves; /* that is a new directory */
    cr_train_ranks *ranks;
} resuming;

static bool lengthens(const resuming *r)
{
    for (size_t i = 0; i < r->count; i++)
        if (strncmp(r->overrides[i], "training.epochs=", 16) == 0)
            return true;
    return false;
}

static void say_from(const resuming *r, const cr_trainer *trainer, size_t from)
{
    const cr_experiment *e = trainer->experiment;
    const cr_json *section =
        cr_json_get(e->model.document.root, "learning_rate_schedule");
    if (r->moves)
        cr_print_to(stderr, "chainrule: %s stays as it is; this goes to %s\n", r->path,
                    r->run.path);
    if (from > 0)
        cr_print_to(stderr, "chainrule: going on from step %zu\n", from);
    else if (r->sweep)
        cr_print_to(
            stderr,
            "chainrule: trial %zu of a sweep has no checkpoint: training it anew, "
            "which gives the same bits\n",
            r->trial);
    else
        fputs("chainrule: no checkpoint: starting from the beginning\n", stderr);
    if (from > 0 && lengthens(r) && e->schedule.type->has_period &&
        !cr_json_get(section, "period"))
        cr_print_to(
            stderr,
            "chainrule: the learning rate reaches its minimum with epoch %zu now, and "
            "goes on at %g\n",
            (size_t)e->training.epochs, cr_trainer_learning_rate(trainer));
}

/* Brings the trainer to where the run is. */
static bool restore(resuming *r, cr_trainer *trainer, size_t *from, cr_error *err)
{
    cr_text warnings = {0};
    size_t epochs = (size_t)r->experiment->training.epochs;
    r->run.keeps_model = true;
    bool good = cr_run_restore(&r->run, trainer, from, &warnings, err);
    cr_command_warn(warnings.data ? warnings.data : "");
    cr_text_finish(&warnings);
    if (good && trainer->at.epochs > epochs)
        good = cr_fail(err, CR_E_USAGE,
                       "training.epochs=%zu: the run has %zu epochs behind it already",
                       epochs, trainer->at.epochs);
    return good;
}

/* A directory that was made for the run goes again where there is nothing to do in it. */
static int go_on(resuming *r)
{
    cr_error err = CR_ERROR_INIT;
    size_t from = 0;
    int status = CR_EXIT_DONE;
    bool fits = !r->ranks->several || cr_train_ranks_fit(r->ranks, r->experiment, &err);
    cr_trainer *trainer =
        fits ? cr_training_prepare(r->experiment, cr_train_ranks_place(r->ranks), &err)
             : NULL;
    bool good = trainer && restore(r, trainer, &from, &err);
    bool is_out = good && cr_trainer_is_out_of_patience(trainer);
    if (is_out)
        cr_print("%s: early stopping ended it after epoch %zu; early_stopping.patience=N "
                 "with an N of %zu or more goes on\n",
                 r->path, trainer->at.epochs, trainer->at.bad_epochs);
    good = good && (is_out || (cr_train_ranks_send(r->ranks, trainer, &err) &&
                               cr_run_go_on(&r->run, r->experiment, &err) &&
                               cr_train_ranks_begin(r->ranks, &err)));
    if (r->moves && (!good || is_out))
        cr_run_remove(r->run.path);
    if (good && !is_out) {
        if (!r->values[QUIET])
            say_from(r, trainer, from);
        status = cr_training_run(
            &(cr_training){r->context, &r->run, trainer, r->values[QUIET] != NULL,
                           r->values[JSON] != NULL, &r->ranks->broken});
    }
    cr_trainer_destroy(trainer);
    return good ? status : cr_command_error(&err);
}

/* Whether the run may go on with this config. */
static bool compare_configs(const resuming *r, const char *config, cr_error *err)
{
    cr_document then = {0};
    bool good = cr_document_read(&then, config, err) &&
                cr_config_difference_check(then.root, r->experiment->model.document.root,
                                           r->experiment->no_effect.data, err);
    cr_document_finish(&then);
    return good;
}

/* A new directory that has what the run has to go on from. A trial without a checkpoint
 * begins anew there; anything else without one cannot go on. */
static bool move(resuming *r, const char *config, cr_error *err)
{
    char checkpoint[CR_CHECKPOINT_NAME];
    bool has_checkpoint = *cr_checkpoint_last(r->path, checkpoint) != '\0';
    const outcome o = read_outcome(r->path);
    size_t epochs = (size_t)r->experiment->training.epochs;
    if (!compare_configs(r, config, err))
        return false;
    if (r->sweep && o.completed && lengthens(r) && epochs <= o.epochs)
        return cr_fail(
            err, CR_E_USAGE,
            "training.epochs=%zu: the trial has %zu epochs behind it already; a "
            "larger number lengthens it",
            epochs, o.epochs);
    if (!has_checkpoint && !r->sweep)
        return cr_fail(err, CR_E_USAGE,
                       "%s: it has no checkpoint to go on from; train it anew: chainrule "
                       "train %s -o DIR",
                       r->path, config);
    cr_text name = {0}; /* a path of a config, whose extension is taken off */
    cr_text_add(&name, "%s-trial-%zu.json", r->sweep ? r->sweep : "", r->trial);
    r->moves = !name.failed &&
               cr_run_create(&r->run, r->values[OUT], name.data, r->experiment, err);
    cr_text_finish(&name);
    if (r->moves && has_checkpoint && !cr_run_copy_history(&r->run, r->path, err)) {
        cr_run_remove(r->run.path);
        return false;
    }
    return r->moves;
}

/* Takes the run's own directory, or makes another. */
static bool prepare(resuming *r, const char *config, cr_error *err)
{
    bool elsewhere = r->values[OUT] || r->sweep;
    if (!cr_kind_check_run(r->path, err) ||
        (r->values[OUT] && !cr_trial_place_check_out(r->values[OUT], err)))
        return false;
    const char *problem = cr_file_problem(config);
    if (problem)
        return cr_fail(err, CR_E_USAGE, "%s: not the directory of a run: config.json: %s",
                       r->path, problem);
    if (!elsewhere && !cr_run_open(&r->run, r->path, err))
        return false;
    const cr_recipe recipe = {.path = config,
                              .overrides = r->overrides,
                              .override_count = r->count,
                              .load_for = r->ranks->several ? CR_LOAD_SPILLED : 0};
    r->experiment = cr_experiment_create(&recipe, err);
    return r->experiment != NULL;
}

static int resume(resuming *r)
{
    cr_error err = CR_ERROR_INIT;
    int status = CR_EXIT_DONE;
    char *config = cr_path_join(r->path, "config.json", &err);
    r->sweep = cr_trial_place_find(r->path, &r->trial);
    bool elsewhere = r->values[OUT] || r->sweep;
    if (!config || !prepare(r, config, &err)) {
        status = cr_command_error(&err);
    } else if (r->count > 0 || !is_over(r->path, r->experiment)) {
        /* overrides want checking */
        cr_command_warn(cr_experiment_warnings(r->experiment));
        cr_command_warn_of_kernel();
        if (read_outcome(r->path).diverged)
            cr_command_warn("this run diverged, and the same steps end in the same way; "
                            "train anew with a smaller optimizer.learning_rate");
        status = elsewhere && !move(r, config, &err) ? cr_command_error(&err) : go_on(r);
    }
    cr_experiment_destroy(r->experiment);
    cr_run_finish(&r->run);
    cr_free(r->sweep);
    cr_free(config);
    return status;
}

/* Of several ranks, 0 goes on with the sweep, and the others serve it. */
static int run_ranks(const cr_resumed_sweep *resumed, bool is_sweep)
{
    cr_sweep_ranks *ranks = resumed->ranks;
    int status = CR_EXIT_DONE;
    if (!cr_sweep_ranks_check(ranks, &status))
        return status;
    if (!cr_sweeping_read_jobs(resumed->jobs, ranks, &ranks->workers))
        return cr_resume_sweep(resumed); /* which says so */
    if (ranks->launch.rank > 0)
        return cr_sweep_ranks_serve(ranks);
    if (is_sweep)
        status = cr_resume_sweep(resumed);
    else
        status = cr_command_usage(&cr_command_resume,
                                  "%s is no sweep, which alone is for several ranks",
                                  resumed->directory);
    cr_sweep_ranks_dismiss(ranks);
    return status;
}

static int resume_run(const cr_context *context, const cr_arguments *arguments,
                      cr_train_ranks *ranks)
{
    resuming r = {.context = context,
                  .values = arguments->values,
                  .path = arguments->items[0],
                  .overrides = (const char *const *)arguments->overrides,
                  .count = arguments->override_count,
                  .ranks = ranks};
    return resume(&r);
}

static int run(const cr_context *context, const cr_arguments *arguments)
{
    const char *const *values = arguments->values;
    const char *path = arguments->items[0];
    const char *const *overrides = (const char *const *)arguments->overrides;
    bool is_sweep = cr_store_exists(path);
    cr_sweep_ranks ranks;
    cr_resumed_sweep resumed = {context,      path,
                                overrides,    arguments->override_count,
                                values[JOBS], values[QUIET] != NULL,
                                NULL,         values[OUT]};
    bool several = cr_sweep_ranks_find(&ranks, context, arguments);
    /* A sweep's directory need not be seen by all; that of a run has to be. */
    if (several && (is_sweep || cr_directory_problem(path))) {
        resumed.ranks = &ranks;
        return run_ranks(&resumed, is_sweep);
    }
    if (is_sweep && values[JSON])
        return cr_command_usage(&cr_command_resume,
                                "--json is for a run; chainrule runs %s --format json "
                                "has a sweep's results",
                                path);
    if (!is_sweep && values[JOBS])
        return cr_command_usage(&cr_command_resume, "-j is for a sweep; %s is none",
                                path);
    if (is_sweep)
        return cr_resume_sweep(&resumed);
    const cr_train_ranks_flags given = {values[PATIENCE], values[FORCE], values[QUIET]};
    return cr_train_ranks_run(context, arguments, &given, resume_run);
}

const cr_command cr_command_resume = {
    .name = "resume",
    .arguments = "RUN|SWEEP [training.epochs=N] [key.path=value ...] [-o DIR] [-j N] "
                 "[-q] [--json] [--rank-timeout SECONDS] [--force]",
    .summary = "Go on with an interrupted run or sweep, or lengthen a finished run.",
    .flags = flags,
    .flag_count = FLAGS,
    .details = details,
    .takes = CR_TAKES_RUN,
    .missing = "which RUN?",
    .stops = "saving what there is",
    .run = run,
};
