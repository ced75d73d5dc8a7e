#include "commands/runs_export.h"

#include "base/number.h"
#include "commands/print.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *cr_runs_export_state(const cr_ranking_setting *setting,
                                 char out[CR_RUNS_STATE])
{
    size_t kinds = 0, length = 0;
    out[0] = '\0';
    for (int i = CR_RUN_NONE + 1; i < CR_RUN_STATES; i++)
        kinds += setting->states[i] > 0;
    for (int i = CR_RUN_NONE + 1; i < CR_RUN_STATES; i++) {
        if (setting->states[i] == 0)
            continue;
        if (kinds > 1)
            length += (size_t)snprintf(out + length, CR_RUNS_STATE - length, "%s%zu ",
                                       length > 0 ? ", " : "", setting->states[i]);
        length += (size_t)snprintf(out + length, CR_RUNS_STATE - length, "%s",
                                   cr_run_state_names[i]);
    }
    return out;
}

static void print_csv_number(double number)
{
    char text[CR_NUMBER_TEXT];
    if (!isnan(number))
        cr_print("%s", cr_number_format_double(number, text));
}

/* A value as a cell: a string without its quotes, anything else as JSON. */
static void print_value(const cr_cells *cells, const char *json)
{
    cr_json *value = json ? cr_json_parse(json, strlen(json)) : NULL;
    bool is_text = cr_json_is(value, CR_JSON_STRING);
    cr_cells_write(cells, is_text ? cr_json_string(value) : json ? json : "");
    cr_json_free(value);
}

static void print_setting(const cr_cells *cells, const cr_ranking *ranking, size_t number)
{
    const cr_ranking_setting *s = &ranking->settings[number];
    char state[CR_RUNS_STATE];
    cr_print("%zu,", number + 1);
    print_csv_number(s->mean);
    cr_print(",");
    print_csv_number(s->deviation);
    cr_print(",%zu,%zu,%zu", s->count, s->diverged, s->failed);
    for (size_t k = 0; k < ranking->parameter_count; k++) {
        cr_print(",");
        print_value(cells, s->values[k]);
    }
    cr_print(",%zu,", s->epochs);
    print_csv_number(s->seconds);
    cr_print(",%d,", s->tied);
    cr_cells_write(cells, s->run ? s->run : "");
    cr_print(",");
    cr_cells_write(cells, cr_runs_export_state(s, state));
    cr_print("\n");
}

/* Its value, where it is of the metric that all are ranked by. */
static void print_sweep(const cr_cells *cells, const cr_ranking *ranking,
                        const cr_listed_sweep *sweep)
{
    const char *metric = ranking->list.metric;
    cr_print(",");
    if (sweep->metric && (!metric || strcmp(metric, sweep->metric) == 0))
        print_csv_number(sweep->best);
    cr_print(",,%zu,,%zu", sweep->state.done, sweep->state.failed);
    for (size_t k = 0; k < ranking->parameter_count; k++)
        cr_print(",");
    cr_print(",,,,");
    cr_cells_write(cells, sweep->directory);
    cr_print(",%s\n", cr_run_state_names[sweep->state.state]);
}

void cr_runs_export_csv(const cr_cells *cells, const cr_ranking *ranking,
                        const cr_sweep_list *sweeps, size_t ranked, size_t top)
{
    cr_print("rank,%s,standard_deviation,trials,diverged,failed",
             ranking->list.metric ? ranking->list.metric : "value");
    for (size_t i = 0; i < ranking->parameter_count; i++) {
        cr_print(",");
        cr_cells_write(cells, ranking->parameters[i].path);
    }
    cr_print(",epochs,time_s,tied,run,state\n");
    for (size_t i = 0; i < top; i++)
        print_setting(cells, ranking, i);
    for (size_t i = ranked; i < sweeps->count; i++)
        print_sweep(cells, ranking, &sweeps->items[i]);
}

static bool add_setting(const cr_ranking *ranking, const cr_ranking_setting *s,
                        cr_json *list)
{
    cr_json *object = cr_json_add(list, NULL, CR_JSON_OBJECT);
    cr_json *values = object ? cr_json_add(object, "parameters", CR_JSON_OBJECT) : NULL;
    char state[CR_RUNS_STATE];
    bool good =
        values && cr_json_set_number(object, "mean", s->mean) &&
        cr_json_set_number(object, "standard_deviation", s->deviation) &&
        cr_json_set_number(object, "trials", (double)s->count) &&
        cr_json_set_number(object, "diverged", (double)s->diverged) &&
        cr_json_set_number(object, "failed", (double)s->failed) &&
        cr_json_set_number(object, "epochs", (double)s->epochs) &&
        cr_json_set_number(object, "time_s", s->seconds) &&
        cr_json_set_bool(object, "tied", s->tied) &&
        (!s->run || cr_json_set_string(object, "run", s->run)) &&
        (!*cr_runs_export_state(s, state) || cr_json_set_string(object, "state", state));
    for (size_t i = 0; good && i < ranking->parameter_count; i++)
        good = !s->values[i] ||
               cr_json_set_text(values, ranking->parameters[i].path, s->values[i]);
    return good;
}

static bool add_sweep(const cr_listed_sweep *sweep, cr_json *list)
{
    const cr_sweep_state *s = &sweep->state;
    cr_json *object = cr_json_add(list, NULL, CR_JSON_OBJECT);
    return object && cr_json_set_string(object, "directory", sweep->directory) &&
           cr_json_set_string(object, "state", cr_run_state_names[s->state]) &&
           cr_json_set_number(object, "done", (double)s->done) &&
           cr_json_set_number(object, "trials", (double)s->trials) &&
           cr_json_set_number(object, "failed", (double)s->failed) &&
           cr_json_set_string(object, "overrides",
                              s->overrides.data ? s->overrides.data : "") &&
           (!sweep->metric || (cr_json_set_string(object, "metric", sweep->metric) &&
                               cr_json_set_number(object, "best", sweep->best))) &&
           (!sweep->model || cr_json_set_string(object, "run", sweep->model));
}

bool cr_runs_export_json(const cr_ranking *ranking, const cr_sweep_list *sweeps,
                         size_t top, cr_error *err)
{
    const cr_trial_list *list = &ranking->list;
    cr_json *root = cr_json_new(CR_JSON_OBJECT), *settings = NULL, *found = NULL;
    bool good =
        root && cr_json_set_string(root, "metric", list->metric ? list->metric : "") &&
        cr_json_set_string(root, "goal", list->maximize ? "maximize" : "minimize") &&
        cr_json_set_number(root, "trials", (double)list->count);
    if (good)
        settings = cr_json_add(root, "settings", CR_JSON_ARRAY);
    good = settings != NULL;
    for (size_t i = 0; good && i < top; i++)
        good = add_setting(ranking, &ranking->settings[i], settings);
    if (good && sweeps->count > 0) {
        found = cr_json_add(root, "sweeps", CR_JSON_ARRAY);
        good = found != NULL;
    }
    for (size_t i = 0; good && i < sweeps->count; i++)
        good = add_sweep(&sweeps->items[i], found);
    good = good && cr_print_json(stdout, root, true);
    cr_json_free(root);
    return good || cr_fail(err, CR_E_MEMORY, "out of memory");
}
