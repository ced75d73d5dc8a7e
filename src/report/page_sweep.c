#include "report/page_sweep.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/path.h"
#include "config/document.h"
#include "report/page_list.h"
#include "report/page_sweep_curves.h"
#include "sweep/ranking.h"
#include "sweep/store.h"
#include "sweep/sweep_state.h"

#include <math.h>
#include <string.h>

/* Of more settings the best are on the page, of more failures the first. */
enum { MOST_SETTINGS = 20000, MOST_ERRORS = 500 };

/* What was read of the sweep. */
typedef struct sources {
    cr_sweep_state state;
    cr_store_sweep sweep;
    cr_ranking ranking;
    cr_store *store;
    size_t settings; /* that are on the page */
    size_t *places;  /* [ranking.list.count] of each trial's setting, owned */
} sources;

static bool read(sources *s, const char *directory, cr_error *err)
{
    bool good = cr_ranking_read(&s->ranking, &directory, 1, NULL, err) &&
                cr_sweep_state_read(directory, &s->state, err);
    s->store = good ? cr_store_open_read(directory, err) : NULL;
    good = s->store && cr_store_describe(s->store, &s->sweep, err);
    s->places = good ? cr_alloc(s->ranking.list.count, sizeof *s->places, err) : NULL;
    s->settings = s->ranking.setting_count < MOST_SETTINGS ? s->ranking.setting_count
                                                           : MOST_SETTINGS;
    for (size_t i = 0; s->places && i < s->ranking.setting_count; i++) {
        const cr_ranking_setting *setting = &s->ranking.settings[i];
        for (size_t k = setting->first; k < setting->first + setting->count; k++)
            s->places[k] = i;
    }
    return s->places != NULL;
}

static void finish(sources *s)
{
    cr_free(s->places);
    cr_store_sweep_finish(&s->sweep);
    cr_store_close(s->store);
    cr_ranking_finish(&s->ranking);
    cr_sweep_state_finish(&s->state);
}

/* A text of JSON as a value; what is none, as text. */
static void add_json(cr_page_json *out, const char *key, const char *text)
{
    double number = 0;
    size_t length = strlen(text);
    cr_document document = {0};
    char *copy = NULL;
    if (cr_number_parse(text, length, &number))
        cr_page_json_number(out, key, number);
    else if ((copy = cr_text_copy(text, length, NULL)) &&
             cr_document_parse(&document, "value", copy, length, CR_E_DATA, NULL))
        cr_page_json_value(out, key, document.root);
    else
        cr_page_json_string(out, key, text);
    cr_document_finish(&document);
}

static void add_head(const sources *s, cr_page_json *out)
{
    cr_page_json_string(out, "state", cr_run_state_names[s->state.state]);
    cr_page_json_number(out, "trials", (double)s->state.trials);
    cr_page_json_number(out, "done", (double)s->state.done);
    cr_page_json_number(out, "failed", (double)s->state.failed);
    cr_page_json_string(out, "metric", s->sweep.metric);
    cr_page_json_string(out, "goal", s->sweep.goal);
    cr_page_json_number(out, "repeats", (double)s->sweep.repeats);
    cr_page_json_number(out, "folds", (double)s->sweep.folds);
    cr_page_json_string(out, "created", s->sweep.created);
    add_json(out, "section", s->sweep.section);
    add_json(out, "config", s->sweep.config);
    cr_page_json_string(out, "overrides", s->state.overrides.data);
}

static void add_parameters(const sources *s, cr_page_json *out)
{
    const cr_ranking *r = &s->ranking;
    cr_page_json_open(out, "parameters", '[');
    for (size_t i = 0; i < r->parameter_count; i++) {
        cr_page_json_open(out, NULL, '{');
        cr_page_json_string(out, "path", r->parameters[i].path);
        bool upper = false, border = cr_ranking_on_border(r, i, &upper);
        cr_page_json_bool(out, "logarithmic", r->parameters[i].logarithmic);
        cr_page_json_string(out, "border", !border ? NULL : upper ? "upper" : "lower");
        cr_page_json_close(out, '}');
    }
    cr_page_json_close(out, ']');
    cr_page_json_open(out, "values", '[');
    for (size_t i = 0; i < r->parameter_count; i++) {
        cr_page_json_open(out, NULL, '[');
        for (size_t k = 0; k < s->settings; k++)
            if (r->settings[k].values[i])
                add_json(out, NULL, r->settings[k].values[i]);
            else
                cr_page_json_string(out, NULL, NULL);
        cr_page_json_close(out, ']');
    }
    cr_page_json_close(out, ']');
}

/* A column of settings or of trials. */
typedef struct column {
    const char *key;
    double (*get)(const sources *s, size_t i);
} column;

#define SETTING(name, value)                                                             \
    static double setting_##name(const sources *s, size_t i)                             \
    {                                                                                    \
        const cr_ranking_setting *e = &s->ranking.settings[i];                           \
        return (double)(value);                                                          \
    }
SETTING(number, e->order)
SETTING(mean, e->mean)
SETTING(deviation, e->deviation)
SETTING(count, e->count)
SETTING(valued, e->valued)
SETTING(diverged, e->diverged)
SETTING(failed, e->failed)
SETTING(epochs, e->epochs)
SETTING(seconds, e->seconds)
SETTING(tied, e->tied)
SETTING(eliminated, e->eliminated)

static const column setting_columns[] = {
    {"setting", setting_number},        {"value", setting_mean},
    {"deviation", setting_deviation},   {"count", setting_count},
    {"valued", setting_valued},         {"diverged", setting_diverged},
    {"failed", setting_failed},         {"epochs", setting_epochs},
    {"time_s", setting_seconds},        {"tied", setting_tied},
    {"eliminated", setting_eliminated},
};

#define TRIAL(name, value)                                                               \
    static double trial_##name(const sources *s, size_t i)                               \
    {                                                                                    \
        const cr_listed_trial *e = &s->ranking.list.trials[i];                           \
        return (double)(value);                                                          \
    }
TRIAL(number, e->number)
TRIAL(seed, e->seed)
TRIAL(fold, e->fold)
TRIAL(status, e->status)
TRIAL(value, e->value)
TRIAL(epochs, e->epochs)
TRIAL(seconds, e->seconds)
TRIAL(ended, e->ended)

static double trial_place(const sources *s, size_t i)
{
    return (double)s->places[i];
}

static const column trial_columns[] = {
    {"trial", trial_number},  {"place", trial_place},    {"seed", trial_seed},
    {"fold", trial_fold},     {"status", trial_status},  {"value", trial_value},
    {"epochs", trial_epochs}, {"time_s", trial_seconds}, {"ended_s", trial_ended},
};

static void add_settings(const sources *s, cr_page_json *out)
{
    cr_page_json_open(out, "settings", '{');
    for (size_t c = 0; c < CR_COUNT(setting_columns); c++) {
        cr_page_json_open(out, setting_columns[c].key, '[');
        for (size_t i = 0; i < s->settings; i++)
            cr_page_json_number(out, NULL, setting_columns[c].get(s, i));
        cr_page_json_close(out, ']');
    }
    cr_page_json_close(out, '}');
}

static void add_trials(const sources *s, cr_page_json *out)
{
    const cr_trial_list *list = &s->ranking.list;
    size_t errors = 0;
    cr_page_json_open(out, "runs", '{');
    for (size_t c = 0; c < CR_COUNT(trial_columns); c++) {
        cr_page_json_open(out, trial_columns[c].key, '[');
        for (size_t i = 0; i < list->count; i++)
            if (s->places[i] < s->settings)
                cr_page_json_number(out, NULL, trial_columns[c].get(s, i));
        cr_page_json_close(out, ']');
    }
    cr_page_json_close(out, '}');
    cr_page_json_open(out, "statuses", '[');
    for (int i = 0; i <= CR_TRIAL_ELIMINATED; i++)
        cr_page_json_string(out, NULL, cr_trial_status_names[i]);
    cr_page_json_close(out, ']');
    cr_page_json_open(out, "errors", '[');
    for (size_t i = 0; i < list->count && errors < MOST_ERRORS; i++) {
        if (!list->trials[i].error)
            continue;
        errors++;
        cr_page_json_open(out, NULL, '[');
        cr_page_json_number(out, NULL, (double)list->trials[i].number);
        cr_page_json_string(out, NULL, list->trials[i].error);
        cr_page_json_close(out, ']');
    }
    cr_page_json_close(out, ']');
}

/* A rung after the other as [trial, rung, epochs, value]. */
static bool take_rung(void *user, const cr_store_rung *rung)
{
    cr_page_json *out = user;
    const double numbers[] = {(double)rung->trial, (double)rung->rung,
                              (double)rung->epochs, rung->value};
    cr_page_json_numbers(out, NULL, numbers, CR_COUNT(numbers), 0);
    return true;
}

static bool add_all(const sources *s, cr_page_json *out, cr_error *err)
{
    add_head(s, out);
    add_parameters(s, out);
    add_settings(s, out);
    add_trials(s, out);
    cr_page_json_open(out, "rungs", '[');
    bool good = cr_store_visit_rungs(s->store, take_rung, out, err);
    cr_page_json_close(out, ']');
    return good && cr_page_sweep_curves_add(s->store, &s->ranking, "curves", out, err);
}

static void add_notes(const sources *s, const cr_error *why, cr_page_json *out)
{
    char text[160];
    cr_page_json_open(out, "notes", '[');
    if (why->count > 0)
        cr_page_json_string(out, NULL, why->text);
    snprintf(text, sizeof text, "of %zu settings, the best %zu are on this page",
             s->ranking.setting_count, s->settings);
    if (s->settings < s->ranking.setting_count)
        cr_page_json_string(out, NULL, text);
    cr_page_json_close(out, ']');
}

bool cr_page_sweep_add(const char *directory, cr_page_json *out, cr_error *err)
{
    sources s = {0};
    cr_error why = CR_ERROR_INIT;
    char *path = cr_path_absolute(directory, err);
    bool good = path != NULL;
    cr_page_json_open(out, NULL, '{');
    cr_page_json_string(out, "path", directory);
    cr_page_json_string(out, "name", path ? cr_page_list_name(path) : NULL);
    if (good && (!read(&s, directory, &why) || !add_all(&s, out, &why)))
        good = why.code != CR_E_MEMORY || cr_fail(err, CR_E_MEMORY, "%s", why.text);
    add_notes(&s, &why, out);
    cr_page_json_close(out, '}');
    finish(&s);
    cr_free(path);
    return good;
}
