#include "commands/training.h"

#include "base/memory.h"
#include "commands/figures.h"
#include "commands/progress.h"
#include "commands/remarks.h"
#include "runs/checkpoint.h"
#include "runs/progress_file.h"
#include "runs/summary.h"

#include <stdio.h>

typedef struct session {
    const cr_training *training;
    cr_progress_view view;
    cr_progress_file file;
} session;

/* What happens within an epoch; metrics.csv has the rest. */
static void leave_word(session *s, const cr_progress *p)
{
    const cr_progress_number numbers[] = {
        {"epoch", (double)p->epoch}, {"epochs", (double)p->epochs},
        {"step", (double)p->step},   {"epoch_steps", (double)p->epoch_steps},
        {"time_s", p->seconds},      {"loss", p->loss},
        {"accuracy", p->accuracy}};
    cr_progress_file_write(&s->file, numbers, CR_COUNT(numbers));
}

static bool on_step(void *user, const cr_progress *progress)
{
    session *s = user;
    cr_progress_step(&s->view, progress);
    if (cr_progress_file_is_due(&s->file))
        leave_word(s, progress);
    return *s->training->context->signal == 0;
}

static bool on_epoch(void *user, const cr_epoch *epoch, cr_error *err)
{
    session *s = user;
    cr_progress_epoch(&s->view, epoch);
    return cr_run_add_epoch(s->training->run, epoch, err);
}

static bool on_checkpoint(void *user, const cr_trainer *trainer, cr_error *err)
{
    const session *s = user;
    return cr_run_checkpoint(s->training->run, trainer, err);
}

static void print_result(const cr_training *t, const cr_result *result)
{
    char speed[16];
    cr_print("%s: %zu epoch%s, %zu steps in %.3g s (%s samples/s)\n",
             cr_status_names[result->status], result->epochs,
             result->epochs == 1 ? "" : "s", result->steps, result->seconds,
             cr_figures_format_count(result->samples_per_second, speed));
    if (result->status != CR_STATUS_INTERRUPTED)
        cr_figures_print(cr_part_names, result->parts, CR_PARTS,
                         t->trainer->experiment->model.loss.type->classify);
    cr_print("saved in %s", t->run->path);
    if (result->best_epoch > 0)
        cr_print("; best %s: %.6g, after epoch %zu", result->best_metric,
                 result->best_value, result->best_epoch);
    if (result->best_epoch > 0 && result->best_epoch < result->epochs &&
        !t->trainer->restored)
        cr_print(", in best.safetensors; model.safetensors is the last epoch's");
    cr_print("\n");
}

/* The summary, and behind it where the run is. */
static bool print_json(const cr_training *t, cr_json *summary, cr_error *err)
{
    bool good = cr_json_set_string(summary, "run", t->run->path) &&
                cr_print_json(stdout, summary, true);
    return good || cr_fail(err, CR_E_MEMORY, "out of memory");
}

/* Early stopping that had nothing to choose by keeps the model of the first epoch. */
static void warn_constant(const cr_trainer *t)
{
    enum { LEAST_EPOCHS = 3 };
    char text[320];
    if (!t->experiment->stopping.enabled || t->has_moved || t->best_epoch != 1 ||
        t->judged < LEAST_EPOCHS)
        return;
    snprintf(text, sizeof text,
             "%.160s was %.6g after every epoch: early stopping had nothing to choose by "
             "and keeps epoch 1 as the best; watch another metric",
             t->experiment->stopping.monitor.metric.name, t->best_value);
    cr_command_warn(text);
}

/* The checkpoint first: with it nothing is lost if anything behind it fails. */
static bool save(const cr_training *t, const cr_result *result, cr_error *err)
{
    cr_json *summary =
        cr_summary_create(t->trainer->experiment, result, t->run->bit_exact);
    bool diverged = result->status == CR_STATUS_DIVERGED;
    bool good = summary || cr_fail(err, CR_E_MEMORY, "out of memory");
    good = good && (diverged || (cr_run_checkpoint(t->run, t->trainer, err) &&
                                 cr_run_save(t->run, t->trainer, err)));
    good = good && cr_run_save_summary(t->run, summary, err);
    if (good && t->json)
        good = print_json(t, summary, err);
    else if (good && !t->quiet && !diverged)
        print_result(t, result);
    cr_json_free(summary);
    if (good && !diverged)
        warn_constant(t->trainer);
    return good;
}

/* Where to find what the run had before it diverged. */
static void add_last_checkpoint(const cr_training *t, cr_error *err)
{
    char name[CR_CHECKPOINT_NAME];
    if (*cr_checkpoint_last(t->run->path, name))
        cr_error_add(
            err, CR_E_DIVERGED,
            "the last good checkpoint is %s/%s; model.weights in a config starts "
            "from a model.safetensors or best.safetensors",
            t->run->path, name);
    else
        cr_error_add(err, CR_E_DIVERGED, "there is no checkpoint from before it");
}

cr_trainer *cr_training_prepare(cr_experiment *experiment, const cr_shards_place *place,
                                cr_error *err)
{
    cr_step_memory memory;
    char cure[CR_STEP_MEMORY_CURE];
    if (!cr_step_memory_count(&memory, experiment, err))
        return NULL;
    bool warned = cr_remarks_on_memory(&memory, experiment);
    cr_trainer *trainer = place ? cr_trainer_create_ranked(experiment, place, err)
                                : cr_trainer_create(experiment, true, err);
    if (!trainer && err->code == CR_E_MEMORY && !warned)
        cr_error_add(err, CR_E_MEMORY, "%s",
                     cr_step_memory_cure(&memory, experiment, cure));
    return trainer;
}

int cr_training_run(const cr_training *training)
{
    session s = {.training = training};
    cr_trainer *trainer = training->trainer;
    const cr_experiment *e = trainer->experiment;
    cr_callbacks callbacks = {&s, on_step, on_epoch};
    cr_error err = CR_ERROR_INIT;
    cr_result result;
    trainer->on_checkpoint = on_checkpoint;
    trainer->checkpoint_user = &s;
    cr_progress_begin(&s.view, training->quiet, e->model.loss.type->classify,
                      (size_t)e->training.epochs, e->data->parts[CR_PART_TRAIN].count);
    cr_progress_file_begin(&s.file, training->run->path);
    bool good = cr_trainer_run(trainer, &callbacks, &result, &err);
    cr_progress_end(&s.view);
    if (training->broken)
        *training->broken = !good && result.status != CR_STATUS_DIVERGED;
    if (result.status == CR_STATUS_DIVERGED)
        add_last_checkpoint(training, &err);
    if (good || result.status == CR_STATUS_DIVERGED)
        good = save(training, &result, &err) && good;
    cr_progress_file_end(&s.file); /* the summary says it all now */
    if (!good)
        return cr_command_error(&err);
    if (result.status != CR_STATUS_INTERRUPTED)
        return CR_EXIT_DONE;
    cr_print_to(stderr, "chainrule: interrupted; to go on: chainrule resume %s\n",
                training->run->path);
    const cr_shards *shards = trainer->shards;
    int other = shards && shards->ranks ? cr_shards_ranks_signal(shards->ranks) : 0;
    return 128 + (other ? other : (int)*training->context->signal);
}
