#include "sweep/sweep_growth.h"

#include "base/memory.h"
#include "base/text.h"
#include "sweep/sweep_difference.h"
#include "sweep/sweep_superset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A trial that has ended. */
typedef struct ended_trial {
    char hash[CR_HASH_TEXT];
    size_t trial, setting;
    char *parameters; /* JSON, owned */
} ended_trial;

typedef struct growth {
    const char *directory;
    cr_sweep_plan *plan;
    cr_store *store;
    cr_store_sweep found;
    cr_document config; /* of the sweep that was found */
    cr_sweep_section section;
    ended_trial *ended;   /* [count] by number */
    cr_store_move *moves; /* [count] */
    size_t count, capacity;
    bool has_rungs; /* trials have reached some */
    cr_text why;    /* it is no part of the plan's */
    cr_error *err;
} growth;

/* A trial of the plan; for qsort and bsearch. */
typedef struct planned_trial {
    char hash[CR_HASH_TEXT];
    size_t trial;
} planned_trial;

static int by_hash(const void *a, const void *b)
{
    return strcmp(((const planned_trial *)a)->hash, ((const planned_trial *)b)->hash);
}

static bool take_row(void *user, const cr_store_row *row)
{
    growth *g = user;
    if (!cr_reserve(&g->ended, &g->capacity, g->count + 1, sizeof *g->ended, g->err))
        return false;
    ended_trial *t = &g->ended[g->count];
    *t = (ended_trial){.trial = row->trial, .setting = row->setting};
    snprintf(t->hash, sizeof t->hash, "%s", row->hash);
    t->parameters = cr_text_copy(row->parameters, strlen(row->parameters), g->err);
    g->count += t->parameters != NULL;
    return t->parameters != NULL;
}

/* Finds every trial that has ended among those that are to be run here. *all: each is. */
static bool find_trials(growth *g, bool *all)
{
    const cr_sweep_plan *plan = g->plan;
    size_t count = 0;
    planned_trial *planned = cr_alloc(plan->trials, sizeof *planned, g->err);
    if (!planned)
        return false;
    for (size_t i = 0; i < plan->trials; i++)
        if (plan->workload.included[i]) {
            cr_hash_format(cr_sweep_plan_hash(plan, i), planned[count].hash);
            planned[count++].trial = i;
        }
    qsort(planned, count, sizeof *planned, by_hash);
    *all = true;
    for (size_t i = 0; i < g->count && *all; i++) {
        planned_trial key = {.trial = 0};
        memcpy(key.hash, g->ended[i].hash, sizeof key.hash);
        const planned_trial *p = bsearch(&key, planned, count, sizeof key, by_hash);
        *all = p != NULL;
        if (p)
            g->moves[i] =
                (cr_store_move){.trial = g->ended[i].trial,
                                .becomes = p->trial,
                                .setting = cr_sweep_plan_trial(plan, p->trial).setting};
    }
    cr_free(planned);
    return true;
}

/* The point of a setting that has been run, in the plan's parameters. */
static bool make_point(const growth *g, const cr_sweep_view *then,
                       const cr_sweep_view *now, const char *parameters, double *point)
{
    cr_json *values = cr_json_parse(parameters, strlen(parameters));
    bool found = values != NULL;
    for (size_t i = 0; found && i < g->plan->section.parameter_count; i++) {
        const cr_sweep_parameter *p = &g->plan->section.parameters[i];
        const cr_json *value = cr_json_get(values, p->path);
        found = cr_sweep_space_find(
            p, value ? value : cr_sweep_superset_constant(then, now, p->path), &point[i]);
    }
    cr_json_free(values);
    return found;
}

/* Points of the settings that have been run, then of draws up to the number of samples.
 * *count: how many in all. False: out of memory, or the reason is in `why`. */
static bool make_points(growth *g, const cr_sweep_view *then, const cr_sweep_view *now,
                        double *points, size_t *count)
{
    const cr_sweep_section *section = &g->plan->section;
    size_t numbers = section->parameter_count, done = 0;
    for (size_t i = 0; i < g->count; i++) {
        if (i > 0 && g->ended[i].setting == g->ended[i - 1].setting)
            continue;
        if (done == section->settings)
            cr_text_add(&g->why,
                        "more settings are done than sweep.samples, which is %zu",
                        section->settings);
        else if (!make_point(g, then, now, g->ended[i].parameters,
                             points + done * numbers))
            cr_text_add(&g->why, "the setting %s is not in its ranges",
                        g->ended[i].parameters);
        if (g->why.length > 0)
            return false;
        done++;
    }
    *count = done;
    for (size_t draw = 0, left = done; *count < section->settings; draw++)
        if (left > 0 && cr_sweep_superset_had(then, now, draw)) {
            left--; /* the draw makes room for one of those that have been run */
        } else {
            for (size_t k = 0; k < numbers; k++)
                points[*count * numbers + k] = cr_sweep_section_draw(section, draw, k);
            ++*count;
        }
    return true;
}

/* Gives the plan the settings that have been run. */
static bool give_settings(growth *g, const cr_sweep_view *then, const cr_sweep_view *now)
{
    const cr_sweep_section *section = &g->plan->section;
    size_t count = 0;
    double *points =
        cr_alloc(section->settings * section->parameter_count, sizeof *points, g->err);
    bool good = points && make_points(g, then, now, points, &count) &&
                cr_sweep_plan_give(g->plan, points, count, g->err);
    cr_free(points);
    return good;
}

/* Rungs that trials have reached are rungs of the plan. */
static bool check_rung(void *user, const cr_store_rung *rung)
{
    growth *g = user;
    cr_rung rungs[CR_MOST_RUNGS];
    const cr_sweep_plan *plan = g->plan;
    size_t count = plan->section.method->schedule->rungs(&plan->workload, rungs);
    g->has_rungs = true;
    if (rung->rung == 0 && rungs[0].epochs != rung->epochs)
        cr_text_add(
            &g->why,
            "with so many samples the first rung ends after %zu epochs, but that "
            "of what is done after %zu; \"min_epochs\": %zu in \"sweep\" keeps it",
            rungs[0].epochs, rung->epochs, rung->epochs);
    else if (rung->rung >= count || rungs[rung->rung].epochs != rung->epochs)
        cr_text_add(&g->why,
                    "rung %zu, which is done after %zu epochs, is none of its %zu",
                    rung->rung + 1, rung->epochs, count);
    return g->why.length == 0;
}

/* Rungs are where they were: by those that trials have reached, or else by the options. */
static bool check_rungs(growth *g)
{
    size_t then = g->section.min_epochs, now = g->plan->section.min_epochs;
    if (!g->plan->section.method->schedule->rungs)
        return true;
    if (!cr_store_visit_rungs(g->store, check_rung, g, g->err) || g->why.length > 0)
        return false;
    if (!g->has_rungs && then != now)
        cr_text_add(&g->why,
                    "sweep.min_epochs was %zu and is %zu, before the first rung is over",
                    then, now);
    return g->why.length == 0;
}

/* Trials that have ended are none of the plan's, although the sections would do. */
static void say_why_not(growth *g)
{
    if (cr_sweep_difference_is_outside(g->directory, &g->found, g->plan, true))
        cr_sweep_difference_describe(g->directory, &g->found, g->plan, &g->why);
    else
        cr_text_add(&g->why, "%s", cr_sweep_difference_of_data);
}

/* Whether the plan has all of what was found; false with err or `why`. */
static bool check(growth *g)
{
    const cr_sweep_plan *plan = g->plan;
    const cr_sweep_view then = {&g->section, g->config.root};
    const cr_sweep_view now = {&plan->section, plan->data[0]->model.document.root};
    bool all = false;
    if (cr_sweep_difference_is_outside(g->directory, &g->found, plan, g->count == 0))
        cr_sweep_difference_describe(g->directory, &g->found, plan, &g->why);
    if (g->why.length > 0 || !cr_sweep_superset_check(&then, &now, &g->why) ||
        !find_trials(g, &all))
        return false;
    if (!all && plan->section.method->draws)
        all = give_settings(g, &then, &now) && find_trials(g, &all) && all;
    if (!all && g->why.length == 0 && g->err->count == 0)
        say_why_not(g);
    return all && check_rungs(g);
}

/* Reads what the directory holds. */
static bool read_sweep(growth *g)
{
    cr_error ignored = CR_ERROR_INIT;
    cr_text warnings = {0};
    cr_reader reader = {.document = &g->config, .err = &ignored, .warnings = &warnings};
    bool good = cr_store_describe(g->store, &g->found, g->err) &&
                cr_store_visit(g->store, take_row, g, g->err) && g->err->count == 0;
    g->moves = good ? cr_alloc(g->count, sizeof *g->moves, g->err) : NULL;
    if (!g->moves)
        return false;
    if (cr_sweep_difference_read(g->directory, &g->found, &g->config))
        cr_sweep_section_read(&reader, g->config.root,
                              g->plan->data[0]->model.loss.type->classify, &g->section);
    else
        return cr_fail(g->err, CR_E_USAGE,
                       "%s: sweep.json, which says how it was begun, is not there or is "
                       "damaged, so that it cannot grow; the last command that swept "
                       "there, with all that it changed, goes on with it",
                       g->directory);
    if (g->why.length == 0 && ignored.count > 0)
        cr_text_add(&g->why, "%s", ignored.text);
    cr_text_finish(&warnings);
    return g->why.length == 0;
}

static void finish(growth *g)
{
    for (size_t i = 0; i < g->count; i++)
        cr_free(g->ended[i].parameters);
    cr_free(g->ended);
    cr_free(g->moves);
    cr_sweep_section_finish(&g->section);
    cr_document_finish(&g->config);
    cr_store_sweep_finish(&g->found);
    cr_text_finish(&g->why);
}

cr_store *cr_sweep_growth_open(const char *directory, cr_sweep_plan *plan, size_t *kept,
                               cr_error *err)
{
    growth g = {.directory = directory, .plan = plan, .err = err};
    g.store = cr_store_open_to_grow(directory, err);
    bool good = g.store && read_sweep(&g) && check(&g) &&
                cr_store_grow(g.store, plan, g.moves, g.count, err);
    if (g.why.length > 0)
        cr_sweep_difference_refuse(directory, &g.why, err);
    *kept = g.count;
    finish(&g);
    if (good)
        return g.store;
    cr_store_close(g.store);
    return NULL;
}
