/*
 * The config's "log" section: further columns of metrics.csv. They are metrics of a part,
 * and with "health" also what tells whether each layer learns:
 *
 *   <layer>.gradient_norm  the norm of the data loss's gradient with respect to the
 *                          layer's parameters
 *   <layer>.update_ratio   the norm of an update over that of the parameters before it, at
 *                          the epoch's last whole batch; about 0.001 is usual (CS231n,
 *                          "Neural Networks Part 3")
 *   <layer>.<health_name>  a figure of the layer's type, such as a relu's dead units
 *   loss.<health_name>     a figure of the loss's type, such as an svm's violated margins
 *
 * All of these but the update ratio are taken over a sample of the training part, its
 * first rows, which are passed as in a training step.
 */
#ifndef CHAINRULE_MEASURE_LOG_H
#define CHAINRULE_MEASURE_LOG_H

#include "data/data.h"
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
    cr_metric metric; /* of CR_LOG_METRIC, resolved; it borrows the column's name */
    size_t node;      /* of what belongs to a layer: its number in the network */
} cr_log_column;

typedef struct cr_log {
    bool health;
    const cr_json *metrics; /* their names, in the config's tree; NULL: none */
    /* filled in by cr_log_resolve; the metrics come first, in the order of their names: */
    cr_log_column *columns; /* [count] */
    size_t count, capacity;
} cr_log;

/* Reads `log` of the root, which may be missing. Errors go to the reader, also those of
 * names that are not a metric's. */
void cr_log_read(cr_reader *reader, cr_json *root, cr_log *log);

/* The list log.metrics of a config, which need not have been read; NULL when there is none.
 */
const cr_json *cr_log_listed(const cr_json *root);

/* Fills in the columns. False with errors in the reader. */
CR_MUST_CHECK bool cr_log_resolve(cr_log *log, cr_reader *reader, const cr_model *model,
                                  const cr_data *data);
void cr_log_finish(cr_log *log);

/* The section's keys and the metrics' names, for the reference. */
void cr_log_describe(cr_text *out);

#endif
