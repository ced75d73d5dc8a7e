/*
 * Successive halving without waiting (Li, Jamieson, Rostamizadeh, Gonina, Hardt, Recht,
 * Talwalkar, "A System for Massively Parallel Hyperparameter Tuning", 2018): whenever a
 * worker is free, the highest rung is looked for that has a setting among the better 1 /
 * `factor` of those with a result there which has not gone on yet, and the best such goes
 * on; where there is none, another setting begins.
 *
 * The rungs are those of successive halving. A setting may go on that would not have, had
 * all results of its rung been in; so more settings reach a rung than there, and which
 * ones follows from the order in which trials end. A setting with a trial that diverged or
 * failed does not go on. All that has not reached the last rung is out in the end.
 */
#include "base/memory.h"
#include "sweep/sweep_schedule.h"

#include <math.h>

/* How a setting stands on a rung. */
typedef enum stand { NOT_THERE, AT_WORK, DONE, GONE_ON } stand;

typedef struct asha {
    cr_rung rungs[CR_MOST_RUNGS];
    size_t rung_count, trials;
    double *values;  /* [rung_count × trials] NaN without one */
    bool *known;     /* [rung_count × trials] there is a result */
    bool *failed;    /* [settings] */
    stand *stands;   /* [rung_count × settings] */
    size_t *waiting; /* [waiting_count] of [settings]: to be gone on with on their rung,
                        where only some of their trials have results from before */
    size_t waiting_count;
    size_t setting, rung, trial; /* trial: of the setting, the next to hand out */
    size_t begun;                /* settings 0..begun) have begun */
    size_t outstanding;          /* trials without a result yet */
    bool handing;                /* the setting has trials to hand out */
    bool started, ended, stuck;  /* stuck: no result has come since nobody could go on */
} asha;

static size_t trials_of(const cr_sweep_workload *w)
{
    return w->settings * w->trials_per_setting;
}

static bool begin(cr_sweep_schedule *schedule, cr_error *err)
{
    asha *a = schedule->state;
    const cr_sweep_workload *w = schedule->workload;
    a->rung_count = cr_sweep_schedule_begin_rungs(schedule, a->rungs);
    a->trials = trials_of(w);
    a->values = cr_alloc(a->rung_count * a->trials, sizeof *a->values, err);
    a->known = cr_alloc(a->rung_count * a->trials, sizeof *a->known, err);
    a->stands = cr_alloc(a->rung_count * w->settings, sizeof *a->stands, err);
    a->failed = cr_alloc(w->settings, sizeof *a->failed, err);
    a->waiting = cr_alloc(w->settings, sizeof *a->waiting, err);
    return a->values && a->known && a->stands && a->failed && a->waiting;
}

static void finish(cr_sweep_schedule *schedule)
{
    asha *a = schedule->state;
    cr_free(a->values);
    cr_free(a->known);
    cr_free(a->stands);
    cr_free(a->failed);
    cr_free(a->waiting);
}

static stand *stand_of(const cr_sweep_schedule *schedule, size_t rung, size_t setting)
{
    const asha *a = schedule->state;
    return &a->stands[rung * schedule->workload->settings + setting];
}

static cr_setting_score score_of(const cr_sweep_schedule *schedule, size_t rung,
                                 size_t setting)
{
    const asha *a = schedule->state;
    return cr_sweep_schedule_score(schedule->workload, setting,
                                   a->values + rung * a->trials);
}

/* Of the setting's trials on the rung, so many have no result. */
static size_t count_missing(const cr_sweep_schedule *schedule, size_t rung,
                            size_t setting)
{
    const asha *a = schedule->state;
    size_t per = schedule->workload->trials_per_setting, missing = 0;
    for (size_t i = setting * per; i < (setting + 1) * per; i++)
        missing += !a->known[rung * a->trials + i];
    return missing;
}

/* A setting whose trials on the rung are all in: it may go on, or has reached the end. */
static void end_setting(cr_sweep_schedule *schedule, size_t rung, size_t setting)
{
    asha *a = schedule->state;
    if (*stand_of(schedule, rung, setting) == AT_WORK)
        *stand_of(schedule, rung, setting) = DONE;
    a->stuck = false;
    if (rung + 1 < a->rung_count || a->failed[setting])
        return;
    cr_setting_score of = score_of(schedule, rung, setting);
    cr_sweep_schedule_decide(schedule, &of, false);
}

static bool add(cr_sweep_schedule *schedule, const cr_sweep_outcome *outcome,
                cr_error *err)
{
    (void)err;
    asha *a = schedule->state;
    size_t rung = (size_t)outcome->rung;
    if (outcome->rung < 0 || rung >= a->rung_count || outcome->trial >= a->trials)
        return true; /* a row of the database that this sweep has no use for */
    size_t setting = outcome->trial / schedule->workload->trials_per_setting;
    size_t at = rung * a->trials + outcome->trial;
    schedule->done++;
    schedule->cost_done += a->started;
    a->outstanding -= a->started;
    a->known[at] = true;
    a->values[at] = outcome->failed ? (double)NAN : outcome->value;
    a->failed[setting] = a->failed[setting] || outcome->failed;
    if (*stand_of(schedule, rung, setting) == NOT_THERE) /* known results come anyhow */
        *stand_of(schedule, rung, setting) = AT_WORK;
    if (rung > 0)
        *stand_of(schedule, rung - 1, setting) = GONE_ON;
    if (count_missing(schedule, rung, setting) == 0)
        end_setting(schedule, rung, setting);
    return true;
}

/* What is known from before: settings that have begun, and those of which only some trials
 * have a result on their rung. */
static void start(cr_sweep_schedule *schedule)
{
    asha *a = schedule->state;
    const cr_sweep_workload *w = schedule->workload;
    a->started = true;
    for (size_t i = 0; i < w->settings; i++)
        for (size_t rung = a->rung_count; rung-- > 0;)
            if (*stand_of(schedule, rung, i) != NOT_THERE) {
                if (*stand_of(schedule, rung, i) == AT_WORK)
                    a->waiting[a->waiting_count++] = i;
                break;
            }
    schedule->cost_total = (double)schedule->total - (double)schedule->done;
}

/* The setting that may go on from the rung; false: none may. */
static bool find_promotion(const cr_sweep_schedule *schedule, size_t rung,
                           size_t *setting)
{
    const cr_sweep_workload *w = schedule->workload;
    size_t count = 0, better = 0;
    bool found = false;
    cr_setting_score best = {0};
    for (size_t i = 0; i < w->settings; i++) {
        stand at = *stand_of(schedule, rung, i);
        count += at == DONE || at == GONE_ON;
        if (at != DONE)
            continue;
        cr_setting_score of = score_of(schedule, rung, i);
        if (isnan(of.score))
            continue;
        if (!found || cr_sweep_schedule_ranks_before(&w->metric, &of, &best))
            best = of;
        found = true;
    }
    for (size_t i = 0; found && i < w->settings; i++) {
        if (*stand_of(schedule, rung, i) != GONE_ON)
            continue;
        cr_setting_score of = score_of(schedule, rung, i);
        better += cr_sweep_schedule_ranks_before(&w->metric, &of, &best);
    }
    *setting = best.setting;
    return found && better < count / w->factor;
}

/* The next setting and its rung; false: there is none now. */
static bool choose(cr_sweep_schedule *schedule)
{
    asha *a = schedule->state;
    const cr_sweep_workload *w = schedule->workload;
    if (a->waiting_count > 0) {
        a->setting = a->waiting[--a->waiting_count];
        for (a->rung = 0; *stand_of(schedule, a->rung, a->setting) != AT_WORK;)
            a->rung++;
        return true;
    }
    for (size_t rung = a->stuck ? 0 : a->rung_count - 1; rung-- > 0;)
        if (find_promotion(schedule, rung, &a->setting)) {
            *stand_of(schedule, rung, a->setting) = GONE_ON;
            a->rung = rung + 1;
            return true;
        }
    a->stuck = true;
    while (a->begun < w->settings && (*stand_of(schedule, 0, a->begun) != NOT_THERE ||
                                      !w->included[a->begun * w->trials_per_setting]))
        a->begun++;
    a->setting = a->begun;
    a->rung = 0;
    return a->begun < w->settings;
}

/* All that is not on the last rung is out. */
static void end(cr_sweep_schedule *schedule)
{
    asha *a = schedule->state;
    const cr_sweep_workload *w = schedule->workload;
    a->ended = true;
    schedule->total = schedule->done;
    for (size_t i = 0; i < w->settings; i++) {
        size_t rung = 0;
        while (rung < a->rung_count && *stand_of(schedule, rung, i) == GONE_ON)
            rung++;
        if (rung + 1 >= a->rung_count || *stand_of(schedule, rung, i) != DONE)
            continue;
        cr_setting_score of = score_of(schedule, rung, i);
        cr_sweep_schedule_decide(schedule, &of, true);
    }
}

static cr_sweep_task again(const cr_sweep_schedule *schedule, size_t trial)
{
    const asha *a = schedule->state;
    return cr_sweep_schedule_task(a->rungs, a->rung_count - 1, trial);
}

/* The next trial of the setting without a result; false: all are handed out. */
static bool hand_out(cr_sweep_schedule *schedule, cr_sweep_task *task)
{
    asha *a = schedule->state;
    size_t per = schedule->workload->trials_per_setting;
    for (; a->handing && a->trial < per; a->trial++) {
        size_t trial = a->setting * per + a->trial;
        if (a->known[a->rung * a->trials + trial])
            continue;
        a->trial++;
        a->outstanding++;
        *task = cr_sweep_schedule_task(a->rungs, a->rung, trial);
        return true;
    }
    a->handing = false;
    return false;
}

static cr_sweep_next next(cr_sweep_schedule *schedule, cr_sweep_task *task)
{
    asha *a = schedule->state;
    if (!a->started)
        start(schedule);
    while (!hand_out(schedule, task)) {
        if (a->ended || !choose(schedule)) {
            if (a->outstanding > 0)
                return CR_SWEEP_WAIT;
            if (!a->ended)
                end(schedule);
            return CR_SWEEP_END;
        }
        *stand_of(schedule, a->rung, a->setting) = AT_WORK;
        schedule->rung = a->rung + 1 > schedule->rung ? a->rung + 1 : schedule->rung;
        a->trial = 0;
        a->handing = true;
    }
    size_t handed = schedule->done + a->outstanding;
    schedule->total = handed > schedule->total ? handed : schedule->total;
    return CR_SWEEP_RUN;
}

const cr_sweep_schedule_type cr_sweep_schedule_asha = {
    .state_size = sizeof(asha),
    .adapts = true,
    .begin = begin,
    .finish = finish,
    .add = add,
    .next = next,
    .again = again,
    .rungs = cr_sweep_schedule_rungs,
};
