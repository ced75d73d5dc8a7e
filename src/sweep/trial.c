#include "sweep/trial.h"

#include "base/file.h"
#include "base/memory.h"
#include "runs/run.h"
#include "runs/summary.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { STEPS_BETWEEN_LOOKS = 16 };

const char *const cr_trial_status_names[] = {"completed", "stopped_early", "diverged",
                                             "failed", "eliminated"};

bool cr_trial_has_value(cr_trial_status status)
{
    return status == CR_TRIAL_COMPLETED || status == CR_TRIAL_STOPPED_EARLY;
}

/* A trial at work. */
typedef struct session {
    const cr_trial_job *job;
    cr_experiment *experiment;
    cr_trainer *trainer;
    cr_text rows;   /* of cr_epoch, */
    cr_text logged; /* and their values of the log's columns */
    cr_run run;
    bool has_run; /* run is open */
    size_t steps;
    double value; /* of what the sweep judges by */
    cr_error err;
} session;

/* A message: this, the epochs, the config and the error, each text with its final 0. */
typedef struct header {
    cr_trial_result result;
    size_t config_length, error_length;
} header;

static bool on_step(void *user, const cr_progress *progress)
{
    (void)progress;
    session *s = user;
    return ++s->steps % STEPS_BETWEEN_LOOKS != 0 || !s->job->is_stopping(s->job->user);
}

static bool on_epoch(void *user, const cr_epoch *epoch, cr_error *err)
{
    session *s = user;
    cr_epoch row = *epoch;
    row.logged = NULL;
    cr_text_add_bytes(&s->rows, (const char *)&row, sizeof row);
    if (epoch->logged)
        cr_text_add_bytes(&s->logged, (const char *)epoch->logged,
                          epoch->logged_count * sizeof *epoch->logged);
    return !(s->rows.failed || s->logged.failed) ||
           cr_fail(err, CR_E_MEMORY, "out of memory");
}

static bool run_path(const session *s, cr_text *path)
{
    cr_text_add(path, "%s/%zu", s->job->directory, s->job->number);
    return !path->failed;
}

static bool create(session *s)
{
    s->experiment = cr_sweep_plan_experiment(s->job->plan, s->job->number, &s->err);
    if (!s->experiment)
        return false;
    if (s->job->epochs > 0) /* the config says how many there would be in all */
        s->experiment->training.epochs = (int64_t)s->job->epochs;
    s->trainer = cr_trainer_create(s->experiment, true, &s->err);
    return s->trainer != NULL;
}

static void destroy(session *s)
{
    cr_trainer_destroy(s->trainer);
    cr_experiment_destroy(s->experiment);
    s->trainer = NULL;
    s->experiment = NULL;
}

/* Goes on from the checkpoint of the rung before, if there is one. One from elsewhere, of
 * a sweep that was killed before it knew, is of no use: its epochs would not be reported.
 */
static bool restore(session *s)
{
    cr_text path = {0}, warnings = {0};
    size_t steps = 0;
    bool good = run_path(s, &path);
    if (good && cr_run_open(&s->run, path.data, NULL)) {
        s->has_run = true;
        good = cr_run_restore(&s->run, s->trainer, &steps, &warnings, &s->err);
    }
    if (good && s->has_run && s->trainer->at.epochs != s->job->from) {
        cr_run_finish(&s->run);
        cr_run_remove(path.data);
        s->has_run = false;
        destroy(s);
        good = create(s);
    }
    cr_text_finish(&path);
    cr_text_finish(&warnings);
    return good;
}

static bool add_epochs(session *s)
{
    bool good = true;
    const char *logged = s->logged.data;
    for (size_t at = 0; good && at < s->rows.length; at += sizeof(cr_epoch)) {
        cr_epoch epoch;
        memcpy(&epoch, s->rows.data + at, sizeof epoch);
        if (epoch.logged_count > 0)
            epoch.logged = (const double *)(const void *)logged;
        logged += epoch.logged_count * sizeof *epoch.logged;
        good = cr_run_add_epoch(&s->run, &epoch, &s->err);
    }
    return good;
}

/* The run's directory, as train would have left it. */
static bool save(session *s, const cr_result *result)
{
    cr_text path = {0};
    bool good = run_path(s, &path);
    if (good && !s->has_run) {
        cr_run_remove(path.data); /* of a trial that was killed */
        good = cr_run_create(&s->run, path.data, s->job->plan->document.name,
                             s->experiment, &s->err);
        s->has_run = good;
    }
    cr_text_finish(&path);
    cr_json *summary = good ? cr_summary_create(s->experiment, result, true) : NULL;
    good = summary && add_epochs(s) &&
           (!s->job->continues || cr_run_checkpoint(&s->run, s->trainer, &s->err)) &&
           cr_run_save(&s->run, s->trainer, &s->err) &&
           cr_run_save_summary(&s->run, summary, &s->err);
    cr_json_free(summary);
    return good || cr_fail(&s->err, CR_E_MEMORY, "out of memory");
}

static bool has_value(const cr_result *result)
{
    return result->status == CR_STATUS_COMPLETED ||
           result->status == CR_STATUS_STOPPED_EARLY;
}

static bool judge(session *s, const cr_result *result)
{
    const cr_experiment *e = s->experiment;
    const cr_monitored of = {&e->log, &e->model, e->data, result->parts};
    return !has_value(result) ||
           cr_monitor_measure(&s->job->plan->section.judge, &of, &s->value, &s->err);
}

static bool is_worth_saving(const session *s, const cr_result *result)
{
    const cr_trial_job *job = s->job;
    bool maximize = job->plan->section.judge.metric.maximize;
    return job->directory && has_value(result) &&
           (isnan(job->threshold) ||
            !cr_metric_is_better(maximize, job->threshold, s->value));
}

static bool train(session *s, cr_result *result)
{
    cr_callbacks callbacks = {s, on_step, on_epoch};
    return create(s) && (!s->job->continues || restore(s)) &&
           cr_trainer_run(s->trainer, &callbacks, result, &s->err) && judge(s, result) &&
           (!is_worth_saving(s, result) || save(s, result));
}

static cr_trial_status status_of(const session *s, const cr_result *result)
{
    if (result->status == CR_STATUS_DIVERGED)
        return CR_TRIAL_DIVERGED;
    if (s->err.count > 0)
        return CR_TRIAL_FAILED;
    return result->status == CR_STATUS_STOPPED_EARLY ? CR_TRIAL_STOPPED_EARLY
                                                     : CR_TRIAL_COMPLETED;
}

static void encode(const session *s, const cr_result *result, cr_text *message)
{
    const cr_experiment *e = s->experiment;
    char *config = e ? cr_json_print(e->model.document.root, false) : NULL;
    const char *text = config ? config : "";
    header h = {.config_length = strlen(text), .error_length = s->err.length};
    h.result = (cr_trial_result){
        .status = status_of(s, result),
        .epochs = result->epochs,
        .steps = result->steps,
        .seconds = result->seconds,
        .regularization_loss = result->regularization_loss,
        .value = s->value,
        .epoch_count = s->rows.length / sizeof(cr_epoch),
    };
    if (e) {
        h.result.parameters = e->model.network->parameter_count;
        h.result.has_accuracy = e->model.loss.type->classify;
    }
    memcpy(h.result.parts, result->parts, sizeof h.result.parts);
    cr_text_add_bytes(message, (const char *)&h, sizeof h);
    if (s->rows.length > 0)
        cr_text_add_bytes(message, s->rows.data, s->rows.length);
    cr_text_add_bytes(message, text, h.config_length + 1);
    cr_text_add_bytes(message, s->err.text, h.error_length + 1);
    cr_free(config);
}

bool cr_trial_run(const cr_trial_job *job, cr_text *message)
{
    session *s = cr_alloc(1, sizeof *s, NULL); /* an error's text is large */
    if (!s) {
        message->failed = true;
        return true;
    }
    s->job = job;
    s->value = NAN;
    cr_result result = {0};
    if (!train(s, &result) && s->err.count == 0)
        cr_fail(&s->err, CR_E_MEMORY, "out of memory");
    bool stopped = result.status == CR_STATUS_INTERRUPTED;
    if (!stopped)
        encode(s, &result, message);
    if (s->has_run)
        cr_run_finish(&s->run);
    destroy(s);
    cr_text_finish(&s->rows);
    cr_text_finish(&s->logged);
    cr_free(s);
    return !stopped;
}

bool cr_trial_decode(const char *message, size_t length, cr_trial_result *result,
                     cr_epoch **rows, size_t *row_capacity, cr_error *err)
{
    header h;
    if (length < sizeof h)
        return cr_fail(err, CR_E_IO, "a worker's message is too short");
    memcpy(&h, message, sizeof h);
    size_t bytes = h.result.epoch_count * sizeof(cr_epoch);
    if (length != sizeof h + bytes + h.config_length + 1 + h.error_length + 1)
        return cr_fail(err, CR_E_IO, "a worker's message is not as long as it says");
    if (!cr_reserve(rows, row_capacity, h.result.epoch_count, sizeof **rows, err))
        return false;
    const char *at = message + sizeof h;
    if (bytes > 0)
        memcpy(*rows, at, bytes);
    *result = h.result;
    result->rows = *rows;
    result->config = at + bytes;
    result->error = result->config + h.config_length + 1;
    return true;
}
