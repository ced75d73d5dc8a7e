/*
 * What a model gets right and wrong over many examples. With TP, FP and FN of a class:
 * precision TP / (TP + FP), recall TP / (TP + FN), F1 their harmonic mean; 0 where a
 * denominator is.
 */
#ifndef CHAINRULE_MEASURE_REPORT_H
#define CHAINRULE_MEASURE_REPORT_H

#include "measure/evaluator.h"

enum { CR_MOST_CONFUSED = 1000 };

typedef struct cr_report {
    size_t examples;
    size_t outputs;            /* classes, or target columns */
    struct cr_report **labels; /* [outputs] of several labels of 0 and 1 an example: a
                                  report each, of two classes; else NULL */
    size_t *confusion; /* [classes, classes] examples by right class and by predicted;
                          NULL for numbers */
    size_t *ranks; /* [classes] examples whose right class has so many scores above it */
    double log_loss; /* Σ −log p of the right class, p the softmax of the scores */
    struct cr_scored {
        double score; /* of class 1 less that of class 0 */
        bool positive;
    } * scored; /* [examples] with two classes, for the area under the ROC curve */
    size_t scored_capacity;
    /* of numbers, over all target columns: */
    const double *scale; /* [outputs] what they were multiplied with; NULL: 1. Borrowed */
    double absolute_error, squared_error;
    double *sums, *squares; /* [outputs] Σ t and Σ t², for the variance */
} cr_report;

typedef enum cr_report_kind {
    CR_REPORT_NUMBERS,
    CR_REPORT_CLASSES,
    CR_REPORT_LABELS /* several labels of 0 and 1 an example */
} cr_report_kind;

/* Empty. NULL with err. */
CR_MUST_CHECK cr_report *cr_report_create(size_t outputs, cr_report_kind kind,
                                          cr_error *err);
cr_report_kind cr_report_kind_of(const cr_model *model);
CR_MUST_CHECK cr_report *cr_report_for(const cr_model *model, cr_error *err);
void cr_report_destroy(cr_report *report); /* takes NULL */

/* Adds rows of scores [rows, width] with their labels [rows], or target values [rows,
 * outputs]. The width is `outputs`, or of two classes also 1: the score of the second
 * less that of the first. */
CR_MUST_CHECK bool cr_report_add(cr_report *report, size_t rows, size_t width,
                                 const cr_real *scores, const int32_t *labels,
                                 const cr_real *values, cr_error *err);

/* Adds a whole part. */
CR_MUST_CHECK bool cr_report_add_part(cr_report *report, cr_evaluator *evaluator,
                                      const cr_part *part, cr_error *err);

typedef struct cr_class_report {
    size_t examples;
    double precision, recall, f1;
} cr_class_report;

/* Needs the confusion matrix. */
cr_class_report cr_report_class(const cr_report *report, size_t class);

/* Examples of all, and the unweighted means over the classes that some example is of or
 * was taken for (scikit-learn's "macro"); likewise over labels, each of the examples that
 * have it. NaN without a confusion matrix. */
cr_class_report cr_report_mean(const cr_report *report);

/* Share of the examples whose right class is among the k highest scores. */
double cr_report_top(const cr_report *report, size_t k);

/* Mean of −log p. */
double cr_report_log_loss(const cr_report *report);

/* The area under the ROC curve: the chance that an example of class 1 has a higher score
 * than one of class 0, ties counting half (Mann and Whitney). NaN unless there are two
 * classes with examples of both. Sorts the report's scores. */
double cr_report_auc(cr_report *report);

/* Of numbers: mean absolute error, and R² = 1 − Σ (s − t)² / Σ (t − mean t)², NaN when
 * all targets are equal; over all target columns, each with its own mean. */
double cr_report_mae(const cr_report *report);
double cr_report_r2(const cr_report *report);

#endif
