/* chainrule train: a config to a run directory. */
#include "base/memory.h"
#include "base/text.h"
#include "commands/reporting.h"
#include "commands/train_ranks.h"
#include "commands/training.h"
#include "runs/run_state.h"
#include "sweep/trial_place.h"

#include <stdio.h>
#include <string.h>

enum { OUT, THREADS, QUIET, JSON, REPORT, PATIENCE, FORCE, FLAGS };

static const cr_flag flags[FLAGS] = {
    [OUT] = {'o', "out", "DIR",
             "where the run goes (default: runs/<config name>, then -2, -3, …)"},
    [THREADS] = {'t', "threads", "N", "the same as training.threads=N"},
    [QUIET] = {'q', "quiet", NULL, "print errors and warnings only"},
    [JSON] = {0, "json", NULL, "print the summary as JSON in place of the table"},
    [REPORT] = CR_REPORTING_FLAG,
    [PATIENCE] = CR_TRAIN_RANKS_TIMEOUT_FLAG,
    [FORCE] = CR_TRAIN_RANKS_FORCE_FLAG,
};

static const char details[] =
    "key.path=value overrides any value of the config: training.epochs=100 or\n"
    "model.layers.0.units=128. The value is JSON, or else a word. CONFIG may be - for\n"
    "standard input; its paths are relative to the current directory then.\n"
    "\n"
    "Examples:\n"
    "  chainrule train configs/digits.json\n"
    "  chainrule train configs/digits.json seed=7 optimizer.learning_rate=0.05 -o "
    "/tmp/try\n";

/* CONFIG and overrides, with -t as one more. spills: others get most of the rows. */
static cr_experiment *load(const cr_arguments *arguments, bool spills, cr_error *err)
{
    char threads[CR_THREADS_TEXT];
    cr_recipe recipe = cr_command_recipe(
        arguments, 0, spills ? CR_LOAD_TO_TRAIN | CR_LOAD_SPILLED : CR_LOAD_TO_TRAIN);
    const char **overrides = cr_command_add_threads(arguments, arguments->values[THREADS],
                                                    threads, &recipe.override_count, err);
    recipe.overrides = overrides;
    cr_experiment *experiment = overrides ? cr_command_load(&recipe, err) : NULL;
    cr_free(overrides);
    return experiment;
}

/* A new run is begun where an earlier one could be gone on with. */
static void mention_interrupted(const char *config, const char *path)
{
    char *run = cr_run_state_find_interrupted(config, path);
    if (run)
        cr_print_to(
            stderr,
            "chainrule: %s was interrupted; chainrule resume %s goes on with it; this "
            "is a new run, in %s\n",
            run, run, path);
    cr_free(run);
}

/* A config with a sweep is trained once, which may not be what was meant. */
static void mention_sweep(const cr_experiment *experiment)
{
    if (experiment->has_sweep)
        cr_print_to(
            stderr,
            "chainrule: this trains one network, and leaves the section \"sweep\" "
            "alone; chainrule sweep %s runs it\n",
            experiment->model.document.name);
}

/* Trains in the directory; returns the exit status. */
static int train(const cr_context *context, const cr_arguments *arguments,
                 cr_experiment *experiment, cr_run *directory, cr_train_ranks *ranks)
{
    const char *const *values = arguments->values;
    cr_error err = CR_ERROR_INIT;
    int status = CR_EXIT_DONE;
    bool fits = !ranks->several || cr_train_ranks_fit(ranks, experiment, &err);
    cr_trainer *trainer =
        fits ? cr_training_prepare(experiment, cr_train_ranks_place(ranks), &err) : NULL;
    if (trainer && cr_train_ranks_send(ranks, trainer, &err) &&
        cr_run_create(directory, values[OUT], experiment->model.document.name, experiment,
                      &err) &&
        cr_train_ranks_begin(ranks, &err)) {
        if (!values[QUIET])
            mention_sweep(experiment);
        if (!values[OUT] && !values[QUIET])
            mention_interrupted(experiment->model.document.name, directory->path);
        if (directory->numbered && values[QUIET] && !values[JSON])
            cr_print_to(stderr, "chainrule: the run goes to %s\n", directory->path);
        status = cr_training_run(&(cr_training){context, directory, trainer,
                                                values[QUIET] != NULL,
                                                values[JSON] != NULL, &ranks->broken});
    } else {
        status = cr_command_error(&err);
    }
    cr_trainer_destroy(trainer);
    return status;
}

static int run_alone(const cr_context *context, const cr_arguments *arguments,
                     cr_train_ranks *ranks)
{
    const char *const *values = arguments->values;
    cr_error err = CR_ERROR_INIT;
    if (values[OUT] && !cr_trial_place_check_out(values[OUT], &err))
        return cr_command_error(&err);
    cr_experiment *experiment = load(arguments, ranks->several, &err);
    if (!experiment)
        return cr_command_error(&err);
    if (!cr_reporting_check(values[REPORT], experiment->model.document.root, &err)) {
        cr_experiment_destroy(experiment);
        return cr_command_error(&err);
    }
    cr_command_warn_of_kernel();
    cr_run directory = {0};
    int status = train(context, arguments, experiment, &directory, ranks);
    char *path = directory.path
                     ? cr_text_copy(directory.path, strlen(directory.path), NULL)
                     : NULL;
    cr_run_finish(&directory);
    cr_experiment_destroy(experiment);
    status = cr_reporting_end(context, values[REPORT], path,
                              values[QUIET] || values[JSON], status);
    cr_free(path);
    return status;
}

static int run(const cr_context *context, const cr_arguments *arguments)
{
    const cr_train_ranks_flags given = {
        arguments->values[PATIENCE], arguments->values[FORCE], arguments->values[QUIET]};
    return cr_train_ranks_run(context, arguments, &given, run_alone);
}

const cr_command cr_command_train = {
    .name = "train",
    .arguments = "CONFIG [key.path=value ...] [-o DIR] [-t N] [-q] [--json] "
                 "[--report FILE] [--rank-timeout SECONDS] [--force]",
    .summary = "Train the network of a config.",
    .flags = flags,
    .flag_count = FLAGS,
    .details = details,
    .takes = CR_TAKES_CONFIG,
    .missing = "which CONFIG?",
    .stops = "finishing the step and saving",
    .run = run,
};
