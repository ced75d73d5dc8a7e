#include "sweep/ranking_runs.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/path.h"
#include "base/text.h"
#include "config/document.h"
#include "measure/metric.h"
#include "runs/metrics_csv.h"
#include "sweep/store.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Members of a config that say nothing about the result. */
static const char *const silent[] = {"seed",
                                     "comment",
                                     "training.threads",
                                     "training.checkpoint_seconds",
                                     "data.max_bytes",
                                     "data.max_line",
                                     "data.validation.fold"};

/* One run: its config as one object of paths, and what became of it. */
typedef struct entry {
    cr_json *paths;
    size_t trial; /* its number in the list */
} entry;

typedef struct entries {
    entry *items;
    size_t count, capacity;
} entries;

static bool is_silent(const char *path)
{
    for (size_t i = 0; i < CR_COUNT(silent); i++)
        if (strcmp(path, silent[i]) == 0)
            return true;
    return false;
}

/* Every value of the tree that is no object or list itself. */
static bool flatten(const char *path, const cr_json *value, cr_json *out)
{
    cr_json_kind kind = cr_json_kind_of(value);
    if (kind != CR_JSON_OBJECT && kind != CR_JSON_ARRAY) {
        char *text = is_silent(path) ? NULL : cr_json_print(value, false);
        bool good = is_silent(path) || (text && cr_json_set_text(out, path, text));
        cr_free(text);
        return good;
    }
    bool good = true;
    size_t i = 0;
    for (const cr_json *item = cr_json_first(value); good && item;
         item = cr_json_next(item), i++) {
        char where[CR_WHERE], index[24];
        snprintf(index, sizeof index, "%zu", i);
        cr_json_path(path, kind == CR_JSON_ARRAY ? index : cr_json_key(item), where);
        good = flatten(where, item, out);
    }
    return good;
}

static bool read_json(const char *directory, const char *name, cr_document *document)
{
    char *path = cr_path_join(directory, name, NULL);
    bool good = path && cr_document_read(document, path, NULL);
    cr_free(path);
    return good;
}

/* "validation_accuracy" of a summary: summary["validation"]["accuracy"], or a number under
 * the whole name. NaN without one. */
static double metric_of(const cr_json *summary, const char *metric)
{
    const char *behind = strchr(metric, '_');
    double plain = cr_json_get_number(summary, metric, NAN);
    char part[32];
    if (!isnan(plain) || !behind)
        return plain;
    snprintf(part, sizeof part, "%.*s", (int)(behind - metric), metric);
    return cr_json_get_number(cr_json_get(summary, part), behind + 1, NAN);
}

/* A number of a column of the run's metrics.csv, after the epoch that its model is of:
 * the best one if that was restored, else the last. NaN without one. */
static double logged_metric(const char *run, const cr_json *config,
                            const cr_json *summary, const char *name)
{
    const cr_json *stopping = cr_json_get(config, "early_stopping");
    const cr_json *best = cr_json_get(summary, "best");
    bool restored = cr_json_get_bool(stopping, "restore_best", false);
    double epoch = restored ? cr_json_get_number(best, CR_METRICS_CSV_EPOCH, 0) : 0;
    double value = NAN;
    cr_metrics_csv metrics;
    bool read = cr_metrics_csv_read(&metrics, run, NULL);
    for (size_t i = 0; read && i < metrics.rows; i++) {
        double found = cr_metrics_csv_at(&metrics, i, name);
        if (!isnan(found) &&
            (epoch == 0 || epoch == cr_metrics_csv_at(&metrics, i, CR_METRICS_CSV_EPOCH)))
            value = found;
    }
    cr_metrics_csv_finish(&metrics);
    return value;
}

/* The validation part's default metric if the summary has it, else the training part's.
 */
static bool choose_metric(cr_trial_list *list, const cr_json *summary, cr_error *err)
{
    const char *const candidates[] = {cr_metric_default(CR_PART_VALIDATION, true),
                                      cr_metric_default(CR_PART_VALIDATION, false),
                                      cr_metric_default(CR_PART_TRAIN, true),
                                      cr_metric_default(CR_PART_TRAIN, false)};
    for (size_t i = 0; i < 4 && !list->metric; i++)
        if (!isnan(metric_of(summary, candidates[i]))) {
            list->metric = cr_text_copy(candidates[i], strlen(candidates[i]), err);
            list->maximize = cr_metric_find(candidates[i]).maximize;
            return list->metric != NULL;
        }
    return true;
}

static cr_trial_status status_of(const cr_json *summary)
{
    const char *status = cr_json_get_string(summary, "status");
    const char *name = status ? status : "";
    return strcmp(name, "diverged") == 0    ? CR_TRIAL_DIVERGED
           : strcmp(name, "completed") == 0 ? CR_TRIAL_COMPLETED
                                            : CR_TRIAL_STOPPED_EARLY;
}

/* What a run that has not ended has come to. */
static void fill_unfinished(cr_listed_trial *t, const char *path)
{
    double epochs = logged_metric(path, NULL, NULL, "epoch");
    double seconds = logged_metric(path, NULL, NULL, "time_s");
    t->status = CR_TRIAL_STOPPED_EARLY;
    t->epochs = isnan(epochs) ? 0 : (size_t)epochs;
    t->seconds = isnan(seconds) ? 0 : seconds;
}

/* summary NULL: the run has not ended. */
static bool fill(cr_trial_list *list, const char *path, const cr_json *config,
                 const cr_json *summary, entries *all, cr_error *err)
{
    const cr_json *split = cr_json_get(cr_json_get(config, "data"), "validation");
    const cr_json *training = cr_json_get(config, "training");
    cr_listed_trial *t = cr_trial_list_add(list, err);
    if (!t ||
        !cr_reserve(&all->items, &all->capacity, all->count + 1, sizeof *all->items, err))
        return false;
    entry *e = &all->items[all->count++];
    *e = (entry){cr_json_new(CR_JSON_OBJECT), list->count - 1};
    t->is_run = true;
    t->order = all->count;
    t->seed = (int64_t)cr_json_get_number(config, "seed", 0);
    t->fold = (size_t)cr_json_get_number(split, "fold", 0);
    t->status = status_of(summary);
    t->state = cr_run_state_of(path);
    t->seconds = cr_json_get_number(summary, "time_s", 0);
    t->epochs = (size_t)cr_json_get_number(summary, "epochs", 0);
    t->wanted = (size_t)cr_json_get_number(training, "epochs", 0);
    t->run = cr_text_copy(path, strlen(path), err);
    if (!summary)
        fill_unfinished(t, path);
    else if (!choose_metric(list, summary, err))
        return false;
    if (summary && t->status != CR_TRIAL_DIVERGED && list->metric) {
        t->value = metric_of(summary, list->metric);
        if (isnan(t->value))
            t->value = logged_metric(path, config, summary, list->metric);
    }
    return e->paths && t->run && flatten("", config, e->paths);
}

/* A directory that is no run is passed over. */
static bool take_run(cr_trial_list *list, const char *path, entries *all, cr_error *err)
{
    cr_document config = {0}, summary = {0};
    bool good = true;
    if (read_json(path, "config.json", &config) &&
        cr_json_is(config.root, CR_JSON_OBJECT)) {
        bool ended = read_json(path, "summary.json", &summary) &&
                     cr_json_is(summary.root, CR_JSON_OBJECT);
        if (ended || cr_run_state_of(path) != CR_RUN_NONE)
            good = fill(list, path, config.root, ended ? summary.root : NULL, all, err) ||
                   cr_fail(err, CR_E_MEMORY, "out of memory");
    }
    cr_document_finish(&config);
    cr_document_finish(&summary);
    return good;
}

static bool have_equal(const entries *all, const char *path)
{
    char *first = NULL;
    bool equal = true;
    for (size_t i = 0; equal && i < all->count; i++) {
        const cr_json *value = cr_json_get(all->items[i].paths, path);
        char *text = value ? cr_json_print(value, false) : cr_text_copy("", 0, NULL);
        equal = text && (i == 0 || strcmp(first, text) == 0);
        if (i == 0)
            first = text;
        else
            cr_free(text);
    }
    cr_free(first);
    return equal;
}

/* Adds what differs from the other runs to each run's parameters, path by path. */
static bool add_differences(const entries *all, cr_json **parameters)
{
    bool good = true;
    for (size_t i = 0; good && i < all->count; i++)
        for (const cr_json *v = cr_json_first(all->items[i].paths); good && v;
             v = cr_json_next(v)) {
            const char *path = cr_json_key(v);
            if (cr_json_get(parameters[0], path) || have_equal(all, path))
                continue;
            for (size_t k = 0; good && k < all->count; k++) {
                const cr_json *value = cr_json_get(all->items[k].paths, path);
                char *text =
                    value ? cr_json_print(value, false) : cr_text_copy("null", 4, NULL);
                good = text && cr_json_set_text(parameters[k], path, text);
                cr_free(text);
            }
        }
    return good;
}

static bool compare_runs(cr_trial_list *list, const entries *all, cr_error *err)
{
    cr_json **parameters = cr_alloc(all->count, sizeof *parameters, err);
    bool good = parameters != NULL;
    for (size_t i = 0; good && i < all->count; i++) {
        parameters[i] = cr_json_new(CR_JSON_OBJECT);
        good = parameters[i] != NULL;
    }
    good = good && add_differences(all, parameters);
    for (size_t i = 0; good && i < all->count; i++) {
        char *text = cr_json_print(parameters[i], false);
        list->trials[all->items[i].trial].parameters = text;
        good = text != NULL;
    }
    for (size_t i = 0; parameters && i < all->count; i++)
        cr_json_free(parameters[i]);
    cr_free(parameters);
    return good || cr_fail(err, CR_E_MEMORY, "out of memory");
}

static bool take_directory(cr_trial_list *list, const char *directory, entries *all,
                           cr_error *err)
{
    size_t before = all->count, sweeps = list->sweep_count;
    bool good = take_run(list, directory, all, err);
    DIR *listing = all->count == before ? opendir(directory) : NULL;
    while (good && listing) {
        const struct dirent *item = readdir(listing);
        if (!item)
            break;
        char *path =
            item->d_name[0] != '.' ? cr_path_join(directory, item->d_name, err) : NULL;
        if (path)
            good = cr_store_exists(path) ? cr_trial_list_add_sweep(list, path, err)
                                         : take_run(list, path, all, err);
        cr_free(path);
    }
    if (listing)
        closedir(listing);
    if (good && all->count == before && list->sweep_count == sweeps)
        good =
            cr_fail(err, CR_E_USAGE,
                    "%s: neither a sweep, nor a run, nor a directory of such", directory);
    return good;
}

/* A metric that no run has was mistyped, or not logged. */
static bool check_metric(const cr_trial_list *list, const entries *all, cr_error *err)
{
    size_t values = 0, without = 0; /* that cannot have one */
    for (size_t i = 0; i < all->count; i++) {
        const cr_listed_trial *t = &list->trials[all->items[i].trial];
        values += isnan(t->value) ? 0 : 1;
        without += t->status == CR_TRIAL_DIVERGED || cr_trial_list_is_unfinished(t);
    }
    if (values > 0 || without == all->count || !list->metric)
        return true;
    const char *near = cr_metric_nearest(list->metric, CR_PARTS, false);
    bool other = near && strcmp(near, list->metric) != 0;
    return cr_fail(
        err, CR_E_USAGE,
        "--sort %s: no run has it; %s%s%sknown: train_, validation_ and test_ "
        "with loss, accuracy or rmse, time_s, epochs, and the columns of their "
        "metrics.csv (\"metrics\" in \"log\" adds some)",
        list->metric, other ? "did you mean \"" : "", other ? near : "",
        other ? "\"? " : "");
}

bool cr_ranking_runs_read(cr_trial_list *list, const char *const *directories,
                          size_t count, cr_error *err)
{
    entries all = {0};
    bool good = true;
    for (size_t i = 0; good && i < count; i++)
        good = take_directory(list, directories[i], &all, err);
    good = good && (all.count == 0 || compare_runs(list, &all, err)) &&
           check_metric(list, &all, err);
    for (size_t i = 0; i < all.count; i++)
        cr_json_free(all.items[i].paths);
    cr_free(all.items);
    return good;
}
