/* How strongly one column alone predicts another. */
#ifndef CHAINRULE_DATA_ASSOCIATION_H
#define CHAINRULE_DATA_ASSOCIATION_H

#include "data/tally.h"

/* Of 0 to 1; NaN where one of the two is constant, or out of memory.
 *
 * With a target y that is a class, the mutual information with x in parts of the entropy
 * of y. Numbers are put into ten bins of equal frequency, or into one for each value when
 * there are no more; missing is a value of its own. From information and entropy, what
 * chance alone would give is taken off, so that a column of many words in a short table
 * shows nothing: for numbers (a − 1)(b − 1) / 2n nats (Miller and Madow, 1955), for words
 * what all orders of the rows give on average (Vinh, Epps, Bailey: "Information theoretic
 * measures for clusterings comparison", 2010).
 *
 * With a target of numbers, over the rows where both are present: the larger of the
 * absolute Pearson and Spearman correlations, and for words the correlation ratio, of
 * which the chance part is taken off as well (ε, Kelley 1935). */
double cr_association_find(const cr_tally *x, const cr_tally *y, bool classify);

/* Rows where both are present. */
size_t cr_association_pairs(const cr_tally *x, const cr_tally *y);

/* Over the rows where both are numbers; NaN as above. */
double cr_association_spearman(const cr_tally *x, const cr_tally *y);

#endif
