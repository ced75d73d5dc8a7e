/*
 * The metrics: one table, in metric.c, with a row for each. Whatever names a metric (early
 * stopping, a plateau, the log's columns, a sweep, `runs --sort`) or shows one (`train`,
 * `eval`, summary.json) takes it from there, so that a new metric is a row and the
 * function that the row names.
 *
 * The full name of a metric is <part>_<metric>, such as "validation_accuracy". Some take
 * more behind their name: "train_top_3", "validation_recall_setosa".
 */
#ifndef CHAINRULE_MEASURE_METRIC_H
#define CHAINRULE_MEASURE_METRIC_H

#include "config/reader.h"
#include "measure/report.h"

/* What may or must stand behind a metric's name and an underscore. */
typedef enum cr_metric_takes {
    CR_METRIC_TAKES_NOTHING,
    CR_METRIC_TAKES_K,     /* It must be a number k, from 1 to below that of classes. */
    CR_METRIC_TAKES_CLASS, /* It may be a class or label; the plain name is the unweighted
                              mean over all of them. */
    CR_METRIC_TAKES_LABEL /* It may be a label, and the plain name is the mean over all of
                              them; classes have one value together, whichever is named
                              (but for the average precision of two classes). */
} cr_metric_takes;

/* The line of its text in which `eval` has a metric of the whole report. */
typedef enum cr_metric_line {
    CR_METRIC_OF_NUMBERS,
    CR_METRIC_OF_PROBABILITIES,
    CR_METRIC_OF_RANKS,
    CR_METRIC_OF_DECISIONS,
    CR_METRIC_LINES
} cr_metric_line;

/* The bit of a kind of targets in cr_metric_type.targets. */
#define CR_METRIC_OF(kind) (1u << (kind))

/* In place of the number of a class or label: the mean over all of them. */
#define CR_METRIC_MEAN SIZE_MAX

/* A row of the table. */
typedef struct cr_metric_type {
    const char *name;                 /* as the reference has it: "top_<k>" */
    const char *full_names[CR_PARTS]; /* the same behind a part: "train_top_<k>" */
    const char *stem;                 /* the name without what the metric takes: "top" */
    const char *title; /* what `eval` calls the value, where "<k>" or "<class>" stands for
                          what it takes; NULL for a column of its tables, which is under
                          the stem */
    unsigned targets;  /* CR_METRIC_OF the kinds of targets for which it exists */
    cr_metric_takes takes;
    bool maximize;         /* More is better; else less is. */
    bool is_share;         /* It is printed with four decimals; else with six digits. */
    bool of_probabilities; /* It does not exist where the loss makes none of scores. */
    bool of_two;           /* Of classes it exists only where there are two. */
    bool of_decisions; /* It comes from the predicted classes alone, and so has a value
                              at every threshold. */
    cr_metric_line line;
    bool is_default; /* What is trained is judged by it when nobody chose a metric. */

    /* One of the two gives the value. The figures of every epoch and run have the first
     * kind. The second kind needs a report, and so training has it only as a column of the
     * log; `index` is that of cr_metric. */
    double (*of_figures)(const cr_figures *figures);
    double (*of_report)(cr_report *report, size_t index);

    const char *help;
    const char *none; /* why it may have no value; NULL: it always has one */
} cr_metric_type;

extern const cr_metric_type cr_metric_types[];
extern const size_t cr_metric_type_count;

/* The rows whose values figures have, for help texts and messages; a test compares this
 * with the table. */
#define CR_METRIC_FIGURES "loss, accuracy or rmse"

/* The parts before the test part have metrics during training. */
enum { CR_METRIC_TRAINING_PARTS = CR_PART_TEST };

/* A metric of a part, by name. */
typedef struct cr_metric {
    const cr_metric_type *type;
    const char *name; /* the full one, borrowed from whoever gave it */
    cr_part_name part;
    const char *argument; /* what stands behind the stem, inside the name; else "" */
    size_t index;  /* k, the number of the class or label, or CR_METRIC_MEAN; set by
                      cr_metric_resolve */
    bool maximize; /* as the row says, unless whoever asked for it says otherwise */
} cr_metric;

/* The metric of that full name. When there is none it is all zeros: the type is NULL, and
 * less is better, as of a loss or a time. Whether a class exists, or a k is small enough,
 * is for cr_metric_resolve to see. */
cr_metric cr_metric_find(const char *name);

/* The full name of the part's default metric, static. classify: the targets are classes
 * or labels, else numbers. */
const char *cr_metric_default(cr_part_name part, bool classify);

/* Whether the row exists for a loss that takes classes or labels, or else numbers. */
bool cr_metric_exists(const cr_metric_type *type, bool classify);

/* Finds out what the metric's argument means for the model. False, with an error at
 * `path`, when the metric does not exist for its targets, or the class or k does not. */
CR_MUST_CHECK bool cr_metric_resolve(cr_metric *metric, cr_reader *reader,
                                     const char *path, const cr_model *model);

/* An error at `path` that says which there are, unless the name is that of a metric that a
 * report gives, of a part that training has. */
void cr_metric_check(cr_reader *reader, const char *path, const char *name);

/* The full name, of the first so many parts, that `name` was likely meant to be: one that
 * another tool calls so, or that is spelt alike; NULL where there is none. figures: only
 * of the rows whose values figures have. */
const char *cr_metric_nearest(const char *name, size_t parts, bool figures);

/* Whether value a is better than b, where more is better with `maximize` and less without.
 * Anything is better than NaN. */
bool cr_metric_is_better(bool maximize, double a, double b);

#endif
