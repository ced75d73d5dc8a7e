#include "sweep/sweep.h"

#include "base/clock.h"
#include "base/directory.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "math/blas.h"
#include "runs/run.h"
#include "sweep/process_pool.h"

#include <dirent.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double commit_seconds = 0.02;

/* What the parent tells its workers while they work. */
typedef struct notice {
    _Atomic double threshold; /* a trial that is worse will not be kept; NaN: any may */
} notice;

typedef struct sweep {
    const cr_sweep_plan *plan;
    cr_store *store;
    const cr_sweep_options *options;
    cr_sweep_progress *progress;
    cr_ranked *kept;
    size_t *kept_count;
    char *trials_path; /* directory/trials */
    notice *shared;
    /* of the present pool: */
    size_t *queue;                 /* trials, the longest first */
    int rung;                      /* -1 without halving */
    size_t rung_from, rung_epochs; /* epochs before the rung, and after it */
    bool *done;                    /* [trials] */
    size_t *unsettled;             /* settings that got a result since the last commit */
    size_t unsettled_count, unsettled_capacity;
    double began, committed, cost_done, cost_total;
    cr_epoch *rows; /* of a message */
    size_t row_capacity;
    const cr_pool *pool; /* in a worker */
} sweep;

/* What the trials of one setting come to. */
typedef struct tally {
    const cr_metric *metric;
    size_t setting, count;
    bool has_values; /* all of them */
    double sum, best;
    size_t best_trial;
} tally;

static bool is_halving(const sweep *s)
{
    return s->plan->section.method == CR_SWEEP_HALVING;
}

/* A result, as opposed to a failure that may be gone next time. */
static bool is_finished(cr_trial_status status)
{
    return status != CR_TRIAL_FAILED;
}

static void tally_begin(tally *t, const cr_metric *metric, size_t setting)
{
    *t = (tally){.metric = metric, .setting = setting, .has_values = true, .best = NAN};
}

static void tally_add(tally *t, size_t trial, double value)
{
    t->count++;
    t->has_values = t->has_values && !isnan(value);
    t->sum += value;
    if (t->count == 1 || cr_metric_is_better(t->metric->maximize, value, t->best)) {
        t->best = value;
        t->best_trial = trial;
    }
}

static bool tally_row(void *user, const cr_store_row *row)
{
    tally *t = user;
    if (row->setting == t->setting && is_finished(row->status))
        tally_add(t, row->trial, row->value);
    return true;
}

static void remove_run(const sweep *s, size_t trial)
{
    cr_text path = {0};
    cr_text_add(&path, "%s/%zu", s->trials_path, trial);
    if (!path.failed)
        cr_run_remove(path.data);
    cr_text_finish(&path);
}

/* Removes the runs of a setting's trials but one. */
static void remove_runs(const sweep *s, size_t setting, size_t but)
{
    size_t each = cr_sweep_plan_each(s->plan);
    for (size_t i = setting * each; i < (setting + 1) * each; i++)
        if (i != but)
            remove_run(s, i);
}

#define NO_TRIAL ((size_t)-1)

/* Whether a ranks before b: better, or as good and earlier, so that the order of the
 * trials' ends has no say. */
static bool ranks_before(const cr_metric *metric, const cr_ranked *a, const cr_ranked *b)
{
    if (a->score != b->score)
        return cr_metric_is_better(metric->maximize, a->score, b->score);
    return a->setting < b->setting;
}

static void announce(sweep *s)
{
    size_t keep = s->plan->section.keep;
    bool single = cr_sweep_plan_each(s->plan) == 1;
    bool full = keep > 0 && *s->kept_count == keep;
    s->shared->threshold = single && full ? s->kept[keep - 1].score : (double)NAN;
    s->progress->best = *s->kept_count > 0 ? &s->kept[0] : NULL;
}

/* A complete setting takes its place among the kept, or none; runs that are not kept
 * any more are removed. */
static void rank(sweep *s, const tally *t)
{
    size_t keep = s->plan->section.keep, count = *s->kept_count;
    cr_ranked new = {t->setting, t->sum / (double)t->count, t->best_trial};
    for (size_t i = 0; i < count; i++)
        if (s->kept[i].setting == t->setting)
            return;
    size_t at = count;
    while (at > 0 && ranks_before(&s->plan->section.judge.metric, &new, &s->kept[at - 1]))
        at--;
    if (!t->has_values || at == keep) {
        remove_runs(s, t->setting, NO_TRIAL);
        return;
    }
    if (count == keep)
        remove_runs(s, s->kept[--count].setting, NO_TRIAL);
    memmove(&s->kept[at + 1], &s->kept[at], (count - at) * sizeof *s->kept);
    s->kept[at] = new;
    *s->kept_count = count + 1;
    remove_runs(s, t->setting, t->best_trial);
    announce(s);
}

static bool settle(sweep *s, size_t setting, cr_error *err)
{
    tally t;
    tally_begin(&t, &s->plan->section.judge.metric, setting);
    if (!cr_store_visit(s->store, tally_row, &t, err))
        return false;
    if (t.count == cr_sweep_plan_expected(s->plan, setting))
        rank(s, &t);
    return true;
}

/* In a worker. */
static bool is_stopping(void *user)
{
    const sweep *s = user;
    return cr_pool_is_stopping(s->pool);
}

static bool work(void *context, const cr_pool *pool, size_t item, cr_text *message)
{
    sweep *s = context;
    s->pool = pool;
    cr_trial_job job = {
        .plan = s->plan,
        .number = s->queue[item],
        .directory = s->plan->section.keep > 0 || is_halving(s) ? s->trials_path : NULL,
        .continues = is_halving(s),
        .from = s->rung_from,
        .epochs = s->rung_epochs,
        .threshold = s->shared->threshold,
        .is_stopping = is_stopping,
        .user = s};
    return cr_trial_run(&job, message);
}

/* Records a trial that ended. */
static bool record(sweep *s, size_t number, const cr_trial_result *result, cr_error *err)
{
    size_t setting = cr_sweep_plan_trial(s->plan, number).setting;
    bool finished = is_finished(result->status);
    s->progress->done++;
    s->progress->epochs += result->epoch_count;
    s->progress->diverged += result->status == CR_TRIAL_DIVERGED;
    s->progress->failed += !finished;
    s->cost_done += s->plan->settings[setting].cost;
    s->done[number] = finished;
    if (!cr_reserve(&s->unsettled, &s->unsettled_capacity, s->unsettled_count + 1,
                    sizeof *s->unsettled, err))
        return false;
    s->unsettled[s->unsettled_count++] = setting;
    return cr_store_begin(s->store, err) &&
           cr_store_add(s->store, s->plan, number, result, finished ? s->rung : -1, err);
}

static bool take(void *context, size_t item, const char *message, size_t length,
                 cr_error *err)
{
    sweep *s = context;
    cr_trial_result result;
    return cr_trial_decode(message, length, &result, &s->rows, &s->row_capacity, err) &&
           record(s, s->queue[item], &result, err);
}

static bool lose(void *context, size_t item, const char *why, cr_error *err)
{
    sweep *s = context;
    cr_trial_result result = {.status = CR_TRIAL_FAILED, .config = "", .error = why};
    return record(s, s->queue[item], &result, err);
}

/* Results go to the disk; then runs that are beaten may be removed. */
static bool commit(sweep *s, double now, cr_error *err)
{
    bool good = cr_store_commit(s->store, err);
    for (size_t i = 0; good && !is_halving(s) && i < s->unsettled_count; i++)
        good = settle(s, s->unsettled[i], err);
    s->unsettled_count = 0;
    s->committed = now;
    return good;
}

/* Results that come close together go to the disk together, since a commit takes some
 * milliseconds whatever is in it. */
static bool look(void *context, size_t running, cr_error *err)
{
    sweep *s = context;
    double now = cr_clock();
    bool good = true;
    if (running == 0 || now - s->committed >= commit_seconds)
        good = commit(s, now, err);
    s->progress->running = running;
    s->progress->seconds = now - s->began;
    s->progress->share = s->cost_total > 0 ? s->cost_done / s->cost_total : 1;
    return good && s->options->on_progress(s->options->user, s->progress);
}

/* For sorting: the costly first, so that none is left alone at the end. */
typedef struct queued {
    double cost;
    size_t number;
} queued;

static int by_cost(const void *a, const void *b)
{
    const queued *x = a, *y = b;
    if (x->cost != y->cost)
        return x->cost > y->cost ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* Runs trials: those of s->queue[0..count). *stopped when not all of them were. */
static bool run_queue(sweep *s, size_t count, bool *stopped, cr_error *err)
{
    queued *sorted = cr_alloc(count, sizeof *sorted, err);
    if (!sorted)
        return false;
    size_t before = s->progress->done;
    for (size_t i = 0; i < count; i++) {
        size_t setting = cr_sweep_plan_trial(s->plan, s->queue[i]).setting;
        sorted[i] = (queued){s->plan->settings[setting].cost, s->queue[i]};
    }
    qsort(sorted, count, sizeof *sorted, by_cost);
    for (size_t i = 0; i < count; i++)
        s->queue[i] = sorted[i].number;
    cr_free(sorted);
    const cr_pool_work pool = {.workers = s->options->workers,
                               .count = count,
                               .context = s,
                               .work = work,
                               .take = take,
                               .lose = lose,
                               .look = look};
    bool good = cr_pool_run(&pool, err);
    *stopped = s->progress->done - before < count;
    cr_error late = CR_ERROR_INIT;
    if (!cr_store_commit(s->store, good ? err : &late)) /* what came last of all */
        good = false;
    return good;
}

/* What the database knows: which trials are done, and the settings that are complete. */
typedef struct recall {
    sweep *sweep;
    tally tally;
} recall;

static void recall_setting(recall *r)
{
    sweep *s = r->sweep;
    if (!is_halving(s) && r->tally.count > 0 &&
        r->tally.count == cr_sweep_plan_expected(s->plan, r->tally.setting))
        rank(s, &r->tally);
}

static bool recall_row(void *user, const cr_store_row *row)
{
    recall *r = user;
    sweep *s = r->sweep;
    if (row->trial >= s->plan->trials || !is_finished(row->status))
        return true;
    s->done[row->trial] = true;
    if (row->setting != r->tally.setting) {
        recall_setting(r);
        tally_begin(&r->tally, &s->plan->section.judge.metric, row->setting);
    }
    tally_add(&r->tally, row->trial, row->value);
    if (!is_halving(s)) {
        s->progress->done++;
        s->progress->diverged += row->status == CR_TRIAL_DIVERGED;
    }
    return true;
}

/* Removes runs of trials that a killed sweep left behind. */
static void remove_leftovers(const sweep *s)
{
    DIR *directory = opendir(s->trials_path);
    if (!directory)
        return;
    for (const struct dirent *entry = readdir(directory); entry;
         entry = readdir(directory)) {
        char *end = NULL;
        unsigned long long number = strtoull(entry->d_name, &end, 10);
        if (*end == '\0' && end != entry->d_name && number < s->plan->trials &&
            !s->done[number])
            remove_run(s, (size_t)number);
    }
    closedir(directory);
}

static bool recall_all(sweep *s, cr_error *err)
{
    recall r = {.sweep = s};
    tally_begin(&r.tally, &s->plan->section.judge.metric, NO_TRIAL);
    if (!cr_store_visit(s->store, recall_row, &r, err))
        return false;
    recall_setting(&r);
    announce(s);
    return true;
}

static bool run_once(sweep *s, bool *stopped, cr_error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < s->plan->trials; i++) {
        size_t setting = cr_sweep_plan_trial(s->plan, i).setting;
        if (!cr_sweep_plan_has(s->plan, i))
            continue;
        s->progress->total++;
        if (s->done[i])
            continue;
        s->queue[count++] = i;
        s->cost_total += s->plan->settings[setting].cost;
    }
    remove_leftovers(s);
    return run_queue(s, count, stopped, err);
}

size_t cr_sweep_rungs(const cr_sweep_plan *plan, cr_rung rungs[CR_MOST_RUNGS])
{
    const cr_sweep_section *section = &plan->section;
    double most = (double)plan->data[0]->training.epochs,
           factor = (double)section->factor;
    double settings = (double)(section->settings - plan->duplicates);
    size_t count = 1;
    while (count < CR_MOST_RUNGS && settings / pow(factor, (double)count) >= 1 &&
           most / pow(factor, (double)count) >= (double)section->min_epochs)
        count++;
    for (size_t i = 0; i < count; i++) {
        double after = pow(factor, (double)(count - 1 - i));
        rungs[i].epochs = (size_t)fmax(1, floor(most / after + 0.5));
        rungs[i].settings = (size_t)floor(settings / pow(factor, (double)i));
    }
    return count;
}

/* A look for the value of a trial after a rung. */
typedef struct rung_lookup {
    size_t trial, rung;
    double value;
    bool found;
} rung_lookup;

static bool look_at_rung(void *user, const cr_store_rung *rung)
{
    rung_lookup *l = user;
    l->found = rung->trial == l->trial && rung->rung == l->rung;
    l->value = l->found ? rung->value : l->value;
    return !l->found;
}

static bool find_rung(cr_store *store, size_t trial, int rung, double *value)
{
    rung_lookup l = {trial, (size_t)rung, NAN, false};
    bool good = cr_store_visit_rungs(store, look_at_rung, &l, NULL);
    *value = l.value;
    return good && l.found;
}

/* Order of the settings that are in a rung, by score; for qsort, with the metric inside.
 */
typedef struct contender {
    cr_ranked ranked;
    const cr_metric *metric;
} contender;

static int by_rank(const void *a, const void *b)
{
    const contender *x = a, *y = b;
    return ranks_before(x->metric, &x->ranked, &y->ranked) ? -1 : 1;
}

/* The score of a setting after a rung, and whether every trial of it has one. */
static bool score_rung(sweep *s, size_t setting, int rung, cr_ranked *ranked)
{
    size_t each = cr_sweep_plan_each(s->plan);
    tally t;
    tally_begin(&t, &s->plan->section.judge.metric, setting);
    bool whole = true;
    for (size_t i = setting * each; i < (setting + 1) * each; i++) {
        double value = NAN;
        whole &= find_rung(s->store, i, rung, &value);
        tally_add(&t, i, value);
    }
    *ranked = (cr_ranked){setting, t.sum / (double)t.count, t.best_trial};
    return whole;
}

/* One rung: the trials of contenders[0..count) up to the rung's epochs. */
static bool run_rung(sweep *s, const contender *contenders, size_t count,
                     const cr_rung *rung, bool *stopped, cr_error *err)
{
    size_t each = cr_sweep_plan_each(s->plan), queued_count = 0;
    s->cost_done = s->cost_total = 0;
    s->rung_epochs = rung->epochs;
    for (size_t c = 0; c < count; c++)
        for (size_t i = 0; i < each; i++) {
            size_t number = contenders[c].ranked.setting * each + i;
            double value = 0;
            if (find_rung(s->store, number, s->rung, &value)) {
                s->progress->done++;
                continue;
            }
            s->queue[queued_count++] = number;
            s->cost_total += s->plan->settings[contenders[c].ranked.setting].cost;
        }
    return run_queue(s, queued_count, stopped, err);
}

/* The rung's contenders in order; the worse ones are out, and their runs with them.
 * Returns how many go on. */
static size_t halve(sweep *s, contender *contenders, size_t count, size_t go_on,
                    cr_error *err)
{
    for (size_t i = 0; i < count; i++)
        score_rung(s, contenders[i].ranked.setting, s->rung, &contenders[i].ranked);
    qsort(contenders, count, sizeof *contenders, by_rank);
    while (go_on > 0 && isnan(contenders[go_on - 1].ranked.score))
        go_on--;
    if (!cr_store_begin(s->store, err))
        return 0;
    for (size_t i = go_on; i < count; i++) {
        if (!cr_store_eliminate(s->store, contenders[i].ranked.setting, err))
            return 0;
        remove_runs(s, contenders[i].ranked.setting, NO_TRIAL);
    }
    return cr_store_commit(s->store, err) ? go_on : 0;
}

/* After the last rung: the best stay. */
static void keep_best(sweep *s, contender *contenders, size_t count)
{
    for (size_t i = 0; i < count; i++)
        score_rung(s, contenders[i].ranked.setting, s->rung, &contenders[i].ranked);
    qsort(contenders, count, sizeof *contenders, by_rank);
    for (size_t i = 0; i < count; i++) {
        const cr_ranked *ranked = &contenders[i].ranked;
        bool keep = i < s->plan->section.keep && !isnan(ranked->score);
        remove_runs(s, ranked->setting, keep ? ranked->trial : NO_TRIAL);
        if (keep)
            s->kept[(*s->kept_count)++] = *ranked;
    }
    announce(s);
}

static bool run_halving(sweep *s, bool *stopped, cr_error *err)
{
    cr_rung rungs[CR_MOST_RUNGS];
    size_t rung_count = cr_sweep_rungs(s->plan, rungs), count = 0;
    contender *contenders = cr_alloc(s->plan->section.settings, sizeof *contenders, err);
    if (!contenders)
        return false;
    for (size_t i = 0; i < s->plan->section.settings; i++)
        if (s->plan->settings[i].same == i)
            contenders[count++] =
                (contender){{.setting = i}, &s->plan->section.judge.metric};
    s->progress->rungs = rung_count;
    for (size_t i = 0; i < rung_count; i++)
        s->progress->total += rungs[i].settings * cr_sweep_plan_each(s->plan);
    bool good = true;
    for (size_t i = 0; good && !*stopped && i < rung_count; i++) {
        s->rung = (int)i;
        s->rung_from = i > 0 ? rungs[i - 1].epochs : 0;
        s->progress->rung = i + 1;
        good = run_rung(s, contenders, count, &rungs[i], stopped, err);
        if (good && !*stopped && i + 1 < rung_count) {
            count = halve(s, contenders, count, rungs[i + 1].settings, err);
            good = err->count == 0;
        }
    }
    if (good && !*stopped)
        keep_best(s, contenders, count);
    cr_free(contenders);
    return good;
}

/* Runs that are to be kept and are not there, since more are kept now than before, are
 * done again, which gives them back to the bit. */
static bool restore_missing(sweep *s, bool *stopped, cr_error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < *s->kept_count; i++) {
        cr_text path = {0};
        cr_text_add(&path, "%s/%zu/summary.json", s->trials_path, s->kept[i].trial);
        if (!path.failed && cr_file_problem(path.data))
            s->queue[count++] = s->kept[i].trial;
        cr_text_finish(&path);
    }
    s->progress->total += count;
    return count == 0 || run_queue(s, count, stopped, err);
}

/* directory/best → trials/<the best trial>. */
static bool link_best(const sweep *s, cr_error *err)
{
    char *link = cr_path_join(s->options->directory, "best", err);
    char *temporary = cr_path_join(s->options->directory, "best.tmp", err);
    bool good = link && temporary;
    if (good && *s->kept_count == 0) {
        unlink(link);
    } else if (good) {
        char target[64];
        snprintf(target, sizeof target, "trials/%zu", s->kept[0].trial);
        unlink(temporary);
        good = (symlink(target, temporary) == 0 && rename(temporary, link) == 0) ||
               cr_fail(err, CR_E_IO, "%s: cannot make the link to %s", link, target);
    }
    cr_free(link);
    cr_free(temporary);
    return good;
}

static bool prepare(sweep *s, cr_error *err)
{
    s->shared = cr_shared_create(sizeof *s->shared, err);
    s->trials_path = cr_path_join(s->options->directory, "trials", err);
    s->queue = cr_alloc(s->plan->trials, sizeof *s->queue, err);
    s->done = cr_alloc(s->plan->trials, sizeof *s->done, err);
    return s->shared && s->trials_path && s->queue && s->done &&
           cr_directory_create(s->trials_path, err) && recall_all(s, err);
}

bool cr_sweep_run(const cr_sweep_plan *plan, cr_store *store,
                  const cr_sweep_options *options, cr_sweep_progress *last,
                  cr_ranked *kept, size_t *kept_count, cr_error *err)
{
    cr_error own = CR_ERROR_INIT;
    err = err ? err : &own;
    *last = (cr_sweep_progress){0};
    *kept_count = 0;
    sweep s = {.plan = plan,
               .store = store,
               .options = options,
               .progress = last,
               .kept = kept,
               .kept_count = kept_count,
               .rung = -1,
               .began = cr_clock()};
    bool stopped = false;
    cr_blas_set_threads(1); /* here, so that no worker has to */
    bool good = prepare(&s, err) && (is_halving(&s) ? run_halving(&s, &stopped, err)
                                                    : run_once(&s, &stopped, err));
    good = good && (stopped || restore_missing(&s, &stopped, err)) && link_best(&s, err);
    last->seconds = cr_clock() - s.began;
    last->running = 0;
    cr_free(s.trials_path);
    cr_free(s.queue);
    cr_free(s.done);
    cr_free(s.unsettled);
    cr_free(s.rows);
    cr_shared_destroy(s.shared, sizeof *s.shared);
    return good;
}
