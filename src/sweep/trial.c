#include "sweep/trial.h"

#include "base/file.h"
#include "base/memory.h"
#include "runs/run.h"
#include "runs/summary.h"
#include "sweep/trial_mark.h"
#include "sweep/trial_message.h"

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
    const cr_trial_worker *worker;
    const cr_trial_job *job;
    cr_experiment *experiment;
    cr_trainer *trainer;
    cr_epoch *rows; /* [row_count], without `logged` */
    size_t row_count, row_capacity;
    double *logged; /* [logged_count] the rows' values of the log's columns, row by row */
    size_t logged_count, logged_capacity;
    cr_run run;
    bool has_run; /* run is open */
    size_t steps;
    double value; /* of what the sweep judges by */
    cr_error err;
} session;

static bool on_step(void *user, const cr_progress *progress)
{
    (void)progress;
    session *s = user;
    return ++s->steps % STEPS_BETWEEN_LOOKS != 0 ||
           !s->worker->is_stopping(s->worker->user);
}

static bool on_epoch(void *user, const cr_epoch *epoch, cr_error *err)
{
    session *s = user;
    size_t more = epoch->logged ? epoch->logged_count : 0;
    if (!cr_reserve(&s->rows, &s->row_capacity, s->row_count + 1, sizeof *s->rows, err) ||
        !cr_reserve(&s->logged, &s->logged_capacity, s->logged_count + more,
                    sizeof *s->logged, err))
        return false;
    s->rows[s->row_count] = *epoch;
    s->rows[s->row_count++].logged = NULL;
    if (more > 0)
        memcpy(s->logged + s->logged_count, epoch->logged, more * sizeof *s->logged);
    s->logged_count += more;
    return true;
}

static bool run_path(const session *s, cr_text *path)
{
    cr_text_add(path, "%s/%zu", s->worker->directory, s->job->trial);
    return !path->failed;
}

static bool create(session *s)
{
    s->experiment = cr_sweep_plan_experiment(s->worker->plan, s->job->trial,
                                             s->worker->draws, &s->err);
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
        cr_trial_mark_remove(path.data);
        s->has_run = false;
        destroy(s);
        good = create(s);
    }
    if (good && s->has_run)
        good = cr_run_go_on(&s->run, s->experiment, &s->err);
    cr_text_finish(&path);
    cr_text_finish(&warnings);
    return good;
}

/* Writes the epochs to the run's metrics.csv. */
static bool add_epochs(session *s)
{
    bool good = true;
    const double *logged = s->logged;
    for (size_t i = 0; good && i < s->row_count; i++) {
        cr_epoch epoch = s->rows[i];
        if (epoch.logged_count > 0)
            epoch.logged = logged;
        logged += epoch.logged_count;
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
        cr_trial_mark_remove(path.data); /* of a trial that was killed */
        good = cr_trial_mark_claim(path.data, &s->err) &&
               cr_run_create(&s->run, path.data, s->worker->plan->document.name,
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
           cr_monitor_measure(&s->worker->plan->section.judge, &of, &s->value, &s->err);
}

static bool is_worth_saving(const session *s, const cr_result *result)
{
    const cr_trial_worker *worker = s->worker;
    bool maximize = worker->plan->section.judge.metric.maximize;
    double threshold = worker->threshold(worker->user);
    /* what may go on needs its run, however good others are */
    return s->job->keeps && has_value(result) &&
           (s->job->continues || isnan(threshold) ||
            !cr_metric_is_better(maximize, threshold, s->value));
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

/* Appends the result to the message. */
static void report(const session *s, const cr_result *result, cr_text *message)
{
    const cr_experiment *e = s->experiment;
    char *config = e ? cr_json_print(e->model.document.root, false) : NULL;
    cr_trial_result r = {
        .status = status_of(s, result),
        .epochs = result->epochs,
        .steps = result->steps,
        .seconds = result->seconds,
        .regularization_loss = result->regularization_loss,
        .value = s->value,
        .epoch_count = s->row_count,
        .rows = s->rows,
        .config = config ? config : "",
        .error = s->err.text,
    };
    if (e) {
        r.parameters = e->model.network->parameter_count;
        r.has_accuracy = e->model.loss.type->classify;
    }
    memcpy(r.parts, result->parts, sizeof r.parts);
    cr_trial_message_add_result(&r, message);
    cr_free(config);
}

bool cr_trial_run(const cr_trial_worker *worker, const cr_trial_job *job,
                  cr_text *message)
{
    session *s = cr_alloc(1, sizeof *s, NULL); /* an error's text is large */
    if (!s) {
        message->failed = true;
        return true;
    }
    s->worker = worker;
    s->job = job;
    s->value = NAN;
    cr_result result = {0};
    if (!train(s, &result) && s->err.count == 0)
        cr_fail(&s->err, CR_E_MEMORY, "out of memory");
    bool stopped = result.status == CR_STATUS_INTERRUPTED;
    if (!stopped)
        report(s, &result, message);
    if (s->has_run)
        cr_run_finish(&s->run);
    destroy(s);
    cr_free(s->rows);
    cr_free(s->logged);
    cr_free(s);
    return !stopped;
}
