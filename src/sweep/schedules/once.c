/* Every trial once and to its end: the schedule of grid and random search. */
#include "base/memory.h"
#include "sweep/sweep_schedule.h"

#include <math.h>

typedef struct once {
    cr_queued_trial *queue; /* [count] all trials that are included, in order */
    size_t count, at;       /* queue[0..at) were handed out, or known */
    double *values;         /* [trials] NaN at first */
    bool *finished;         /* [trials] */
    size_t *unfinished;     /* [settings] of the trials that are included */
    bool started;           /* the first trial was asked for */
} once;

static size_t trials_of(const cr_sweep_workload *w)
{
    return w->settings * w->trials_per_setting;
}

static bool begin(cr_sweep_schedule *schedule, cr_error *err)
{
    once *o = schedule->state;
    const cr_sweep_workload *w = schedule->workload;
    size_t trials = trials_of(w);
    o->queue = cr_alloc(trials, sizeof *o->queue, err);
    o->values = cr_alloc(trials, sizeof *o->values, err);
    o->finished = cr_alloc(trials, sizeof *o->finished, err);
    o->unfinished = cr_alloc(w->settings, sizeof *o->unfinished, err);
    if (!o->queue || !o->values || !o->finished || !o->unfinished)
        return false;
    for (size_t i = 0; i < trials; i++) {
        size_t setting = i / w->trials_per_setting;
        o->values[i] = NAN;
        if (!w->included[i])
            continue;
        o->queue[o->count++] = (cr_queued_trial){w->costs[setting], i};
        o->unfinished[setting]++;
    }
    cr_sweep_schedule_sort(o->queue, o->count);
    schedule->total = o->count;
    return true;
}

static void finish(cr_sweep_schedule *schedule)
{
    once *o = schedule->state;
    cr_free(o->queue);
    cr_free(o->values);
    cr_free(o->finished);
    cr_free(o->unfinished);
}

static bool add(cr_sweep_schedule *schedule, const cr_sweep_outcome *outcome,
                cr_error *err)
{
    (void)err;
    once *o = schedule->state;
    const cr_sweep_workload *w = schedule->workload;
    size_t trial = outcome->trial;
    if (trial >= trials_of(w) || !w->included[trial] || o->finished[trial])
        return true; /* a row of the database that this sweep has no use for */
    size_t setting = trial / w->trials_per_setting;
    schedule->done++;
    if (o->started)
        schedule->cost_done += w->costs[setting];
    if (outcome->failed)
        return true;
    o->finished[trial] = true;
    o->values[trial] = outcome->value;
    if (--o->unfinished[setting] == 0) {
        cr_setting_score of = cr_sweep_schedule_score(w, setting, o->values);
        cr_sweep_schedule_decide(schedule, &of, false);
    }
    return true;
}

static cr_sweep_task again(const cr_sweep_schedule *schedule, size_t trial)
{
    (void)schedule;
    return (cr_sweep_task){.trial = trial, .rung = -1};
}

static cr_sweep_next next(cr_sweep_schedule *schedule, cr_sweep_task *task)
{
    once *o = schedule->state;
    for (size_t i = 0; !o->started && i < o->count; i++)
        if (!o->finished[o->queue[i].trial])
            schedule->cost_total += o->queue[i].cost;
    o->started = true;
    while (o->at < o->count && o->finished[o->queue[o->at].trial])
        o->at++;
    if (o->at == o->count)
        return CR_SWEEP_END;
    *task = again(schedule, o->queue[o->at++].trial);
    return CR_SWEEP_RUN;
}

const cr_sweep_schedule_type cr_sweep_schedule_once = {
    .state_size = sizeof(once),
    .begin = begin,
    .finish = finish,
    .add = add,
    .next = next,
    .again = again,
};
