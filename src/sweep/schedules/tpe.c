/*
 * Tree-structured Parzen estimators (Bergstra et al.: parzen.h has the source). A setting
 * is made when there is a worker for it, of what the others have come to:
 *
 *   - the first ten are random draws;
 *   - then the settings with a result are split: l is the Parzen estimator of the better
 *     ⌈0.1 n⌉ of n, at most 25, and g that of the rest, with those that are still at work,
 *     so that what runs at the same time is not all the same;
 *   - of 24 draws from l, the one with the largest l / g is run. What was made before is
 *     passed over; where there is nothing new, a few even draws are tried, and then the
 *     search is at its end.
 *
 * A result of a setting is the mean over its repeats and folds. One that diverged or failed
 * is worse than any other.
 */
#include "base/memory.h"
#include "base/random.h"
#include "sweep/schedules/parzen.h"
#include "sweep/sweep_schedule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CANDIDATES = 24, MOST_BETTER = 25, EVEN_TRIES = 200 };

/* A setting that is to be ranked; for qsort. */
typedef struct ranked {
    double loss; /* infinite without a value */
    size_t setting;
} ranked;

typedef struct tpe {
    size_t made;           /* settings that there are */
    size_t at;             /* trials 0..at) of them were handed out, or known */
    double *points;        /* [settings × dimensions] numbers of the values */
    cr_sweep_cell *cells;  /* [settings × dimensions] */
    cr_sweep_cell *around; /* [dimensions] of a candidate */
    double *best, *candidate, *uniforms;
    double *values;     /* [trials] NaN at first */
    bool *finished;     /* [trials] */
    size_t *unfinished; /* [settings] trials that are still to end */
    bool *lost;         /* [settings] one of its trials failed */
    ranked *ranked;     /* [settings] */
    size_t *members;    /* [settings] the better ones, then the others */
    bool ended;         /* no setting will follow */
} tpe;

static void count_trials(cr_sweep_schedule *schedule, size_t setting)
{
    tpe *t = schedule->state;
    const cr_sweep_workload *w = schedule->workload;
    for (size_t i = 0; i < w->trials_per_setting; i++)
        t->unfinished[setting] += w->included[setting * w->trials_per_setting + i];
}

/* Notes the cells of a setting whose point is known. */
static void note_cells(cr_sweep_schedule *schedule, size_t setting)
{
    tpe *t = schedule->state;
    const cr_sweep_workload *w = schedule->workload;
    size_t first = setting * w->parameter_count;
    for (size_t k = 0; k < w->parameter_count; k++)
        t->cells[first + k] =
            cr_sweep_space_cell(&w->parameters[k], t->points[first + k]);
}

static bool begin(cr_sweep_schedule *schedule, cr_error *err)
{
    tpe *t = schedule->state;
    const cr_sweep_workload *w = schedule->workload;
    size_t trials = w->settings * w->trials_per_setting, d = w->parameter_count;
    t->points = cr_alloc(w->settings * d, sizeof *t->points, err);
    t->cells = cr_alloc(w->settings * d, sizeof *t->cells, err);
    t->around = cr_alloc(d, sizeof *t->around, err);
    t->best = cr_alloc(d, sizeof *t->best, err);
    t->candidate = cr_alloc(d, sizeof *t->candidate, err);
    t->uniforms = cr_alloc(2 * d + 2, sizeof *t->uniforms, err);
    t->values = cr_alloc(trials, sizeof *t->values, err);
    t->finished = cr_alloc(trials, sizeof *t->finished, err);
    t->unfinished = cr_alloc(w->settings, sizeof *t->unfinished, err);
    t->lost = cr_alloc(w->settings, sizeof *t->lost, err);
    t->ranked = cr_alloc(w->settings, sizeof *t->ranked, err);
    t->members = cr_alloc(w->settings, sizeof *t->members, err);
    if (!t->points || !t->cells || !t->around || !t->best || !t->candidate ||
        !t->uniforms || !t->values || !t->finished || !t->unfinished || !t->lost ||
        !t->ranked || !t->members)
        return false;
    t->made = w->made;
    if (t->made * d > 0)
        memcpy(t->points, w->points, t->made * d * sizeof *t->points);
    for (size_t i = 0; i < w->settings; i++)
        count_trials(schedule, i);
    for (size_t i = 0; i < t->made; i++)
        note_cells(schedule, i);
    for (size_t i = 0; i < trials; i++)
        schedule->total += w->included[i];
    return true;
}

static void finish(cr_sweep_schedule *schedule)
{
    tpe *t = schedule->state;
    void *const parts[] = {t->points,    t->cells,      t->around, t->best,
                           t->candidate, t->uniforms,   t->values, t->finished,
                           t->lost,      t->unfinished, t->ranked, t->members};
    for (size_t i = 0; i < CR_COUNT(parts); i++)
        cr_free(parts[i]);
}

static bool add(cr_sweep_schedule *schedule, const cr_sweep_outcome *outcome,
                cr_error *err)
{
    (void)err;
    tpe *t = schedule->state;
    const cr_sweep_workload *w = schedule->workload;
    size_t trial = outcome->trial, setting = trial / w->trials_per_setting;
    if (setting >= t->made || !w->included[trial] || t->finished[trial])
        return true; /* a row of the database that this sweep has no use for */
    schedule->done++;
    schedule->cost_done++;
    t->lost[setting] = t->lost[setting] || outcome->failed;
    if (outcome->failed)
        return true;
    t->finished[trial] = true;
    t->values[trial] = outcome->value;
    if (--t->unfinished[setting] == 0) {
        cr_setting_score of = cr_sweep_schedule_score(w, setting, t->values);
        cr_sweep_schedule_decide(schedule, &of, false);
    }
    return true;
}

/* For qsort: the better first, and of like ones the earlier. */
static int by_loss(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->loss != y->loss)
        return x->loss < y->loss ? -1 : 1;
    return x->setting < y->setting ? -1 : x->setting > y->setting;
}

/* Ranks the settings with a result into members; *better: how many of them are in l; the
 * others, and those at work, follow. Returns how many there are in all. */
static size_t split(cr_sweep_schedule *schedule, size_t *better)
{
    tpe *t = schedule->state;
    const cr_sweep_workload *w = schedule->workload;
    size_t count = 0, valued = 0, all = 0;
    for (size_t i = 0; i < t->made; i++) {
        bool included = w->included[i * w->trials_per_setting];
        if (!included || (t->unfinished[i] > 0 && !t->lost[i]))
            continue;
        double score =
            t->lost[i] ? (double)NAN : cr_sweep_schedule_score(w, i, t->values).score;
        double loss = isnan(score)         ? (double)INFINITY
                      : w->metric.maximize ? -score
                                           : score;
        t->ranked[count++] = (ranked){loss, i};
        valued += isfinite(loss) ? 1 : 0;
    }
    if (count > 0)
        qsort(t->ranked, count, sizeof *t->ranked, by_loss);
    *better = (count + 9) / 10 < MOST_BETTER ? (count + 9) / 10 : MOST_BETTER;
    *better = *better < valued ? *better : valued;
    for (size_t i = 0; i < count; i++)
        t->members[all++] = t->ranked[i].setting;
    for (size_t i = 0; i < t->made; i++)
        if (w->included[i * w->trials_per_setting] && t->unfinished[i] > 0 && !t->lost[i])
            t->members[all++] = i;
    return all;
}

/* Whether the candidate was made before. */
static bool is_known(const cr_sweep_schedule *schedule)
{
    const tpe *t = schedule->state;
    size_t d = schedule->workload->parameter_count;
    for (size_t i = 0; i < t->made; i++) {
        size_t k = 0;
        while (k < d && t->points[i * d + k] == t->candidate[k])
            k++;
        if (k == d)
            return true;
    }
    return false;
}

/* The uniform draws for a candidate of the next setting. */
static void draw_uniforms(const cr_sweep_schedule *schedule, uint64_t candidate)
{
    const tpe *t = schedule->state;
    const cr_sweep_workload *w = schedule->workload;
    size_t count = 2 * w->parameter_count + 2; /* even, so that blocks are whole */
    uint64_t number = (uint64_t)t->made * (CANDIDATES + EVEN_TRIES) + candidate;
    cr_random_uniform(w->seed, CR_FOR_SEARCH, 0, number * count, count, t->uniforms);
}

/* The candidate with the largest l / g becomes `best`. False: all were made before. */
static bool choose(cr_sweep_schedule *schedule, const cr_parzen *l, const cr_parzen *g)
{
    tpe *t = schedule->state;
    size_t d = l->dimensions;
    double largest = -INFINITY;
    for (uint64_t i = 0; i < CANDIDATES; i++) {
        draw_uniforms(schedule, i);
        cr_parzen_draw(l, t->uniforms, t->candidate);
        for (size_t k = 0; k < d; k++)
            t->around[k] = cr_sweep_space_cell(&l->parameters[k], t->candidate[k]);
        double gain = cr_parzen_log(l, t->around) - cr_parzen_log(g, t->around);
        if (gain <= largest || is_known(schedule))
            continue;
        largest = gain;
        memcpy(t->best, t->candidate, d * sizeof *t->best);
    }
    return largest > -INFINITY;
}

/* The same by even draws. */
static bool choose_evenly(cr_sweep_schedule *schedule)
{
    tpe *t = schedule->state;
    const cr_sweep_workload *w = schedule->workload;
    for (uint64_t i = 0; i < EVEN_TRIES; i++) {
        draw_uniforms(schedule, CANDIDATES + i);
        for (size_t k = 0; k < w->parameter_count; k++)
            t->candidate[k] = cr_sweep_space_draw(&w->parameters[k], t->uniforms[k]);
        if (is_known(schedule))
            continue;
        memcpy(t->best, t->candidate, w->parameter_count * sizeof *t->best);
        return true;
    }
    return false;
}

/* Makes the next setting. False: there is none that is new. */
static bool make(cr_sweep_schedule *schedule)
{
    tpe *t = schedule->state;
    const cr_sweep_workload *w = schedule->workload;
    size_t d = w->parameter_count, better = 0, all = split(schedule, &better);
    const cr_parzen l = {w->parameters, d,      t->cells,
                         t->members,    better, cr_parzen_width(better, d)};
    const cr_parzen g = {w->parameters, d,
                         t->cells,      t->members + better,
                         all - better,  cr_parzen_width(all - better, d)};
    if (d == 0 || !((better > 0 && choose(schedule, &l, &g)) || choose_evenly(schedule)))
        return false;
    memcpy(t->points + t->made * d, t->best, d * sizeof *t->best);
    note_cells(schedule, t->made++);
    return true;
}

static cr_sweep_task again(const cr_sweep_schedule *schedule, size_t trial)
{
    (void)schedule;
    return (cr_sweep_task){.trial = trial, .rung = -1};
}

static cr_sweep_next next(cr_sweep_schedule *schedule, cr_sweep_task *task)
{
    tpe *t = schedule->state;
    const cr_sweep_workload *w = schedule->workload;
    schedule->cost_total = (double)schedule->total;
    for (;;) {
        for (; t->at < t->made * w->trials_per_setting; t->at++)
            if (w->included[t->at] && !t->finished[t->at]) {
                *task = again(schedule, t->at++);
                return CR_SWEEP_RUN;
            }
        if (t->ended || t->made == w->settings)
            return CR_SWEEP_END;
        t->ended = !make(schedule);
        if (t->ended)
            schedule->total -= (w->settings - t->made) * w->trials_per_setting;
    }
}

static const double *point(const cr_sweep_schedule *schedule, size_t setting)
{
    const tpe *t = schedule->state;
    return t->points + setting * schedule->workload->parameter_count;
}

const cr_sweep_schedule_type cr_sweep_schedule_tpe = {
    .state_size = sizeof(tpe),
    .adapts = true,
    .begin = begin,
    .finish = finish,
    .add = add,
    .next = next,
    .again = again,
    .point = point,
    .starts = 10,
};
