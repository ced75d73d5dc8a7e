/*
 * Successive halving (Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and
 * Hyperparameter Optimization", 2016): all settings are trained for a few epochs, the
 * better ones of them go on to `factor` times the epochs, and so on up to whole trials.
 *
 * A rung is over when all its results are in. A trial that failed counts as one without a
 * value, and a setting with such a trial does not go on.
 */
#include "base/memory.h"
#include "sweep/sweep_schedule.h"

#include <math.h>
#include <stdlib.h>

/* A setting that is still in the race; for qsort, with the metric inside. */
typedef struct contender {
    cr_setting_score of;
    const cr_metric *metric;
} contender;

/* A result from before, for the rung that it belongs to. */
typedef struct known_result {
    size_t rung, trial;
    double value;
} known_result;

typedef struct halving {
    cr_rung rungs[CR_MOST_RUNGS];
    size_t rung_count, rung; /* rung: the present one; rung_count: it is all over */
    contender *contenders;   /* [contender_count] of [settings] */
    size_t contender_count;
    double *values;         /* [trials] after the present rung */
    cr_queued_trial *queue; /* [queued] of [trials]: what the present rung is to run */
    size_t queued, at;      /* queue[0..at) were handed out */
    size_t outstanding;     /* of them without a result yet */
    known_result *known;    /* [known_count], sorted once the first trial is asked for */
    size_t known_count, known_capacity;
    bool started;
} halving;

static bool begin(cr_sweep_schedule *schedule, cr_error *err)
{
    halving *h = schedule->state;
    const cr_sweep_workload *w = schedule->workload;
    size_t trials = w->settings * w->trials_per_setting;
    h->contenders = cr_alloc(w->settings, sizeof *h->contenders, err);
    h->values = cr_alloc(trials, sizeof *h->values, err);
    h->queue = cr_alloc(trials, sizeof *h->queue, err);
    if (!h->contenders || !h->values || !h->queue)
        return false;
    for (size_t i = 0; i < w->settings; i++)
        if (w->included[i * w->trials_per_setting])
            h->contenders[h->contender_count++] = (contender){{.setting = i}, &w->metric};
    h->rung_count = cr_sweep_schedule_begin_rungs(schedule, h->rungs);
    return true;
}

static void finish(cr_sweep_schedule *schedule)
{
    halving *h = schedule->state;
    cr_free(h->contenders);
    cr_free(h->values);
    cr_free(h->queue);
    cr_free(h->known);
}

/* For qsort and bsearch. */
static int by_rung(const void *a, const void *b)
{
    const known_result *x = a, *y = b;
    if (x->rung != y->rung)
        return x->rung < y->rung ? -1 : 1;
    return x->trial < y->trial ? -1 : x->trial > y->trial;
}

static const known_result *find_known(const halving *h, size_t trial)
{
    const known_result key = {h->rung, trial, 0};
    return h->known_count > 0
               ? bsearch(&key, h->known, h->known_count, sizeof key, by_rung)
               : NULL;
}

/* Queues what the rung has no result of yet. */
static void begin_rung(cr_sweep_schedule *schedule)
{
    halving *h = schedule->state;
    const cr_sweep_workload *w = schedule->workload;
    schedule->rung = h->rung + 1;
    schedule->cost_done = schedule->cost_total = 0;
    h->queued = h->at = 0;
    for (size_t c = 0; c < h->contender_count; c++) {
        size_t setting = h->contenders[c].of.setting;
        for (size_t i = 0; i < w->trials_per_setting; i++) {
            size_t trial = setting * w->trials_per_setting + i;
            const known_result *known = find_known(h, trial);
            h->values[trial] = known ? known->value : (double)NAN;
            if (known) {
                schedule->done++;
                continue;
            }
            h->queue[h->queued++] = (cr_queued_trial){w->costs[setting], trial};
            schedule->cost_total += w->costs[setting];
        }
    }
    cr_sweep_schedule_sort(h->queue, h->queued);
}

/* For qsort. */
static int by_rank(const void *a, const void *b)
{
    const contender *x = a, *y = b;
    return cr_sweep_schedule_ranks_before(x->metric, &x->of, &y->of) ? -1 : 1;
}

/* Ranks the contenders. After the last rung they are done; after others the better ones
 * go on and the rest is out. */
static void end_rung(cr_sweep_schedule *schedule)
{
    halving *h = schedule->state;
    bool last = ++h->rung == h->rung_count;
    for (size_t i = 0; i < h->contender_count; i++) {
        contender *c = &h->contenders[i];
        c->of = cr_sweep_schedule_score(schedule->workload, c->of.setting, h->values);
    }
    if (h->contender_count > 0)
        qsort(h->contenders, h->contender_count, sizeof *h->contenders, by_rank);
    size_t go_on = last || h->rungs[h->rung].settings > h->contender_count
                       ? h->contender_count
                       : h->rungs[h->rung].settings;
    while (!last && go_on > 0 && isnan(h->contenders[go_on - 1].of.score))
        go_on--;
    for (size_t i = last ? 0 : go_on; i < h->contender_count; i++)
        cr_sweep_schedule_decide(schedule, &h->contenders[i].of, !last);
    h->contender_count = go_on;
}

/* Ends rungs whose results are all in, and begins the rungs after them. */
static void advance(cr_sweep_schedule *schedule)
{
    halving *h = schedule->state;
    while (h->rung < h->rung_count && h->at == h->queued && h->outstanding == 0) {
        end_rung(schedule);
        if (h->rung < h->rung_count)
            begin_rung(schedule);
    }
}

static bool add_known(halving *h, const cr_sweep_outcome *outcome, cr_error *err)
{
    if (!cr_reserve(&h->known, &h->known_capacity, h->known_count + 1, sizeof *h->known,
                    err))
        return false;
    h->known[h->known_count++] =
        (known_result){(size_t)outcome->rung, outcome->trial, outcome->value};
    return true;
}

static bool add(cr_sweep_schedule *schedule, const cr_sweep_outcome *outcome,
                cr_error *err)
{
    halving *h = schedule->state;
    const cr_sweep_workload *w = schedule->workload;
    if (!h->started)
        return add_known(h, outcome, err);
    schedule->done++;
    schedule->cost_done += w->costs[outcome->trial / w->trials_per_setting];
    h->values[outcome->trial] = outcome->failed ? (double)NAN : outcome->value;
    h->outstanding--;
    advance(schedule);
    return true;
}

static cr_sweep_task again(const cr_sweep_schedule *schedule, size_t trial)
{
    const halving *h = schedule->state;
    return cr_sweep_schedule_task(h->rungs, h->rung_count - 1, trial);
}

static cr_sweep_next next(cr_sweep_schedule *schedule, cr_sweep_task *task)
{
    halving *h = schedule->state;
    if (!h->started) {
        h->started = true;
        if (h->known_count > 0)
            qsort(h->known, h->known_count, sizeof *h->known, by_rung);
        begin_rung(schedule);
        advance(schedule);
    }
    if (h->at < h->queued) {
        *task = cr_sweep_schedule_task(h->rungs, h->rung, h->queue[h->at++].trial);
        h->outstanding++;
        return CR_SWEEP_RUN;
    }
    return h->rung + 1 < h->rung_count ? CR_SWEEP_WAIT : CR_SWEEP_END;
}

const cr_sweep_schedule_type cr_sweep_schedule_halving = {
    .state_size = sizeof(halving),
    .begin = begin,
    .finish = finish,
    .add = add,
    .next = next,
    .again = again,
    .rungs = cr_sweep_schedule_rungs,
};
