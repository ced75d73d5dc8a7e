/* chainrule resume: go on with a run that was interrupted, or lengthen a finished one. */
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "commands/kind.h"
#include "commands/training.h"
#include "config/document.h"

#include <stdio.h>
#include <string.h>

enum { QUIET, JSON, FLAGS };

static const cr_flag flags[FLAGS] = {
    [QUIET] = {'q', "quiet", NULL, "print errors and warnings only"},
    [JSON] = {0, "json", NULL, "print the summary as JSON in place of the table"},
};

static const char details[] =
    "Goes on from the last checkpoint and ends in the bytes of a run that was never\n"
    "interrupted. training.epochs=N lengthens a run, and with it a schedule whose "
    "period\n"
    "the config leaves out; early_stopping.patience=N goes on behind an early stop. "
    "Other\n"
    "options may be given anew where the result does not depend on them.\n"
    "\n"
    "Examples:\n"
    "  chainrule resume runs/digits\n"
    "  chainrule resume runs/digits training.epochs=60\n";

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

static void say_from(const cr_trainer *trainer, size_t from, bool lengthens)
{
    const cr_experiment *e = trainer->experiment;
    const cr_json *section =
        cr_json_get(e->model.document.root, "learning_rate_schedule");
    cr_print_to(stderr,
                from > 0 ? "chainrule: going on from step %zu\n"
                         : "chainrule: no checkpoint: starting from the beginning\n",
                from);
    if (from > 0 && lengthens && e->schedule.type->has_period &&
        !cr_json_get(section, "period"))
        cr_print_to(
            stderr,
            "chainrule: the learning rate reaches its minimum with epoch %zu now, and "
            "goes on at %g\n",
            (size_t)e->training.epochs, cr_trainer_learning_rate(trainer));
}

static int go_on(const cr_context *context, cr_run *run, cr_experiment *experiment,
                 const char *const *values, bool lengthens)
{
    cr_error err = CR_ERROR_INIT;
    cr_text warnings = {0};
    size_t from = 0;
    int status = CR_EXIT_DONE;
    cr_trainer *trainer = cr_trainer_create(experiment, true, &err);
    bool good = trainer && cr_run_restore(run, trainer, &from, &warnings, &err);
    cr_command_warn(warnings.data ? warnings.data : "");
    if (good && trainer->at.epochs > (size_t)experiment->training.epochs)
        good = cr_fail(&err, CR_E_USAGE,
                       "training.epochs=%zu: the run has %zu epochs behind it already",
                       (size_t)experiment->training.epochs, trainer->at.epochs);
    if (!good)
        status = cr_command_error(&err);
    bool is_out = good && cr_trainer_is_out_of_patience(trainer);
    if (is_out)
        cr_print("%s: early stopping ended it after epoch %zu; early_stopping.patience=N "
                 "with an N of %zu or more goes on\n",
                 run->path, trainer->at.epochs, trainer->at.bad_epochs);
    else if (good && !values[QUIET])
        say_from(trainer, from, lengthens);
    if (good && !is_out)
        status = cr_training_run(&(cr_training){
            context, run, trainer, values[QUIET] != NULL, values[JSON] != NULL});
    cr_trainer_destroy(trainer);
    cr_text_finish(&warnings);
    return status;
}

static int resume(const cr_context *context, const char *path,
                  const char *const *overrides, size_t count, const char *const *values)
{
    cr_error err = CR_ERROR_INIT;
    cr_run run = {0};
    cr_experiment *experiment = NULL;
    int status = CR_EXIT_DONE;
    char *config = cr_path_join(path, "config.json", &err);
    if (config && cr_kind_check_run(path, &err) && cr_run_open(&run, path, &err))
        experiment = cr_experiment_load(config, overrides, count, &err);
    if (!experiment) {
        status = cr_command_error(&err);
    } else if (count > 0 || !is_over(path, experiment)) { /* overrides want checking */
        cr_command_warn(cr_experiment_warnings(experiment));
        cr_command_warn_of_kernel();
        if (read_outcome(path).diverged)
            cr_command_warn("this run diverged, and the same steps end in the same way; "
                            "train anew with a smaller optimizer.learning_rate");
        bool lengthens = false;
        for (size_t i = 0; i < count; i++)
            lengthens |= strncmp(overrides[i], "training.epochs=", 16) == 0;
        status = go_on(context, &run, experiment, values, lengthens);
    }
    cr_experiment_destroy(experiment);
    cr_run_finish(&run);
    cr_free(config);
    return status;
}

static int run(const cr_context *context, const cr_arguments *arguments)
{
    const char *const *values = arguments->values;
    return resume(context, arguments->items[0], (const char *const *)arguments->overrides,
                  arguments->override_count, values);
}

const cr_command cr_command_resume = {
    .name = "resume",
    .arguments = "RUN [training.epochs=N] [key.path=value ...] [-q] [--json]",
    .summary = "Go on with an interrupted run, or lengthen a finished one.",
    .flags = flags,
    .flag_count = FLAGS,
    .details = details,
    .takes = CR_TAKES_RUN,
    .missing = "which RUN?",
    .run = run,
};
