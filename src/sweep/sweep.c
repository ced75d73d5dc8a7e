#include "sweep/sweep.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/path.h"
#include "math/blas.h"
#include "sweep/kept_models.h"
#include "sweep/luggage.h"
#include "sweep/sweep_command.h"
#include "sweep/sweep_work.h"
#include "sweep/trial_message.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Results that come within this time are committed together, since a commit takes some
 * milliseconds whatever is in it. At first the time is shorter: with a commit, workers
 * learn which results are not worth a run directory. */
static const double commit_seconds = 0.1, first_commit_seconds = 0.02;
enum { WAIT_MILLISECONDS = 20 };

typedef struct sweep {
    cr_sweep_plan *plan;
    cr_store *store;
    const cr_sweep_options *options;
    cr_sweep_progress *progress;
    cr_sweep_schedule *schedule;
    cr_kept_models kept;
    cr_trial_worker worker; /* what workers know */
    const cr_transport_type *type;
    cr_transport *transport;
    bool stopped;            /* on_progress said so */
    size_t settings_written; /* of those that are made: what the database has, at least */
    size_t in_flight;        /* jobs that were sent and have not come back */
    double began, committed; /* when the sweep began, and when the last commit was */
    double noticed;          /* the threshold that workers were told of last; NaN: none */
    cr_text message;         /* what is being sent */
    cr_epoch *rows;          /* the epochs of the result that is being recorded */
    size_t row_capacity;
    bool *done;           /* [trials] the trial's result is known from before */
    cr_sweep_task *again; /* [again_count]: trials that have failed, or kept trials whose
                             runs are missing */
    size_t again_count, again_at, again_capacity;
    bool repeating; /* these are at work, and not what the schedule says */
    bool restoring; /* and give what is known already */
} sweep;

static char *run_path(const sweep *s, size_t trial, cr_error *err)
{
    char number[24];
    snprintf(number, sizeof number, "%zu", trial);
    return cr_path_join(s->kept.trials_path, number, err);
}

/* Packs the run that the job goes on with. */
static bool add_run(sweep *s, const cr_trial_job *job, cr_error *err)
{
    char *run = run_path(s, job->trial, err);
    if (run)
        cr_luggage_add(&s->message, job->continues && job->from > 0 ? run : NULL);
    cr_free(run);
    return run != NULL;
}

/* Unpacks the run that came with a result. */
static bool take_run(const sweep *s, size_t trial, const char *bytes, size_t *length,
                     cr_error *err)
{
    const char *luggage = NULL;
    size_t luggage_length = 0;
    char *run = run_path(s, trial, err);
    bool good = run && cr_luggage_split(bytes, length, &luggage, &luggage_length, err) &&
                cr_luggage_unpack(luggage, luggage_length, run, err);
    cr_free(run);
    return good;
}

/* Notes in the database what begins or has ended, where the schedule depends on it. */
static bool note(sweep *s, const char *event, size_t trial, int rung, double value,
                 cr_error *err)
{
    const cr_store_event row = {
        .event = event, .trial = trial, .rung = rung, .value = value};
    return !s->schedule->type->adapts || s->restoring ||
           (cr_store_begin(s->store, err) && cr_store_add_event(s->store, &row, err));
}

/* A setting that the schedule has made just now becomes one of the plan, with those before
 * it. What its config has against it, the worker says. */
static bool make_setting(sweep *s, size_t setting, cr_error *err)
{
    cr_error ignored = CR_ERROR_INIT;
    size_t first = s->settings_written;
    if (setting >= s->plan->section.given) {
        const double *point = s->schedule->type->point(s->schedule, setting);
        bool good = cr_sweep_plan_make(s->plan, setting, point, &ignored);
        (void)good;
    }
    bool good = first > setting || cr_store_begin(s->store, err);
    for (size_t i = first; good && i <= setting; i++)
        good = cr_store_add_setting(s->store, s->plan, i, err);
    s->settings_written = setting >= first ? setting + 1 : first;
    return good;
}

static bool send_task(sweep *s, const cr_sweep_task *task, cr_error *err)
{
    const cr_sweep_schedule_type *type = s->schedule->type;
    const cr_sweep_section *section = &s->plan->section;
    size_t setting = cr_sweep_plan_trial(s->plan, task->trial).setting;
    cr_trial_job job = {.trial = task->trial,
                        .rung = task->rung,
                        .from = task->from,
                        .epochs = task->epochs,
                        .keeps = s->kept.limit > 0 || type->rungs,
                        .continues = type->rungs != NULL};
    if (type->point) {
        if (!make_setting(s, setting, err))
            return false;
        job.point_count = section->parameter_count;
        memcpy(job.point, section->points + setting * job.point_count,
               job.point_count * sizeof *job.point);
    }
    s->message.length = 0;
    cr_trial_message_add_job(&job, &s->message);
    if (s->type->travels && !add_run(s, &job, err))
        return false;
    if (s->message.failed)
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    s->in_flight++;
    return note(s, "begin", task->trial, task->rung, NAN, err) &&
           s->type->send(s->transport, s->message.data, s->message.length, err);
}

/* What to run next. */
static cr_sweep_next find_next(sweep *s, cr_sweep_task *task)
{
    if (!s->repeating)
        return cr_sweep_schedule_next(s->schedule, task);
    if (s->again_at == s->again_count)
        return CR_SWEEP_END;
    *task = s->again[s->again_at++];
    return CR_SWEEP_RUN;
}

/* Sends as many jobs as the transport takes. */
static bool hand_out(sweep *s, cr_error *err)
{
    bool good = true;
    bool adapts = s->schedule->type->adapts;
    for (size_t room = s->type->room(s->transport); good && room > 0; room--) {
        cr_sweep_task task;
        if (adapts && s->in_flight >= s->options->workers)
            break;
        cr_sweep_next next = find_next(s, &task);
        if (next == CR_SWEEP_END)
            s->type->close(s->transport);
        if (next != CR_SWEEP_RUN)
            break;
        good = send_task(s, &task, err);
    }
    return good;
}

/* Records a trial that ended, on the next commit. */
static bool record(sweep *s, const cr_trial_job *job, const cr_trial_result *result,
                   cr_error *err)
{
    bool failed = result->status == CR_TRIAL_FAILED;
    bool has_value = cr_trial_has_value(result->status) && isfinite(result->value);
    const cr_sweep_outcome outcome = {.trial = job->trial,
                                      .rung = job->rung,
                                      .failed = failed,
                                      .value = has_value ? result->value : (double)NAN};
    s->in_flight--;
    s->progress->epochs += result->epoch_count;
    s->progress->diverged += result->status == CR_TRIAL_DIVERGED;
    s->progress->failed += failed;
    return cr_store_begin(s->store, err) &&
           note(s, "end", job->trial, job->rung, outcome.value, err) &&
           cr_store_add(s->store, s->plan, job->trial, result, failed ? -1 : job->rung,
                        err) &&
           (s->restoring || cr_sweep_schedule_add(s->schedule, &outcome, err));
}

static bool take_event(sweep *s, const cr_event *event, cr_error *err)
{
    cr_trial_job job;
    cr_trial_result result = {
        .status = CR_TRIAL_FAILED, .config = "", .error = event->bytes};
    const char *unused = NULL;
    size_t job_length = event->job_length, length = event->length, unused_length = 0;
    if (event->kind != CR_EVENT_RESULT && event->kind != CR_EVENT_LOST)
        return true;
    if (s->type->travels &&
        !cr_luggage_split(event->job, &job_length, &unused, &unused_length, err))
        return false;
    if (!cr_trial_message_read_job(event->job, job_length, &job, err))
        return false;
    if (event->kind == CR_EVENT_LOST)
        return record(s, &job, &result, err);
    return (!s->type->travels || take_run(s, job.trial, event->bytes, &length, err)) &&
           cr_trial_message_read_result(event->bytes, length, &result, &s->rows,
                                        &s->row_capacity, err) &&
           record(s, &job, &result, err);
}

/* Results go to the disk. Only then are the runs of settings removed that they have
 * beaten: a sweep that is killed between the two does not miss them. */
static bool commit(sweep *s, cr_error *err)
{
    bool good = cr_store_commit(s->store, err);
    cr_sweep_verdict verdict;
    while (good && cr_sweep_schedule_verdict(s->schedule, &verdict)) {
        if (!verdict.eliminated) {
            cr_kept_models_offer(&s->kept, &verdict.of);
            continue;
        }
        good = cr_store_begin(s->store, err) &&
               cr_store_eliminate(s->store, verdict.of.setting, err);
        if (good)
            cr_kept_models_remove(&s->kept, verdict.of.setting);
    }
    s->committed = cr_clock();
    return good && cr_store_commit(s->store, err);
}

/* Tells the workers which trials will not be kept, if that has changed. */
static bool notify(sweep *s, cr_error *err)
{
    double now = cr_kept_models_threshold(&s->kept);
    if (isnan(now) || now == s->noticed)
        return true;
    s->message.length = 0;
    cr_trial_message_add_notice(now, &s->message);
    if (s->message.failed)
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    s->type->notify(s->transport, s->message.data, s->message.length);
    s->noticed = now;
    return true;
}

/* Says where the sweep stands. False: it should stop. */
static bool show_progress(sweep *s)
{
    cr_sweep_progress *p = s->progress;
    const cr_sweep_schedule *schedule = s->schedule;
    double repeated = s->again_count ? (double)s->again_at / (double)s->again_count : 1;
    double share =
        schedule->cost_total > 0 ? schedule->cost_done / schedule->cost_total : 1;
    p->total = schedule->total + (s->restoring ? s->again_count : 0);
    p->done = schedule->done + (s->restoring ? s->again_at - s->in_flight : 0);
    p->rung = schedule->rung;
    p->rungs = schedule->rungs;
    p->has_best = s->kept.count > 0;
    if (p->has_best)
        p->best = s->kept.best[0];
    p->running = s->in_flight < s->options->workers ? s->in_flight : s->options->workers;
    p->share = s->repeating ? repeated : share;
    p->seconds = cr_clock() - s->began;
    return s->options->on_progress(s->options->user, p);
}

static bool is_due(const sweep *s)
{
    double now = cr_clock(), most = first_commit_seconds + (now - s->began) / 10;
    return now - s->committed >= (most < commit_seconds ? most : commit_seconds);
}

/* One event of the transport and what follows from it. *ended: the workers are gone. */
static bool go_on(sweep *s, bool *ended, cr_error *err)
{
    cr_event event;
    if (!s->type->receive(s->transport, WAIT_MILLISECONDS, &event, err) ||
        !take_event(s, &event, err))
        return false;
    *ended = event.kind == CR_EVENT_END;
    bool goes_on = !s->stopped && !*ended;
    if (s->schedule->type->adapts && goes_on && !hand_out(s, err))
        return false; /* nobody is to wait for the commit */
    if ((*ended || is_due(s)) && !(commit(s, err) && notify(s, err)))
        return false;
    if (goes_on && !hand_out(s, err))
        return false;
    if (!show_progress(s) && !s->stopped) {
        s->stopped = true;
        s->type->stop(s->transport);
    }
    return true;
}

/* Runs what find_next says, until there is nothing more or it was stopped. */
static bool conduct(sweep *s, cr_error *err)
{
    const cr_transport_work how = {s->options->workers, cr_sweep_work, &s->worker,
                                   s->options->link};
    s->transport = s->type->start(&how, err);
    s->noticed = NAN;
    bool ended = false, good = s->transport && notify(s, err) && hand_out(s, err);
    while (good && !ended)
        good = go_on(s, &ended, err);
    s->type->destroy(s->transport);
    s->transport = NULL;
    cr_error late = CR_ERROR_INIT;
    if (!cr_store_commit(s->store, good ? err : &late)) /* what came last of all */
        good = false;
    return good;
}

/* What add_known needs besides the row. */
typedef struct recall {
    sweep *sweep;
    cr_error *err;
    bool good;
} recall;

static bool add_known(recall *r, size_t trial, int rung, double value)
{
    const cr_sweep_outcome outcome = {.trial = trial, .rung = rung, .value = value};
    r->good = trial >= r->sweep->plan->trials ||
              cr_sweep_schedule_add(r->sweep->schedule, &outcome, r->err);
    return r->good;
}

/* Puts a trial into the list of those that are run again. */
static bool repeat(sweep *s, size_t trial, cr_error *err)
{
    if (!cr_reserve(&s->again, &s->again_capacity, s->again_count + 1, sizeof *s->again,
                    err))
        return false;
    s->again[s->again_count++] = s->schedule->type->again(s->schedule, trial);
    return true;
}

static bool recall_row(void *user, const cr_store_row *row)
{
    recall *r = user;
    if (row->trial >= r->sweep->plan->trials)
        return true;
    if (row->status == CR_TRIAL_FAILED) {
        r->good =
            !r->sweep->options->failed_alone || repeat(r->sweep, row->trial, r->err);
        return r->good;
    }
    r->sweep->done[row->trial] = true;
    r->sweep->progress->diverged += row->status == CR_TRIAL_DIVERGED;
    return add_known(r, row->trial, -1, row->value);
}

static bool recall_rung(void *user, const cr_store_rung *rung)
{
    return add_known(user, rung->trial, (int)rung->rung, rung->value);
}

/* Tells the schedule what the database knows, and clears up after a sweep that was
 * killed. */
static bool recall_all(sweep *s, cr_error *err)
{
    recall r = {s, err, true};
    bool has_rungs = s->schedule->type->rungs != NULL;
    bool good = has_rungs ? cr_store_visit_rungs(s->store, recall_rung, &r, err)
                          : cr_store_visit(s->store, recall_row, &r, err);
    good = good && r.good && commit(s, err);
    if (good && s->kept.count > 0 && cr_kept_models_has_run(&s->kept, 0))
        good =
            cr_kept_models_link_best(&s->kept, err); /* it may have another number now */
    if (good && !has_rungs) /* with rungs, trials go on where their runs are */
        cr_kept_models_remove_leftovers(&s->kept, s->done);
    return good;
}

/* Runs that are to be kept and are not there, since more are kept now than before, are
 * done again, which gives them back to the bit. */
static bool restore_missing(sweep *s, cr_error *err)
{
    bool good = true;
    s->again_count = s->again_at = 0;
    for (size_t i = 0; good && i < s->kept.count; i++)
        if (!cr_kept_models_has_run(&s->kept, i))
            good = repeat(s, s->kept.best[i].trial, err);
    s->repeating = s->restoring = true;
    good = good && (s->again_count == 0 || conduct(s, err));
    s->progress->total = s->schedule->total; /* models that came back are no trials */
    s->progress->done = s->schedule->done;
    return good;
}

static bool prepare(sweep *s, cr_error *err)
{
    const cr_sweep_section *section = &s->plan->section;
    s->done = cr_alloc(s->plan->trials, sizeof *s->done, err);
    s->schedule =
        cr_sweep_schedule_create(section->method->schedule, &s->plan->workload, err);
    bool good = cr_kept_models_begin(&s->kept, s->options->directory, &s->plan->workload,
                                     section->keep, err) &&
                s->done && s->schedule && recall_all(s, err);
    s->repeating = s->options->failed_alone;
    s->worker = (cr_trial_worker){.plan = s->plan,
                                  .draws = cr_kept_draws_create(err),
                                  .directory = s->kept.trials_path};
    return good && s->worker.draws;
}

bool cr_sweep_run(cr_sweep_plan *plan, cr_store *store, const cr_sweep_options *options,
                  cr_sweep_progress *last, cr_error *err)
{
    cr_error own = CR_ERROR_INIT;
    err = err ? err : &own;
    *last = (cr_sweep_progress){0};
    sweep s = {.plan = plan,
               .store = store,
               .options = options,
               .progress = last,
               .type = options->transport ? options->transport : &cr_process_pool,
               .began = cr_clock()};
    cr_blas_set_threads(1); /* here, so that no worker has to */
    bool good =
        prepare(&s, err) &&
        cr_sweep_command_write(options->directory, plan, options->mixture, false, err) &&
        conduct(&s, err) && (s.stopped || restore_missing(&s, err)) &&
        cr_kept_models_link_best(&s.kept, err);
    bool all = good && (!options->failed_alone || s.schedule->done >= s.schedule->total);
    if (good && all && !s.stopped && last->failed == 0)
        good =
            cr_sweep_command_write(options->directory, plan, options->mixture, true, err);
    last->seconds = cr_clock() - s.began;
    last->running = 0;
    cr_kept_models_finish(&s.kept);
    cr_sweep_schedule_destroy(s.schedule);
    cr_text_finish(&s.message);
    cr_kept_draws_destroy(s.worker.draws);
    cr_free(s.rows);
    cr_free(s.again);
    cr_free(s.done);
    return good;
}
