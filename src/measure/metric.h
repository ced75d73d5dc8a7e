/* Figures by name: what trials are judged by, and what training watches. */
#ifndef CHAINRULE_MEASURE_METRIC_H
#define CHAINRULE_MEASURE_METRIC_H

#include "config/options.h"

#include <chainrule/train.h>

typedef enum cr_figure { CR_FIGURE_LOSS, CR_FIGURE_ACCURACY, CR_FIGURE_RMSE } cr_figure;

/* A figure of the training or the validation part. */
typedef struct cr_metric {
    const char *name; /* "validation_accuracy": static */
    cr_part_name part;
    cr_figure figure;
    bool maximize;
} cr_metric;

/* The names, those of the columns of metrics.csv, ended with NULL: for an option's
 * choices. */
extern const char *const cr_metric_names[];

/* The metric of that name; name is NULL if there is none. */
cr_metric cr_metric_find(const char *name);

/* Whether the figure exists with the loss; an error at `path` if not. */
CR_MUST_CHECK bool cr_metric_check(cr_reader *reader, const char *path,
                                   const cr_metric *metric, bool classify);

/* The metric's figure. */
double cr_metric_value(const cr_metric *metric, const cr_figures parts[CR_PARTS]);

/* Whether a is better than b; a NaN is worse than anything else. */
bool cr_metric_better(const cr_metric *metric, double a, double b);

#endif
