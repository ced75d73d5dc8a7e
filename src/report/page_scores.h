/* What a model says of the examples of a part, which sections of a page are made of. */
#ifndef CHAINRULE_REPORT_PAGE_SCORES_H
#define CHAINRULE_REPORT_PAGE_SCORES_H

#include "measure/report.h"

typedef struct cr_page_scores {
    cr_model *model;
    const cr_part *part;
    cr_report_kind kind;
    size_t count;   /* examples: all, or so many at equal distances as take little time */
    size_t outputs; /* classes, labels or target columns */
    bool probabilities; /* shares are; else scores, or values */
    uint32_t *rows;     /* [count] of the dataset */
    double *shares; /* [count, outputs] of classes and labels what predictions show; of
                           numbers the predictions, in the table's units */
    double
        *targets; /* [count, outputs] of labels 0 or 1, of numbers in the table's units;
                           NULL of classes */
    uint32_t *right, *said; /* [count] classes; NULL of others */
    cr_figures figures;     /* of these examples */
    cr_report *report;      /* likewise */
} cr_page_scores;

/* Passes the part forward. Model and part outlive the scores. cr_page_scores_finish in any
 * case. */
CR_MUST_CHECK bool cr_page_scores_init(cr_page_scores *scores, cr_model *model,
                                       const cr_part *part, cr_error *err);
void cr_page_scores_finish(cr_page_scores *scores); /* takes zeros */

/* About how many seconds a forward pass of an example takes on a core: a function of the
 * network alone, so that what is thinned by it is the same everywhere. */
double cr_page_scores_cost(const cr_network *network);

/* How wrong example i is: of classes the share of the class that was said, below 0 where it
 * is right; of labels the largest distance of a share from what is right, below 0 where all
 * are; of numbers the largest error of a target in its standard deviations. */
double cr_page_scores_error(const cr_page_scores *scores, size_t i);

/* The examples by how wrong they are, the worst first. The caller frees it; NULL
 * with err. */
CR_MUST_CHECK uint32_t *cr_page_scores_order(const cr_page_scores *scores, cr_error *err);

#endif
