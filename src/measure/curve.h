/*
 * Examples of two classes by the score of the second, the positive one: the curves that
 * moving a threshold over the scores draws, and the areas below them.
 */
#ifndef CHAINRULE_MEASURE_CURVE_H
#define CHAINRULE_MEASURE_CURVE_H

#include <chainrule/error.h>
#include <stddef.h>

typedef struct cr_scored {
    double score;
    double weight; /* above 0 */
    bool positive;
} cr_scored;

typedef struct cr_curve {
    cr_scored *examples; /* [capacity], owned; sorted by the first that asks */
    size_t count, capacity;
    double weight, positives; /* of all examples, and of the positive ones */
    bool is_sorted;
    bool has_nan; /* some score is NaN, so that there is no order */
} cr_curve;

/* Room for `capacity` examples. False with err. */
CR_MUST_CHECK bool cr_curve_init(cr_curve *curve, size_t capacity, cr_error *err);
void cr_curve_finish(cr_curve *curve); /* also of an empty one: {0} */

/* Takes all examples out. */
void cr_curve_clear(cr_curve *curve);

/* One more example, which counts as `weight` of them; one of 0 is left out. There is to be
 * room. */
void cr_curve_add(cr_curve *curve, double score, bool positive, double weight);

/* Sorts the examples, the highest score first. */
void cr_curve_sort(cr_curve *curve);

/* Where the examples end, from `first` of a sorted curve on, that have its score. */
size_t cr_curve_end(const cr_curve *curve, size_t first);

/* The area under the ROC curve: the chance that a positive example has a higher score than
 * another, ties counting half (Mann and Whitney). NaN without examples of both classes,
 * and where a score is NaN. */
double cr_curve_auc(cr_curve *curve);

/* The average precision, Σ (R_n − R_n−1) P_n over the thresholds, the highest first, with
 * recall R and precision P (as scikit-learn's). NaN without a positive example, and where
 * a score is NaN. */
double cr_curve_average_precision(cr_curve *curve);

/* The same of the first class, whose examples are found from the lowest score on. NaN
 * without an example of it, and where a score is NaN. */
double cr_curve_average_precision_below(cr_curve *curve);

#endif
