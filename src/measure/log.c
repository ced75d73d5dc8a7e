#include "measure/log.h"

#include "base/memory.h"
#include "base/text.h"
#include "config/synonyms.h"
#include "measure/log_metric.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const cr_option options[] = {
    {.key = "metrics",
     .kind = CR_OPTION_NAMES,
     .offset = offsetof(cr_log, metrics),
     .fallback = CR_OPTIONAL,
     .no_effect = true,
     .help = "further columns: train_ or validation_ and a metric from the list below"},
    {.key = "health",
     .kind = CR_OPTION_BOOL,
     .offset = offsetof(cr_log, health),
     .fallback = "false",
     .no_effect = true,
     .help =
         "per layer with parameters its gradient_norm and update_ratio; the share of "
         "dead units of a relu and of saturated outputs of a sigmoid or tanh; the "
         "violated margins an example of the loss svm. Over the first 256 training "
         "rows, after every epoch; update_ratio (norm of an update over that of the "
         "parameters; about 0.001 is usual) at its last whole batch. Gradients are of "
         "the data loss alone"},
};

void cr_log_read(cr_reader *reader, cr_json *root, cr_log *log)
{
    if (!cr_json_get(root, "log"))
        return;
    cr_json *object = cr_options_section(reader, root, "log");
    cr_option_group group = {options, sizeof options / sizeof options[0], log};
    if (object)
        cr_options_read(reader, "log", object, &group, 1);
}

static cr_log_column *add_column(cr_log *log, const char *name, cr_error *err)
{
    if (!cr_reserve(&log->columns, &log->capacity, log->count + 1, sizeof *log->columns,
                    err))
        return NULL;
    char *copy = cr_text_copy(name, strlen(name), err);
    if (!copy)
        return NULL;
    log->columns[log->count] = (cr_log_column){.name = copy};
    return &log->columns[log->count++];
}

/* The row of the table that the name's end belongs to, with what stands behind the
 * metric's own name: the k of top_k, a class. */
static const cr_log_metric *find_metric(const char *name, const char **behind)
{
    const cr_log_metric *found = NULL;
    for (size_t i = 0; i < cr_log_metric_count; i++) {
        const cr_log_metric *m = &cr_log_metrics[i];
        size_t length = strlen(m->stem);
        if (strncmp(name, m->stem, length) != 0)
            continue;
        bool whole = name[length] == '\0';
        bool takes = m->takes != CR_LOG_TAKES_NOTHING && name[length] == '_';
        if (!takes && !whole)
            continue;
        found = m;
        *behind = whole ? "" : name + length + 1;
    }
    return found;
}

static void refuse_metric(cr_reader *reader, const char *name)
{
    const char *known[2 * CR_MOST_LOG_METRICS];
    char names[2 * CR_MOST_LOG_METRICS][32];
    size_t count = 0;
    const char *behind = "";
    if (find_metric(name, &behind)) {
        cr_reader_error(reader, "log.metrics",
                        "found \"%s\", expected \"train_%s\" or \"validation_%s\"", name,
                        name, name);
        return;
    }
    for (size_t part = 0; part < 2; part++)
        for (size_t i = 0; i < cr_log_metric_count; i++, count++) {
            snprintf(names[count], sizeof names[count], "%s_%s", cr_part_names[part],
                     cr_log_metrics[i].name);
            known[count] = names[count];
        }
    cr_reader_unknown(reader, "log.metrics", "metric", name, known, count);
}

/* The place of a name in log.metrics, which becomes its column. */
static bool find_listed(const cr_log *log, const char *name, size_t *column)
{
    const cr_json *item = log->metrics ? cr_json_first(log->metrics) : NULL;
    for (*column = 0; item; item = cr_json_next(item), (*column)++)
        if (cr_json_kind_of(item) == CR_JSON_STRING &&
            strcmp(cr_json_string(item), name) == 0)
            return true;
    return false;
}

bool cr_metric_name_grows(const char *name)
{
    const char *rest = strchr(name, '_'), *behind = "";
    const cr_log_metric *found = rest ? find_metric(rest + 1, &behind) : NULL;
    return found ? !found->minimize : strstr(name, "accuracy") != NULL;
}

bool cr_monitor_read(cr_reader *reader, const char *path, const char *name, bool classify,
                     const cr_log *log, cr_monitor *monitor)
{
    *monitor = (cr_monitor){.metric = cr_metric_find(name)};
    if (monitor->metric.name)
        return cr_metric_check(reader, path, &monitor->metric, classify);
    monitor->is_logged = find_listed(log, name, &monitor->column);
    if (!monitor->is_logged) {
        size_t known = 0;
        while (cr_metric_names[known])
            known++;
        const char *ours = cr_synonyms_find(name, cr_metric_names, known);
        cr_reader_error(
            reader, path,
            "found \"%s\", %s%s%sexpected train_ or validation_ and loss, accuracy or "
            "rmse, or a metric that is listed in \"metrics\" of \"log\"",
            name, ours ? "which is called \"" : "", ours ? ours : "",
            ours ? "\" here; " : "");
        return false;
    }
    bool validation = strncmp(name, "validation_", strlen("validation_")) == 0;
    monitor->metric = (cr_metric){
        .name = name,
        .part = validation ? CR_PART_VALIDATION : CR_PART_TRAIN,
        .maximize = cr_metric_name_grows(name)}; /* a wrong one is reported later */
    return true;
}

double cr_monitor_value(const cr_monitor *monitor, const cr_epoch *epoch)
{
    const cr_figures parts[CR_PARTS] = {epoch->train, epoch->validation};
    return monitor->is_logged ? epoch->logged[monitor->column]
                              : cr_metric_value(&monitor->metric, parts);
}

/* It depends on the targets alone, so any scores will do. */
bool cr_monitor_is_defined(const cr_monitor *monitor, const cr_log *log,
                           const cr_model *model, const cr_data *data, bool *defined,
                           cr_error *err)
{
    *defined = true;
    if (!monitor->is_logged)
        return true;
    const cr_log_column *column = &log->columns[monitor->column];
    const cr_part *part = &data->parts[column->part];
    size_t outputs = cr_model_outputs(model), targets = part->dataset->target_count;
    cr_report *report = cr_report_for(model, part->count, err);
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
        *defined = !isnan(column->metric->value(report, column->index));
    cr_report_destroy(report);
    cr_free(scores);
    cr_free(values);
    return good;
}

bool cr_monitor_measure(const cr_monitor *monitor, const cr_log *log,
                        const cr_model *model, const cr_data *data,
                        const cr_figures parts[CR_PARTS], double *value, cr_error *err)
{
    enum { ROWS = 256 };
    *value = monitor->is_logged ? NAN : cr_metric_value(&monitor->metric, parts);
    if (!monitor->is_logged)
        return true;
    size_t i = 0;
    while (i < log->count && strcmp(log->columns[i].name, monitor->metric.name) != 0)
        i++;
    if (i == log->count)
        return cr_fail(err, CR_E_CONFIG,
                       "log.metrics does not list %s, which is to be judged by",
                       monitor->metric.name);
    const cr_log_column *column = &log->columns[i];
    cr_evaluator *evaluator = cr_evaluator_create(model, ROWS, 1, false, err);
    const cr_part *part = &data->parts[column->part];
    cr_report *report = cr_report_for(model, part->count, err);
    bool good = evaluator && report;
    if (good) {
        cr_report_add_part(report, evaluator, part);
        *value = column->metric->value(report, column->index);
    }
    cr_report_destroy(report);
    cr_evaluator_destroy(evaluator);
    return good;
}

/* The class or label called so. */
static bool find_class(cr_reader *reader, const cr_model *model, const char *name,
                       size_t *index)
{
    const cr_encoding *encoding = model->encoding;
    const cr_names *names = encoding->classify ? &encoding->classes : &encoding->targets;
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0) {
            *index = i;
            return true;
        }
    cr_reader_unknown(reader, "log.metrics", "class", name,
                      (const char *const *)names->items, names->count);
    return false;
}

static bool find_index(cr_reader *reader, const cr_model *model,
                       const cr_log_metric *metric, const char *name, const char *behind,
                       size_t *index)
{
    *index = CR_LOG_MEAN;
    if (metric->takes == CR_LOG_TAKES_NOTHING)
        return true;
    if (metric->takes == CR_LOG_TAKES_CLASS)
        return *behind == '\0' || find_class(reader, model, behind, index);
    char *end = NULL;
    unsigned long k = strtoul(behind, &end, 10);
    *index = k;
    if (*behind >= '1' && *behind <= '9' && *end == '\0' &&
        k < model->encoding->classes.count)
        return true;
    cr_reader_error(reader, "log.metrics",
                    "found \"%s\", expected top_ and a number from 1 to %zu, one less "
                    "than there are classes",
                    name, model->encoding->classes.count - 1);
    return false;
}

static bool add_metric(cr_log *log, cr_reader *reader, const cr_model *model,
                       const cr_data *data, const char *name)
{
    size_t part = 0, length = 0;
    const char *behind = "";
    const cr_log_metric *metric = NULL;
    for (part = 0; part < 2 && !metric; part += !metric) {
        length = strlen(cr_part_names[part]);
        if (strncmp(name, cr_part_names[part], length) == 0 && name[length] == '_')
            metric = find_metric(name + length + 1, &behind);
    }
    if (!metric) {
        refuse_metric(reader, name);
        return false;
    }
    if (!(metric->of & cr_report_kind_bit(model))) {
        cr_reader_error(reader, "log.metrics",
                        "there is no \"%s\" with this loss and target", name);
        return false;
    }
    if (!data->parts[part].dataset) {
        cr_reader_error(reader, "log.metrics",
                        "there is no validation part to take \"%s\" of; add "
                        "data.validation, or take train_%s",
                        name, metric->name);
        return false;
    }
    size_t index = 0;
    if (!find_index(reader, model, metric, name, behind, &index))
        return false;
    cr_log_column *column = add_column(log, name, reader->err);
    if (!column)
        return false;
    column->part = (cr_part_name)part;
    column->metric = metric;
    column->index = index;
    return true;
}

static bool add_health(cr_log *log, const char *of, const char *what, cr_log_kind kind,
                       size_t node, cr_error *err)
{
    cr_text name = {0};
    cr_text_add(&name, "%s.%s", of, what);
    cr_log_column *column = name.failed ? NULL : add_column(log, name.data, err);
    cr_text_finish(&name);
    if (!column)
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    column->kind = kind;
    column->node = node;
    return true;
}

bool cr_log_resolve(cr_log *log, cr_reader *reader, const cr_model *model,
                    const cr_data *data)
{
    bool good = true;
    cr_error *err = reader->err;
    const cr_json *name = log->metrics ? cr_json_first(log->metrics) : NULL;
    for (; name; name = cr_json_next(name))
        good &= add_metric(log, reader, model, data, cr_json_string(name));
    const cr_network *network = model->network;
    for (size_t i = 0; good && log->health && i < network->node_count; i++) {
        const cr_node *node = &network->nodes[i];
        if (node->trainable)
            good =
                add_health(log, node->name, "gradient_norm", CR_LOG_GRADIENT_NORM, i,
                           err) &&
                add_health(log, node->name, "update_ratio", CR_LOG_UPDATE_RATIO, i, err);
        if (good && node->type->health)
            good = add_health(log, node->name, node->type->health_name, CR_LOG_LAYER, i,
                              err);
    }
    if (good && log->health && model->loss.type->health)
        good =
            add_health(log, "loss", model->loss.type->health_name, CR_LOG_LOSS, 0, err);
    return good;
}

void cr_log_finish(cr_log *log)
{
    for (size_t i = 0; i < log->count; i++)
        cr_free(log->columns[i].name);
    cr_free(log->columns);
    *log = (cr_log){0};
}

void cr_log_describe(cr_text *out)
{
    cr_options_describe("log", "Further columns of metrics.csv.", options,
                        sizeof options / sizeof options[0], out);
    cr_text_add(
        out,
        "\nEvery line of metrics.csv is an epoch and has:\n\n"
        "| column | meaning |\n|---|---|\n"
        "| `epoch`, `step` | epochs and steps done in the run |\n"
        "| `time_s` | seconds since training began, evaluation included |\n"
        "| `learning_rate` | of the epoch's last step |\n"
        "| `train_loss`, `train_accuracy` or `train_rmse` | means over the epoch's own "
        "batches, each as it was before its step, with dropout and batches' statistics: "
        "not those of the model at the end, which `eval --on train` shows |\n"
        "| `validation_loss`, … | of the validation part after the epoch |\n"
        "| `regularization_loss` | what regularization adds to both losses |\n"
        "| `parameters_crc32` | the same for the same bits |\n"
        "\nand behind them what `log` asks for, all of it taken after the epoch.\n");
    cr_text_add(out, "\nMetrics of `log.metrics`, behind `train_` or `validation_`:\n\n"
                     "| metric | meaning |\n|---|---|\n");
    for (size_t i = 0; i < cr_log_metric_count; i++)
        cr_text_add(out, "| `%s` | %s |\n", cr_log_metrics[i].name,
                    cr_log_metrics[i].help);
}
