#include "measure/log_metric.h"

#include <math.h>

/* Of a class or label, or the mean over all. */
static cr_class_report of_class(const cr_report *r, size_t index)
{
    if (index == CR_LOG_MEAN)
        return cr_report_mean(r);
    return r->labels ? cr_report_class(r->labels[index], 1) : cr_report_class(r, index);
}

static double precision(cr_report *r, size_t index)
{
    return of_class(r, index).precision;
}

static double recall(cr_report *r, size_t index)
{
    return of_class(r, index).recall;
}

static double f1(cr_report *r, size_t index)
{
    return of_class(r, index).f1;
}

static double top(cr_report *r, size_t index)
{
    return cr_report_top(r, index);
}

static double roc_auc(cr_report *r, size_t index)
{
    if (!r->labels)
        return cr_report_auc(r);
    size_t first = index == CR_LOG_MEAN ? 0 : index;
    size_t last = index == CR_LOG_MEAN ? r->outputs : index + 1;
    double sum = 0;
    for (size_t i = first; i < last; i++)
        sum += cr_report_auc(r->labels[i]);
    return sum / (double)(last - first);
}

static double log_loss(cr_report *r, size_t index)
{
    (void)index;
    return cr_report_log_loss(r);
}

static double mae(cr_report *r, size_t index)
{
    (void)index;
    return cr_report_mae(r);
}

static double r2(cr_report *r, size_t index)
{
    (void)index;
    return cr_report_r2(r);
}

enum {
    NUMBERS = 1 << CR_REPORT_NUMBERS,
    CLASSES = 1 << CR_REPORT_CLASSES,
    LABELS = 1 << CR_REPORT_LABELS
};

const cr_log_metric cr_log_metrics[] = {
    {"precision", "precision", CLASSES | LABELS, CR_LOG_TAKES_CLASS, false, precision,
     "unweighted mean over the classes that occur (or the labels); `precision_<class>`: "
     "of a class or label; 0 where nothing was taken for it"},
    {"recall", "recall", CLASSES | LABELS, CR_LOG_TAKES_CLASS, false, recall, "likewise"},
    {"f1", "f1", CLASSES | LABELS, CR_LOG_TAKES_CLASS, false, f1, "likewise"},
    {"top_<k>", "top", CLASSES, CR_LOG_TAKES_K, false, top,
     "share of the examples whose class is among the k highest scores (of equal ones, "
     "the "
     "first classes count)"},
    {"roc_auc", "roc_auc", CLASSES | LABELS, CR_LOG_TAKES_CLASS, false, roc_auc,
     "area under the ROC curve; of two classes, or mean over labels; none where a part "
     "has "
     "one class alone"},
    {"log_loss", "log_loss", CLASSES, CR_LOG_TAKES_NOTHING, true, log_loss,
     "mean of -log of the right class's probability, without weights and smoothing"},
    {"mae", "mae", NUMBERS, CR_LOG_TAKES_NOTHING, true, mae,
     "mean absolute error, over "
     "examples and target columns"},
    {"r2", "r2", NUMBERS, CR_LOG_TAKES_NOTHING, false, r2,
     "share of the variance explained, 1 - sum (s - t)^2 / sum (t - mean t)^2, over all "
     "target columns together"},
};

const size_t cr_log_metric_count = sizeof cr_log_metrics / sizeof cr_log_metrics[0];

unsigned cr_report_kind_bit(const cr_model *model)
{
    return 1u << cr_report_kind_of(model);
}
