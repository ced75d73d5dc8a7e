/* Metrics that metrics.csv can have beside its own: a new one is a row of the table. */
#ifndef CHAINRULE_MEASURE_LOG_METRIC_H
#define CHAINRULE_MEASURE_LOG_METRIC_H

#include "measure/log.h"
#include "measure/report.h"

/* What may or must stand behind a metric's name and an underscore. */
typedef enum cr_log_takes {
    CR_LOG_TAKES_NOTHING,
    CR_LOG_TAKES_K,    /* must: a number */
    CR_LOG_TAKES_CLASS /* may: a class or label; else it is the mean over all */
} cr_log_takes;

typedef struct cr_log_metric {
    const char *name; /* for people: "top_<k>" */
    const char *stem; /* as in the config, before what it takes */
    unsigned of;      /* bits 1 << cr_report_kind: where it exists */
    cr_log_takes takes;
    bool minimize;                                    /* less is better */
    double (*value)(cr_report *report, size_t index); /* index as in cr_log_column */
    const char *help;
} cr_log_metric;

enum { CR_MOST_LOG_METRICS = 16 };

extern const cr_log_metric cr_log_metrics[];
extern const size_t cr_log_metric_count;

/* 1 << the kind of the model's report. */
unsigned cr_report_kind_bit(const cr_model *model);

#endif
