#include "measure/monitor.h"

#include "base/memory.h"
#include "config/synonyms.h"

#include <math.h>
#include <string.h>

/* The place of a name in log.metrics, which is that of its column. */
static bool find_listed(const cr_json *root, const char *name, size_t *column)
{
    const cr_json *list = cr_log_listed(root);
    const cr_json *item = list ? cr_json_first(list) : NULL;
    for (*column = 0; item; item = cr_json_next(item), (*column)++)
        if (cr_json_is(item, CR_JSON_STRING) && strcmp(cr_json_string(item), name) == 0)
            return true;
    return false;
}

/* Our name of a figure that another program calls so; NULL when there is none. */
static const char *find_synonym(const char *name)
{
    const char *found = NULL;
    for (size_t i = 0; !found && i < cr_metric_type_count; i++)
        if (cr_metric_types[i].of_figures)
            found = cr_synonyms_find(name, cr_metric_types[i].full_names,
                                     CR_METRIC_TRAINING_PARTS);
    return found;
}

static void refuse(cr_reader *reader, const char *path, const char *name)
{
    const char *ours = find_synonym(name);
    const char *near =
        ours ? NULL : cr_metric_nearest(name, CR_METRIC_TRAINING_PARTS, false);
    if (near && strcmp(near, name) == 0) /* it has only to be listed */
        near = NULL;
    cr_reader_error(reader, path,
                    "found \"%s\", %s%s%sexpected train_ or validation_ and "
                    "" CR_METRIC_FIGURES ", or a metric that is listed in \"metrics\" of "
                    "\"log\"",
                    name,
                    ours   ? "which is called \""
                    : near ? "which may be meant for \""
                           : "",
                    ours   ? ours
                    : near ? near
                           : "",
                    ours   ? "\" here; "
                    : near ? "\"; "
                           : "");
}

/* Whether a figure exists with the loss. */
static bool check_figure(cr_reader *reader, const char *path, const cr_metric *metric,
                         bool classify)
{
    if (cr_metric_exists(metric->type, classify))
        return true;
    cr_text known = {0};
    for (size_t part = 0; part < CR_METRIC_TRAINING_PARTS; part++)
        for (size_t i = 0; i < cr_metric_type_count; i++) {
            const cr_metric_type *type = &cr_metric_types[i];
            if (type->of_figures && cr_metric_exists(type, classify))
                cr_text_add(&known, "%s%s", known.length ? ", " : "",
                            type->full_names[part]);
        }
    cr_reader_error(reader, path, "there is no %s with this loss; known: %s",
                    metric->name, known.failed ? "others" : known.data);
    cr_text_finish(&known);
    return false;
}

bool cr_monitor_read(cr_reader *reader, const char *path, const char *name, bool classify,
                     cr_monitor *monitor)
{
    *monitor = (cr_monitor){.metric = cr_metric_find(name)};
    const cr_metric *metric = &monitor->metric;
    bool is_known = metric->type && metric->part != CR_PART_TEST;
    if (is_known && metric->type->of_figures)
        return check_figure(reader, path, metric, classify);
    if (is_known && find_listed(reader->document->root, name, &monitor->column))
        return true;
    refuse(reader, path, name);
    return false;
}

double cr_monitor_value(const cr_monitor *monitor, const cr_epoch *epoch)
{
    const cr_metric *metric = &monitor->metric;
    if (!metric->type->of_figures)
        return epoch->logged[monitor->column];
    return metric->type->of_figures(metric->part == CR_PART_TRAIN ? &epoch->train
                                                                  : &epoch->validation);
}

/* The metric as the log has it, with its class or k; NULL with err. */
static const cr_metric *find_column(const cr_log *log, const char *name, cr_error *err)
{
    for (size_t i = 0; i < log->count; i++)
        if (strcmp(log->columns[i].name, name) == 0)
            return &log->columns[i].metric;
    cr_fail(err, CR_E_CONFIG, "log.metrics does not list %s, which is to be judged by",
            name);
    return NULL;
}

bool cr_monitor_measure(const cr_monitor *monitor, const cr_monitored *of, double *value,
                        cr_error *err)
{
    const cr_metric_type *type = monitor->metric.type;
    *value = NAN;
    if (type->of_figures) {
        *value = type->of_figures(&of->figures[monitor->metric.part]);
        return true;
    }
    const cr_metric *metric = find_column(of->log, monitor->metric.name, err);
    if (!metric)
        return false;
    const cr_part *part = &of->data->parts[metric->part];
    cr_evaluator *evaluator = cr_evaluator_for_figures(of->model, 1, err);
    cr_report *report = cr_report_for(of->model, part->count, err);
    bool good = evaluator && report;
    if (good) {
        cr_report_add_part(report, evaluator, part);
        *value = type->of_report(report, metric->index);
    }
    cr_report_destroy(report);
    cr_evaluator_destroy(evaluator);
    return good;
}

/* Whether a metric has a value is a matter of the targets: scores only say which. So it is
 * looked up in a report of the part's targets with scores that are all 0. */
bool cr_monitor_is_defined(const cr_monitor *monitor, const cr_monitored *of,
                           bool *defined, cr_error *err)
{
    const cr_metric_type *type = monitor->metric.type;
    *defined = true;
    if (type->of_figures)
        return true;
    const cr_metric *metric = &of->log->columns[monitor->column].metric;
    const cr_part *part = &of->data->parts[metric->part];
    size_t outputs = cr_model_outputs(of->model), targets = part->dataset->target_count;
    cr_report *report = cr_report_for(of->model, part->count, err);
    cr_real *scores = cr_alloc(outputs, sizeof *scores, err);
    cr_real *values = cr_alloc(targets + 1, sizeof *values, err);
    bool good = report && scores && values;
    for (size_t i = 0; good && i < part->count; i++) {
        size_t row = cr_part_row(part, i);
        const int32_t *label = part->dataset->labels ? &part->dataset->labels[row] : NULL;
        for (size_t j = 0; !label && j < targets; j++)
            values[j] = cr_dataset_target(part->dataset, row * targets + j);
        cr_report_add(report, 1, outputs, scores, label, values);
    }
    if (good)
        *defined = !isnan(type->of_report(report, metric->index));
    cr_report_destroy(report);
    cr_free(scores);
    cr_free(values);
    return good;
}
