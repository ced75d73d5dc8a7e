#include "measure/metric.h"

#include <math.h>
#include <string.h>

/* In the order of cr_part_name and cr_figure; the names of the columns of metrics.csv. */
const char *const cr_metric_names[] = {
    "train_loss",          "train_accuracy",  "train_rmse", "validation_loss",
    "validation_accuracy", "validation_rmse", NULL};

cr_metric cr_metric_find(const char *name)
{
    for (size_t i = 0; cr_metric_names[i]; i++)
        if (strcmp(cr_metric_names[i], name) == 0)
            return (cr_metric){cr_metric_names[i], (cr_part_name)(i / 3),
                               (cr_figure)(i % 3), i % 3 == CR_FIGURE_ACCURACY};
    return (cr_metric){0};
}

double cr_metric_value(const cr_metric *metric, const cr_figures parts[CR_PARTS])
{
    const cr_figures *f = &parts[metric->part];
    switch (metric->figure) {
    case CR_FIGURE_LOSS:
        return f->loss;
    case CR_FIGURE_ACCURACY:
        return f->accuracy;
    case CR_FIGURE_RMSE:
        break;
    }
    return f->rmse;
}

bool cr_metric_better(const cr_metric *metric, double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(b) && !isnan(a);
    return metric->maximize ? a > b : a < b;
}

bool cr_metric_check(cr_reader *reader, const char *path, const cr_metric *metric,
                     bool classify)
{
    if (metric->figure != (classify ? CR_FIGURE_RMSE : CR_FIGURE_ACCURACY))
        return true;
    cr_reader_error(reader, path,
                    "there is no %s with this loss; known: train_loss, %s, "
                    "validation_loss, %s",
                    metric->name, classify ? "train_accuracy" : "train_rmse",
                    classify ? "validation_accuracy" : "validation_rmse");
    return false;
}
