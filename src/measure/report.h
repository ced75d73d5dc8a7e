/*
 * A report: what a model gets right and wrong over many examples, counted and summed, and
 * the figures that follow from it.
 *
 * With TP, FP and FN of a class, the examples that were rightly taken for it, wrongly
 * taken for it, and wrongly taken for another: precision is TP / (TP + FP), recall is
 * TP / (TP + FN), and F1 is their harmonic mean. Each is 0 where its denominator is.
 */
#ifndef CHAINRULE_MEASURE_REPORT_H
#define CHAINRULE_MEASURE_REPORT_H

#include "math/moments.h"
#include "measure/curve.h"
#include "measure/evaluator.h"

/* With more classes than this a report has no confusion matrix, which would be too large.
 */
enum { CR_MOST_CONFUSED = 1000 };

/* What a report's targets are. */
typedef enum cr_report_kind {
    CR_REPORT_NUMBERS, /* one or several numbers an example */
    CR_REPORT_CLASSES, /* one class an example */
    CR_REPORT_LABELS   /* several labels of 0 and 1 an example */
} cr_report_kind;

/* Examples whose highest probability is in the same one of CR_CALIBRATION_BINS equal parts
 * of (0, 1]. */
enum { CR_CALIBRATION_BINS = 15 };
typedef struct cr_calibration_bin {
    double confidence;      /* Σ of the highest probabilities */
    double examples, right; /* all, and those whose class has it */
} cr_calibration_bin;

typedef struct cr_report {
    cr_report_kind kind;
    size_t examples; /* added so far */
    double
        weight; /* of them; their number where all count alike, as in all that follows */
    size_t outputs; /* classes, labels or target columns */
    /* of labels: */
    struct cr_report **labels; /* [outputs] a report of two classes for each label */
    /* of classes: */
    double *confusion; /* [outputs, outputs] examples by right class and by predicted one;
                          NULL for more than CR_MOST_CONFUSED */
    double *ranks;     /* [outputs] examples by how many scores are above that of their
                          right class; of equal scores the first class's is above */
    double log_loss;   /* Σ −log p of the right class, p the softmax of the scores */
    double squares;    /* Σ over examples and classes of (p − 1 or 0)² */
    cr_calibration_bin bins[CR_CALIBRATION_BINS];
    cr_curve curve; /* of two classes, by the score of the second less that of the first;
                       else empty */
    /* of numbers, over all target columns: */
    const double *scale; /* [outputs] what the targets were multiplied with, so that the
                            figures are in the table's units; NULL: 1. Borrowed */
    double absolute_error, squared_error;
    cr_moments *targets; /* [outputs] */
} cr_report;

/* An empty report with room for most_examples. NULL with err. */
CR_MUST_CHECK cr_report *cr_report_create(cr_report_kind kind, size_t outputs,
                                          size_t most_examples, cr_error *err);

/* The same for what the model predicts. */
CR_MUST_CHECK cr_report *cr_report_for(const cr_model *model, size_t most_examples,
                                       cr_error *err);
cr_report_kind cr_report_kind_of(const cr_model *model);
void cr_report_destroy(cr_report *report); /* takes NULL */

/* Makes the report empty again. */
void cr_report_clear(cr_report *report);

/* Adds rows of scores [rows, width] with their labels [rows], for classes, or else their
 * target values [rows, outputs]. The width is `outputs`; for two classes it may also be
 * 1, the score of the second less that of the first. */
void cr_report_add(cr_report *report, size_t rows, size_t width, const cr_real *scores,
                   const int32_t *labels, const cr_real *values);

/* The same of a batch's targets, with the weights of the rows, where they have some. */
void cr_report_add_targets(cr_report *report, size_t rows, size_t width,
                           const cr_real *scores, const cr_targets *targets);

/* The same of the first rows of a batch that has been passed forward. */
void cr_report_add_batch(cr_report *report, const cr_evaluator *batch, size_t rows);

/* Adds a whole part, which the evaluator's model passes forward. */
void cr_report_add_part(cr_report *report, cr_evaluator *evaluator, const cr_part *part);

typedef struct cr_class_report {
    double examples; /* or their weight */
    double precision, recall, f1;
} cr_class_report;

/* Of one class. Needs the confusion matrix. */
cr_class_report cr_report_class(const cr_report *report, size_t class);

/* The number (or weight) of all examples, and plain means: for classes over those that some
 * example is of or was taken for (scikit-learn's "macro"), for labels over all of them,
 * where the figures of each label are those of its class 1. NaN for numbers, and for
 * classes without a confusion matrix. */
cr_class_report cr_report_mean(const cr_report *report);

/* Of classes: the share of the examples whose right class is among the k highest scores.
 */
double cr_report_top(const cr_report *report, size_t k);

/* Of classes: the mean of −log p of the right class. */
double cr_report_log_loss(const cr_report *report);

/* Of two classes, the second of which is the positive one: what curve.h says; else NaN.
 * They sort the report's scores. */
double cr_report_auc(cr_report *report);
double cr_report_average_precision(cr_report *report);
double cr_report_average_precision_first(cr_report *report); /* of the first class */

/* Of classes: what confusion.h says; NaN without a confusion matrix. */
double cr_report_balanced_accuracy(cr_report *report);
double cr_report_matthews(cr_report *report);
double cr_report_kappa(cr_report *report);

/* Of classes: the Brier score, as scikit-learn's: of two classes the mean of
 * (p − 1 or 0)² of the second, from 0 to 1; of more the mean over the examples of its sum
 * over the classes, from 0 to 2. */
double cr_report_brier(cr_report *report);

/* Of classes: the expected calibration error (Guo et al., ICML 2017), which is the mean
 * over the examples of |share that is right − mean probability| of the highest
 * probabilities in a bin. */
double cr_report_calibration_error(cr_report *report);

/* Of numbers: the mean absolute error over examples and target columns. */
double cr_report_mae(const cr_report *report);

/* Of numbers: R² = 1 − Σ (s − t)² / Σ (t − mean t)² over all target columns, each with
 * its own mean. NaN when every column's targets are equal. */
double cr_report_r2(const cr_report *report);

#endif
