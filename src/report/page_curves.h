/* The curves that a threshold draws over the scores of two classes, thinned for a page. */
#ifndef CHAINRULE_REPORT_PAGE_CURVES_H
#define CHAINRULE_REPORT_PAGE_CURVES_H

#include "measure/curve.h"
#include "report/page_json.h"

/* Writes {"auc": …, "average_precision": …, "false_positives": […], "recall": […],
 * "precision": […]}: shares at thresholds from the highest on, the first above all scores.
 * Without examples of both classes, or with a score that is NaN, {}. Sorts the curve. */
void cr_page_curves_write(cr_curve *curve, const char *key, cr_page_json *out);

#endif
