/* Figures of a model over a part of the data: forward passes only. */
#ifndef CHAINRULE_MEASURE_EVALUATOR_H
#define CHAINRULE_MEASURE_EVALUATOR_H

#include "base/team.h"
#include "model/model.h"

#include <chainrule/train.h>

/* Sums over examples that were seen, from which figures come. */
typedef struct cr_sums {
    size_t examples;
    double loss;          /* Σ L_i */
    size_t correct;       /* examples; labels of them, where each has several */
    double squared_error; /* Σ over examples and outputs */
} cr_sums;

enum { CR_MOST_MEMBERS = 1024 };

/* A share's sums, on cache lines of their own. */
typedef struct cr_share {
    _Alignas(64) cr_sums sums;
} cr_share;

/* Everything that passes over batches write: the network's workspace, and the loss's
 * arrays. One a worker. */
typedef struct cr_evaluator {
    const cr_model *model;
    cr_workspace *workspace;
    cr_loss_io loss;
    uint32_t *order;  /* [rows] rows of the dataset, for a part that takes all */
    size_t rows;      /* the largest batch */
    cr_share *shares; /* [CR_MOST_MEMBERS] */
} cr_evaluator;

CR_MUST_CHECK cr_evaluator *cr_evaluator_create(const cr_model *model, size_t rows,
                                                bool with_gradients, cr_error *err);
void cr_evaluator_destroy(cr_evaluator *evaluator); /* takes NULL */

/* Gathers the pass's rows of the batch, whose examples are rows[0..batch_rows), passes
 * them forward and adds to the sums. */
void cr_evaluator_forward(cr_evaluator *evaluator, const cr_dataset *dataset,
                          const uint32_t *rows, const cr_pass *pass, cr_sums *sums);

/* A share of a batch: a run of rows that begins at a multiple of
 * 16 (a product split elsewhere would change its bits with the number of members in more
 * places than it has to). */
cr_pass cr_pass_share(const cr_pass *batch, size_t share, size_t shares);

/* Adds b to a. */
void cr_sums_add(cr_sums *a, const cr_sums *b);

/* Figures of a whole part, in the dataset's order, by the team (NULL: alone). */
cr_figures cr_evaluate(cr_evaluator *evaluator, const cr_part *part, cr_team *team);

cr_figures cr_sums_figures(const cr_sums *sums, const cr_model *model);

#endif
