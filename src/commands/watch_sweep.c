#include "commands/watch_sweep.h"

#include "base/memory.h"
#include "base/number.h"
#include "commands/chart.h"
#include "commands/runs_columns.h"
#include "measure/metric.h"
#include "sweep/store_lock.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_FAILURES = 3, MOST_SETTINGS = 5, VALUE = 64 };

/* Reads the database. A sweep that has just begun has no tables yet. */
static bool read_all(cr_watch_sweep *s, cr_error *err)
{
    cr_error why = CR_ERROR_INIT;
    cr_ranking_finish(&s->ranking);
    cr_sweep_state_finish(&s->progress);
    if (cr_ranking_read(&s->ranking, &s->directory, 1, NULL, &why) &&
        cr_sweep_state_read(s->directory, &s->progress, &why))
        return true;
    cr_ranking_finish(&s->ranking);
    cr_sweep_state_finish(&s->progress);
    s->news.seen = (cr_hash){0}; /* the next look tries again */
    return cr_store_lock_is_taken(s->directory) || cr_fail(err, why.code, "%s", why.text);
}

static void reckon(cr_watch_sweep *s)
{
    double seconds = cr_watch_news_number(&s->news, "time_s");
    double share = cr_watch_news_number(&s->news, "share");
    double ended = (double)(s->progress.done + s->progress.failed);
    s->left = share > 0 ? seconds * (1 - share) / share : NAN;
    s->share = ended / (double)s->progress.trials;
    if (cr_watch_news_number(&s->news, "rungs") > 0 && share >= 0 && share <= 1)
        s->share = share; /* a trial has ended after every rung */
}

bool cr_watch_sweep_look(cr_watch_sweep *sweep, cr_error *err)
{
    static const char *const names[] = {"sweep.db", "sweep.json"};
    bool locked = cr_store_lock_is_taken(sweep->directory);
    bool news =
        cr_watch_news_look(&sweep->news, sweep->directory, names, CR_COUNT(names));
    if (news || locked != sweep->is_locked) {
        if (!read_all(sweep, err))
            return false;
        reckon(sweep);
    }
    sweep->is_locked = locked;
    sweep->state = locked ? CR_RUN_RUNNING
                          : cr_watch_news_state(&sweep->news, sweep->progress.state);
    return true;
}

void cr_watch_sweep_finish(cr_watch_sweep *sweep)
{
    cr_ranking_finish(&sweep->ranking);
    cr_sweep_state_finish(&sweep->progress);
    cr_watch_news_finish(&sweep->news);
}

/* What matters most in a narrow window. */
enum { STATE, TRIALS, LEFT, BEST, BAR, FAILED, DIVERGED, RUNG, RUNNING, VALUES, SWEEP };

static void count(const cr_watch_sweep *s, size_t *diverged, size_t *failed)
{
    *diverged = *failed = 0;
    for (size_t i = 0; i < s->ranking.setting_count; i++) {
        *diverged += s->ranking.settings[i].diverged;
        *failed += s->ranking.settings[i].failed;
    }
}

void cr_watch_sweep_add_progress(const cr_watch_sweep *sweep, cr_bar_line *line)
{
    char left[CR_BAR_LINE_TIME];
    const cr_watch_news *news = &sweep->news;
    size_t diverged = 0, failed = 0;
    bool runs = sweep->state == CR_RUN_RUNNING;
    double rungs = runs ? cr_watch_news_number(news, "rungs") : 0;
    count(sweep, &diverged, &failed);
    cr_bar_line_add(line, SWEEP, "%s", sweep->directory);
    cr_bar_line_add(line, STATE, "%s", cr_run_state_names[sweep->state]);
    cr_bar_line_add(line, TRIALS, "%zu/%zu trials",
                    sweep->progress.done + sweep->progress.failed,
                    sweep->progress.trials);
    if (rungs > 0)
        cr_bar_line_add(line, RUNG, "rung %.0f of %.0f",
                        cr_watch_news_number(news, "rung"), rungs);
    if (runs && sweep->share >= 0 && sweep->share <= 1)
        cr_bar_line_add_bar(line, BAR, sweep->share);
    if (runs && !isnan(sweep->left))
        cr_bar_line_add(line, LEFT, "%s left", cr_bar_line_time(sweep->left, left));
    if (runs && cr_watch_news_number(news, "running") > 0)
        cr_bar_line_add(line, RUNNING, "%.0f running",
                        cr_watch_news_number(news, "running"));
    if (diverged > 0)
        cr_bar_line_add(line, DIVERGED, "%zu diverged", diverged);
    if (failed > 0)
        cr_bar_line_add(line, FAILED, "%zu failed", failed);
}

/* "0.9861 ± 0.002" */
static void add_score(const cr_ranking_setting *s, cr_text *out)
{
    cr_text_add(out, "%.4g", s->mean);
    if (!isnan(s->deviation))
        cr_text_add(out, " ± %.2g", s->deviation);
}

/* "learning_rate=0.26 units=104" */
static void add_values(const cr_ranking *ranking, const cr_ranking_setting *s,
                       cr_text *out)
{
    for (size_t i = 0; i < ranking->parameter_count; i++) {
        const char *value = s->values[i];
        double number = 0;
        if (!value)
            continue;
        cr_text_add(out, "%s%s=", out->length ? " " : "",
                    cr_runs_columns_name(ranking, i));
        size_t length = strlen(value);
        if (cr_number_parse(value, length, &number))
            cr_text_add(out, "%.4g", number);
        else if (value[0] == '"' && length > 1)
            cr_text_add_bytes(out, value + 1, length - 2);
        else
            cr_text_add(out, "%s", value);
    }
}

static bool has_best(const cr_watch_sweep *s)
{
    return s->ranking.setting_count > 0 && !isnan(s->ranking.settings[0].mean);
}

void cr_watch_sweep_add_best(const cr_watch_sweep *sweep, cr_bar_line *line)
{
    cr_text score = {0}, values = {0};
    const cr_ranking *ranking = &sweep->ranking;
    if (!has_best(sweep))
        return;
    add_score(&ranking->settings[0], &score);
    add_values(ranking, &ranking->settings[0], &values);
    if (!score.failed)
        cr_bar_line_add(line, BEST, "best %s %s", ranking->list.metric, score.data);
    if (!values.failed && values.length > 0)
        cr_bar_line_add(line, VALUES, "%s", values.data);
    cr_text_finish(&score);
    cr_text_finish(&values);
}

/* A trial by when it ended. */
typedef struct ended {
    double when;
    size_t trial;
} ended;

static int by_time(const void *a, const void *b)
{
    const ended *x = a, *y = b;
    if (x->when != y->when)
        return x->when < y->when ? -1 : 1;
    return x->trial < y->trial ? -1 : x->trial > y->trial;
}

/* Fills in each trial's place in the order of their ends, from 1. Those of an older
 * program, of which it is not known, come first, as the plan has them. */
static bool find_places(const cr_trial_list *list, double *places)
{
    ended *order = cr_alloc(list->count, sizeof *order, NULL);
    for (size_t i = 0; order && i < list->count; i++) {
        const cr_listed_trial *t = &list->trials[i];
        order[i] = (ended){isnan(t->ended) ? (double)t->order - 1e9 : t->ended, i};
    }
    if (order)
        qsort(order, list->count, sizeof *order, by_time);
    for (size_t i = 0; order && i < list->count; i++)
        places[order[i].trial] = (double)(i + 1);
    cr_free(order);
    return order != NULL;
}

/* The best mean of the settings that had ended by then, for each place. */
static void find_best(const cr_ranking *ranking, const double *places, double *best)
{
    size_t count = ranking->list.count;
    for (size_t i = 0; i < count; i++)
        best[i] = NAN;
    for (size_t i = 0; i < ranking->setting_count; i++) {
        const cr_ranking_setting *s = &ranking->settings[i];
        double last = 0;
        for (size_t k = s->first; k < s->first + s->count; k++)
            last = fmax(last, places[k]);
        best[(size_t)last - 1] = s->mean;
    }
    for (size_t i = 1; i < count; i++)
        if (isnan(best[i]) ||
            cr_metric_is_better(ranking->list.maximize, best[i - 1], best[i]))
            best[i] = best[i - 1];
}

/* Where the chart ends: the best three quarters of the settings, from which the worst may
 * be far. Settings are ranked, those without a value last. */
static double worst_shown(const cr_ranking *ranking)
{
    size_t valued = 0;
    while (valued < ranking->setting_count && !isnan(ranking->settings[valued].mean))
        valued++;
    return ranking->settings[valued > 3 ? valued * 3 / 4 : valued - 1].mean;
}

static void add_chart(const cr_watch_sweep *s, cr_screen *screen, size_t rows)
{
    const cr_ranking *ranking = &s->ranking;
    size_t trials = ranking->list.count;
    double *numbers = cr_alloc(4 * trials, sizeof *numbers, NULL);
    if (numbers && find_places(&ranking->list, numbers)) {
        double *places = numbers, *values = numbers + trials;
        double *counts = numbers + 2 * trials, *best = numbers + 3 * trials;
        for (size_t i = 0; i < trials; i++) {
            values[i] = ranking->list.trials[i].value;
            counts[i] = (double)(i + 1);
        }
        find_best(ranking, places, best);
        double worst = worst_shown(ranking), top = ranking->settings[0].mean;
        for (size_t i = 0; i < trials; i++)
            if (cr_metric_is_better(ranking->list.maximize, values[i], top))
                top = values[i];
        const cr_chart chart = {
            .title = ranking->list.metric,
            .x_name = "trial",
            .floor = fmin(worst, top),
            .ceiling = fmax(worst, top),
            .may_be_logarithmic = !ranking->list.maximize,
            .curves = {{"trials", CR_STROKE_POINTS, places, values, trials},
                       {"best so far", CR_STROKE_LINE, counts, best, trials}},
            .count = 2};
        cr_chart_add(&chart, screen, screen->count, rows, screen->columns);
    }
    cr_free(numbers);
}

static void add_settings(const cr_watch_sweep *s, cr_screen *screen)
{
    const cr_ranking *ranking = &s->ranking;
    for (size_t i = 0; i < ranking->setting_count && i < MOST_SETTINGS; i++) {
        const cr_ranking_setting *setting = &ranking->settings[i];
        cr_text score = {0}, values = {0};
        if (isnan(setting->mean))
            break;
        add_score(setting, &score);
        add_values(ranking, setting, &values);
        if (!score.failed && !values.failed)
            cr_screen_add(cr_screen_next(screen), CR_INK_PLAIN, "%2zu  %-10s  %s", i + 1,
                          score.data, values.data ? values.data : "");
        cr_text_finish(&score);
        cr_text_finish(&values);
    }
}

/* Why trials have no value: the last of them in the plan's order. */
static void add_failures(const cr_watch_sweep *s, cr_screen *screen)
{
    const cr_trial_list *list = &s->ranking.list;
    size_t shown = 0;
    double below = INFINITY;
    while (shown < MOST_FAILURES) {
        const cr_listed_trial *last = NULL;
        for (size_t i = 0; i < list->count; i++)
            if (list->trials[i].error && (double)list->trials[i].order < below &&
                (!last || list->trials[i].order > last->order))
                last = &list->trials[i];
        if (!last)
            return;
        below = (double)last->order;
        shown++;
        cr_screen_add(cr_screen_next(screen), CR_INK_PLAIN, "trial %zu %s: %s",
                      last->number, cr_trial_status_names[last->status], last->error);
    }
}

/* The trial that ended last. */
static void add_last(const cr_watch_sweep *s, cr_screen *screen)
{
    const cr_ranking *ranking = &s->ranking;
    const cr_listed_trial *last = NULL;
    size_t place = 0;
    cr_text values = {0};
    for (size_t i = 0; i < ranking->setting_count; i++)
        for (size_t k = 0; k < ranking->settings[i].count; k++) {
            const cr_listed_trial *t =
                &ranking->list.trials[ranking->settings[i].first + k];
            if (!isnan(t->ended) && (!last || t->ended > last->ended)) {
                last = t;
                place = i;
            }
        }
    if (!last || s->state != CR_RUN_RUNNING)
        return;
    add_values(ranking, &ranking->settings[place], &values);
    cr_screen_add(cr_screen_next(screen), CR_INK_PLAIN, "last: trial %zu %s %.4g  %s",
                  last->number, cr_trial_status_names[last->status], last->value,
                  values.data && !values.failed ? values.data : "");
    cr_text_finish(&values);
}

static void add_messages(const cr_watch_sweep *s, cr_screen *screen)
{
    add_last(s, screen);
    add_failures(s, screen);
    cr_watch_news_add_silence(&s->news, s->state, screen);
    if (s->state == CR_RUN_INTERRUPTED || s->state == CR_RUN_FAILED)
        cr_screen_add(cr_screen_next(screen), CR_INK_STRONG,
                      s->state == CR_RUN_FAILED
                          ? "some trials failed; chainrule resume %s tries them again"
                          : "it was interrupted; chainrule resume %s goes on with it",
                      s->directory);
}

/* The best, as far as the line holds it. */
static void add_best(const cr_watch_sweep *s, cr_screen *screen)
{
    cr_bar_line fields = {0};
    cr_watch_sweep_add_best(s, &fields);
    cr_screen_line *line = fields.count > 0 ? cr_screen_next(screen) : NULL;
    for (size_t i = 0; line && i < fields.count; i++)
        cr_screen_add(line, i == 0 ? CR_INK_STRONG : CR_INK_PLAIN, "%s%s", i ? "  " : "",
                      fields.fields[i].text.data);
    cr_bar_line_finish(&fields);
}

void cr_watch_sweep_draw(const cr_watch_sweep *sweep, cr_screen *screen)
{
    cr_bar_line line = {0};
    cr_watch_sweep_add_progress(sweep, &line);
    cr_screen_add_fields(screen, &line);
    add_best(sweep, screen);
    add_messages(sweep, screen);
    add_settings(sweep, screen);
    size_t rows = screen->rows > screen->count ? screen->rows - screen->count : 0;
    if (has_best(sweep) && rows >= CR_CHART_LOWEST &&
        screen->columns >= CR_CHART_NARROWEST)
        add_chart(sweep, screen, rows);
}
