/*
 * Thresholds: from which probability on the second of two classes, or a label, is
 * predicted. One is chosen by what it comes to over a part of the data, and taken by
 * cr_predictor_use_thresholds, which decides in the same way, to the bit.
 */
#ifndef CHAINRULE_MEASURE_THRESHOLD_H
#define CHAINRULE_MEASURE_THRESHOLD_H

#include "data/part.h"
#include "measure/report.h"
#include "model/predictor.h"

typedef enum cr_threshold_goal {
    CR_THRESHOLD_F1,       /* the highest F1 */
    CR_THRESHOLD_COST,     /* the lowest cost of what is wrong */
    CR_THRESHOLD_RECALL,   /* the highest threshold with at least that recall */
    CR_THRESHOLD_PRECISION /* with at least that precision, the highest recall */
} cr_threshold_goal;

typedef struct cr_threshold_rule {
    cr_threshold_goal goal;
    double share; /* of RECALL and PRECISION: above 0, at most 1 */
    double false_positive, false_negative; /* of COST: what one costs */
} cr_threshold_rule;

/* "f1", "cost=1:5" (what a false positive and a false negative cost), "recall=0.9" or
 * "precision=0.9". False with CR_E_USAGE. */
CR_MUST_CHECK bool cr_threshold_read_rule(cr_threshold_rule *rule, const char *text,
                                          cr_error *err);

/* The numbers of a list such as "0.3,0.5"; the caller frees them. NULL with err. */
CR_MUST_CHECK double *cr_threshold_read_list(const char *text, size_t *count,
                                             cr_error *err);

/* The probabilities that the predictor gives to the second class, or to each label, over a
 * part, with what is right: curves[cr_predictor_thresholds], empty with room for the part.
 */
CR_MUST_CHECK bool cr_threshold_collect(cr_predictor *predictor, const cr_part *part,
                                        cr_curve *curves, cr_error *err);

/* The best of the curve's own probabilities by the rule, into *threshold; of equally good
 * ones the highest. For a cost also 1, where no example has it: nothing is then predicted.
 * Sorts the curve. False with CR_E_DATA where the part has no positive example, or no
 * threshold is as precise as wanted. */
CR_MUST_CHECK bool cr_threshold_choose(const cr_threshold_rule *rule, cr_curve *curve,
                                       double *threshold, cr_error *err);

/* A report of two classes, as the threshold decides. Only metrics of decisions have
 * meaning in it. The caller destroys it; NULL when out of memory. */
CR_MUST_CHECK cr_report *cr_threshold_report(const cr_curve *curve, double threshold,
                                             cr_error *err);

/* What the wrong decisions of such a report cost by the rule. */
double cr_threshold_cost(const cr_threshold_rule *rule, const cr_report *report);

#endif
