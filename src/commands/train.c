/* chainrule train: a config to a run directory. */
#include "base/memory.h"
#include "commands/command.h"
#include "commands/figures.h"
#include "commands/progress.h"
#include "config/json.h"
#include "runs/run_directory.h"
#include "runs/summary.h"

#include <stdio.h>
#include <stdlib.h>

enum { OUT, THREADS, QUIET, JSON, FLAGS };

static const cr_flag flags[FLAGS] = {
    [OUT] = {'o', "out", "DIR",
             "where the run goes (default: runs/<config name>, then -2, -3, …)"},
    [THREADS] = {'t', "threads", "N", "the same as training.threads=N"},
    [QUIET] = {'q', "quiet", NULL, "print errors and warnings only"},
    [JSON] = {0, "json", NULL, "print the summary as JSON in place of the table"},
};

static const char details[] =
    "key.path=value overrides any value of the config: training.epochs=100 or\n"
    "model.layers.0.units=128. The value is JSON, or else a word.\n"
    "\n"
    "Examples:\n"
    "  chainrule train configs/digits.json\n"
    "  chainrule train configs/digits.json seed=7 optimizer.learning_rate=0.05 -o "
    "/tmp/try\n";

typedef struct session {
    const cr_context *context;
    cr_experiment *experiment;
    cr_run run;
    cr_progress_view view;
} session;

static bool on_step(void *user, const cr_progress *progress)
{
    session *s = user;
    cr_progress_step(&s->view, progress);
    return *s->context->signal == 0;
}

static bool on_epoch(void *user, const cr_epoch *epoch, cr_error *err)
{
    session *s = user;
    cr_progress_epoch(&s->view, epoch);
    return cr_run_add_epoch(&s->run, epoch, err);
}

static void print_result(const session *s, const cr_result *result)
{
    char speed[16];
    printf("%s: %zu epoch%s, %zu steps in %.3g s (%s samples/s)\n",
           cr_status_names[result->status], result->epochs,
           result->epochs == 1 ? "" : "s", result->steps, result->seconds,
           cr_format_count(result->samples_per_second, speed));
    cr_print_figures(cr_part_names, result->parts, CR_PARTS,
                     s->experiment->model.loss.type->classify);
    printf("saved in %s\n", s->run.path);
}

static bool finish(session *s, const cr_trainer *trainer, const cr_result *result,
                   const char *const *values, cr_error *err)
{
    cr_json *summary = cr_summary_create(s->experiment, result);
    char *text = summary ? cr_json_print(summary, true) : NULL;
    bool good = text || cr_fail(err, CR_E_MEMORY, "out of memory");
    if (result->status != CR_STATUS_DIVERGED)
        good = good && cr_run_save(&s->run, trainer, err);
    good = good && cr_run_save_summary(&s->run, summary, err);
    if (good && values[JSON])
        puts(text);
    else if (good && !values[QUIET] && result->status != CR_STATUS_DIVERGED)
        print_result(s, result);
    cr_free(text);
    cr_json_free(summary);
    return good;
}

static int train(session *s, const char *const *values, cr_error *err)
{
    cr_callbacks callbacks = {s, on_step, on_epoch};
    const cr_part *part = &s->experiment->data.parts[CR_PART_TRAIN];
    cr_trainer *trainer = cr_trainer_create(s->experiment, true, err);
    if (!trainer)
        return cr_report_error(err);
    cr_result result;
    cr_progress_begin(&s->view, values[QUIET] != NULL,
                      s->experiment->model.loss.type->classify,
                      (size_t)s->experiment->training.epochs, part->count);
    bool good = cr_trainer_run(trainer, &callbacks, &result, err);
    cr_progress_end(&s->view);
    if (good)
        good = finish(s, trainer, &result, values, err);
    else if (result.status == CR_STATUS_DIVERGED)
        (void)!finish(s, trainer, &result, values, err);
    cr_trainer_destroy(trainer);
    if (!good)
        return cr_report_error(err);
    bool interrupted = result.status == CR_STATUS_INTERRUPTED;
    return interrupted ? 128 + (int)*s->context->signal : CR_EXIT_DONE;
}

/* CONFIG and overrides, with -t as one more. */
static cr_experiment *load(size_t count, char **arguments, const char *threads,
                           cr_error *err)
{
    const char **overrides = cr_alloc(count + 1, sizeof *overrides, err);
    if (!overrides)
        return NULL;
    char thread_override[64];
    size_t used = 0;
    for (size_t i = 1; i < count; i++)
        overrides[used++] = arguments[i];
    snprintf(thread_override, sizeof thread_override, "training.threads=%.40s",
             threads ? threads : "");
    if (threads)
        overrides[used++] = thread_override;
    cr_experiment *experiment = cr_experiment_load(arguments[0], overrides, used, err);
    cr_free(overrides);
    return experiment;
}

static int run(const cr_context *context, int argc, char **argv)
{
    const char *values[FLAGS];
    size_t count = 0;
    int status = cr_arguments_parse(&cr_command_train, flags, FLAGS, details, argc, argv,
                                    values, &count);
    if (status >= 0)
        return status;
    if (count == 0)
        return cr_report_usage(&cr_command_train, "which CONFIG?");
    cr_error err = CR_ERROR_INIT;
    session s = {.context = context};
    s.experiment = load(count, argv + 1, values[THREADS], &err);
    if (!s.experiment)
        return cr_report_error(&err);
    cr_report_warnings(cr_experiment_warnings(s.experiment));
    cr_report_kernel();
    if (cr_run_create(&s.run, values[OUT], argv[1], s.experiment, &err))
        status = train(&s, values, &err);
    else
        status = cr_report_error(&err);
    cr_run_finish(&s.run);
    cr_experiment_destroy(s.experiment);
    return status;
}

const cr_command cr_command_train = {
    .name = "train",
    .arguments = "CONFIG [key.path=value ...] [-o DIR] [-t N] [-q] [--json]",
    .summary = "Train the network of a config.",
    .run = run,
};
