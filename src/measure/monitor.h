/* What is watched while a model is trained, and judged by when it is: early stopping, the
 * best model, a plateau of the learning rate and sweeps each have such a metric. */
#ifndef CHAINRULE_MEASURE_MONITOR_H
#define CHAINRULE_MEASURE_MONITOR_H

#include "measure/log.h"

/* A metric of the training or the validation part: one that the figures of every epoch
 * have, or else one that the log has as a column. */
typedef struct cr_monitor {
    cr_metric metric;
    size_t column; /* that of the log, for a metric of a report; else 0 */
} cr_monitor;

/* The monitor of that name, which is borrowed. classify: the loss takes classes or labels,
 * else numbers. False, with an error at `path`, for a name that is neither a figure's nor
 * listed in log.metrics of the reader's document, and for a figure that does not exist
 * with the loss. */
CR_MUST_CHECK bool cr_monitor_read(cr_reader *reader, const char *path, const char *name,
                                   bool classify, cr_monitor *monitor);

/* Its value after an epoch. */
double cr_monitor_value(const cr_monitor *monitor, const cr_epoch *epoch);

/* What a monitor is asked about: a model, its data, and the log, which is resolved. */
typedef struct cr_monitored {
    const cr_log *log;
    const cr_model *model;
    const cr_data *data;
    const cr_figures *figures; /* [CR_PARTS] of the model as it is */
} cr_monitored;

/* Its value for the model as it is, into *value; NaN where it has none. Fails when the log
 * has no column of that name (a trial of a sweep has a log of its own), and when memory is
 * out. */
CR_MUST_CHECK bool cr_monitor_measure(const cr_monitor *monitor, const cr_monitored *of,
                                      double *value, cr_error *err);

/* Whether it has a value for any model at all, into *defined: the area under a ROC curve
 * has none where all examples are of one class, and R² none where all targets are equal.
 * The figures may be NULL. Fails when memory is out. */
CR_MUST_CHECK bool cr_monitor_is_defined(const cr_monitor *monitor,
                                         const cr_monitored *of, bool *defined,
                                         cr_error *err);

#endif
