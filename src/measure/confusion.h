/*
 * How far predicted classes agree with the right ones, from a confusion matrix
 * [classes, classes]: examples, or their weights, by right class (row) and by predicted one. All as
 * scikit-learn's functions of these names.
 */
#ifndef CHAINRULE_MEASURE_CONFUSION_H
#define CHAINRULE_MEASURE_CONFUSION_H

#include <stddef.h>

/* The mean recall of the classes that have examples; NaN where none has. */
double cr_confusion_balanced_accuracy(size_t classes, const double *confusion);

/* Matthews' correlation of right and predicted class, of several classes as Gorodkin's
 * R_K (2004); 0 where all examples are of one class, or taken for one. */
double cr_confusion_matthews(size_t classes, const double *confusion);

/* Cohen's kappa: (a − e) / (1 − e) with the share a of examples that are right, and e of
 * those that would be by chance. NaN where e is 1: all examples are of one class and
 * taken for it. */
double cr_confusion_kappa(size_t classes, const double *confusion);

#endif
