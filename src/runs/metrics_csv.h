/* metrics.csv read as numbers, also while a run appends to it. */
#ifndef CHAINRULE_RUNS_METRICS_CSV_H
#define CHAINRULE_RUNS_METRICS_CSV_H

#include <chainrule/error.h>
#include <stddef.h>

/* Columns that every run has. */
#define CR_METRICS_CSV_EPOCH "epoch"
#define CR_METRICS_CSV_TIME "time_s"
#define CR_METRICS_CSV_RATE "learning_rate"
#define CR_METRICS_CSV_CHECKSUM "parameters_crc32"

typedef struct cr_metrics_csv {
    char **names; /* [columns] of the heading, owned */
    size_t columns;
    double *values; /* [rows, columns]; NaN where a cell holds no number */
    size_t rows, capacity;
    char checksum[9]; /* parameters_crc32 of the last row; empty if there is none */
} cr_metrics_csv;

/* Reads that of a run's directory. A last line that is half written is left out. False
 * with err; cr_metrics_csv_finish in any case. */
CR_MUST_CHECK bool cr_metrics_csv_read(cr_metrics_csv *metrics, const char *run,
                                       cr_error *err);
void cr_metrics_csv_finish(cr_metrics_csv *metrics);

/* The number of a column; that of columns if there is none of this name. */
size_t cr_metrics_csv_find(const cr_metrics_csv *metrics, const char *name);

/* The value of a column in a row; NaN where there is no such column, row or value. */
double cr_metrics_csv_at(const cr_metrics_csv *metrics, size_t row, const char *name);

#endif
