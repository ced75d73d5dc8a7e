/* Sums over examples that were seen, from which figures come. */
#ifndef CHAINRULE_MEASURE_SUMS_H
#define CHAINRULE_MEASURE_SUMS_H

#include "model/model.h"

#include <chainrule/train.h>

typedef struct cr_sums {
    size_t examples;
    double weight;  /* Σ w_i, of examples that have weights; else their number */
    double loss;    /* Σ w_i L_i */
    double correct; /* Σ w_i of examples; of their labels, where each has several */
    double squared_error; /* Σ over examples and outputs, with weights */
} cr_sums;

/* Adds b to a. */
void cr_sums_add(cr_sums *a, const cr_sums *b);

/* The figures that follow from the sums: their means, or zeros without examples that count. */
cr_figures cr_sums_figures(const cr_sums *sums, const cr_model *model);

#endif
