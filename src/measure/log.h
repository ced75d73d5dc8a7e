/*
 * The config's "log": further columns of metrics.csv. Metrics of a part, as in a report,
 * and with "health" what tells whether each layer learns:
 *
 *   <layer>.gradient_norm  of its parameters, of the data loss
 *   <layer>.update_ratio   norm of an update over that of the parameters before it, at
 *                          the epoch's last whole batch; about 0.001 is usual (CS231n,
 *                          "Neural Networks Part 3")
 *   <layer>.<health_name>  of the layer's type: a relu's dead units, …
 *   loss.<health_name>     of the loss's type: an svm's violated margins, …
 *
 * but for the update ratio over a sample of the training part: its first rows, passed as
 * in a training step.
 */
#ifndef CHAINRULE_MEASURE_LOG_H
#define CHAINRULE_MEASURE_LOG_H

#include "data/data.h"
#include "measure/evaluator.h"
#include "measure/metric.h"

typedef enum cr_log_kind {
    CR_LOG_METRIC,
    CR_LOG_GRADIENT_NORM,
    CR_LOG_UPDATE_RATIO,
    CR_LOG_LAYER,
    CR_LOG_LOSS
} cr_log_kind;

typedef struct cr_log_column {
    char *name; /* owned */
    cr_log_kind kind;
    size_t node; /* in the network */
    /* of a metric: */
    cr_part_name part;
    const struct cr_log_metric *metric; /* static */
    size_t index; /* k of top_k; or a class or label, or CR_LOG_MEAN of all of them */
} cr_log_column;

#define CR_LOG_MEAN SIZE_MAX

typedef struct cr_log {
    bool health;
    const cr_json *metrics; /* names, in the config's tree */
    cr_log_column *columns; /* [count] */
    size_t count, capacity;
} cr_log;

/* Reads `log` of the root, which may be missing. */
void cr_log_read(cr_reader *reader, cr_json *root, cr_log *log);

/* What training watches: a figure of every run, or a column of the log. */
typedef struct cr_monitor {
    cr_metric metric;
    bool is_logged; /* log.metrics lists it: `metric` has its name, part and direction */
    size_t column;
} cr_monitor;

/* Whether the metric of that name (with the part in front) grows as things get better. */
bool cr_metric_name_grows(const char *name);

/* The monitor of that name; false with an error at `path`. */
CR_MUST_CHECK bool cr_monitor_read(cr_reader *reader, const char *path, const char *name,
                                   bool classify, const cr_log *log, cr_monitor *monitor);

/* Its value after an epoch. */
double cr_monitor_value(const cr_monitor *monitor, const cr_epoch *epoch);

/* Its value for the model as it is now, of which `parts` are the figures. */
CR_MUST_CHECK bool cr_monitor_measure(const cr_monitor *monitor, const cr_log *log,
                                      const cr_model *model, const cr_data *data,
                                      const cr_figures parts[CR_PARTS], double *value,
                                      cr_error *err);

/* Whether the monitor has a value at all: the area under a ROC curve has none for one
 * class, and R² none for equal targets. */
CR_MUST_CHECK bool cr_monitor_is_defined(const cr_monitor *monitor, const cr_log *log,
                                         const cr_model *model, const cr_data *data,
                                         bool *defined, cr_error *err);

/* Fills in the columns. False with errors in the reader. */
CR_MUST_CHECK bool cr_log_resolve(cr_log *log, cr_reader *reader, const cr_model *model,
                                  const cr_data *data);
void cr_log_finish(cr_log *log);

/* The section's keys and the metrics' names, for the reference. */
void cr_log_describe(cr_text *out);

#endif
