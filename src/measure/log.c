#include "measure/log.h"

#include "base/memory.h"
#include "base/text.h"
#include "config/options.h"

#include <string.h>

static const char metrics_path[] = "log.metrics";

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
         "rows (fewer where an example's values are many), after every epoch; "
         "update_ratio (norm of an update over that of the "
         "parameters; about 0.001 is usual) at its last whole batch. Gradients are of "
         "the data loss alone"},
};

void cr_log_read(cr_reader *reader, cr_json *root, cr_log *log)
{
    if (cr_json_get(root, "log"))
        cr_options_read_section(reader, root, "log", options, CR_COUNT(options), log);
    const cr_json *name = log->metrics ? cr_json_first(log->metrics) : NULL;
    for (; name; name = cr_json_next(name))
        cr_metric_check(reader, metrics_path, cr_json_string(name));
}

const cr_json *cr_log_listed(const cr_json *root)
{
    return cr_json_get_kind(cr_json_get(root, "log"), "metrics", CR_JSON_ARRAY);
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

static bool add_metric(cr_log *log, cr_reader *reader, const cr_model *model,
                       const cr_data *data, const char *name)
{
    cr_log_column *column = add_column(log, name, reader->err);
    if (!column)
        return false;
    column->metric = cr_metric_find(column->name);
    if (!cr_metric_resolve(&column->metric, reader, metrics_path, model))
        return false;
    if (data->parts[column->metric.part].dataset)
        return true;
    cr_reader_error(reader, metrics_path,
                    "there is no validation part to take \"%s\" of; add "
                    "data.validation, or take %s",
                    name, column->metric.type->full_names[CR_PART_TRAIN]);
    return false;
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
                        CR_COUNT(options), out);
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
    for (size_t i = 0; i < cr_metric_type_count; i++)
        if (cr_metric_types[i].of_report)
            cr_text_add(out, "| `%s` | %s |\n", cr_metric_types[i].name,
                        cr_metric_types[i].help);
}
