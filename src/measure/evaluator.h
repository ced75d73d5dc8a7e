/* Figures of a model over a part of the data: forward passes only. */
#ifndef CHAINRULE_MEASURE_EVALUATOR_H
#define CHAINRULE_MEASURE_EVALUATOR_H

#include "base/team.h"
#include "data/augmented.h"
#include "graph/workspace.h"
#include "measure/sums.h"

#include <chainrule/train.h>

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
    cr_augmented augmented; /* what is done to examples of a training pass */
    uint32_t *order;        /* [rows] rows of the dataset, for a part that takes all */
    size_t rows;            /* the largest batch */
    cr_share *shares;       /* [workspace->shares] */
} cr_evaluator;

/* Rows of a batch when only figures are wanted, a function of the network's shapes: `most`,
 * and half and half again, but not below `least`, while its values would be more than 2²⁴
 * (64 MiB): what images need beyond that is slower memory. */
size_t cr_evaluator_rows(const cr_network *network, size_t least, size_t most);

/* For batches of up to `rows` examples, passed over by up to `shares` at once; without
 * with_gradients for forward passes only. The model outlives it. NULL with err. */
CR_MUST_CHECK cr_evaluator *cr_evaluator_create(const cr_model *model, size_t rows,
                                                size_t shares, bool with_gradients,
                                                cr_error *err);

/* The same for forward passes, with as many rows as figures are best taken of at once: 32 to
 * 256. */
CR_MUST_CHECK cr_evaluator *cr_evaluator_for_figures(const cr_model *model, size_t shares,
                                                     cr_error *err);
void cr_evaluator_destroy(cr_evaluator *evaluator); /* takes NULL */

/* From now on examples are augmented in passes for training; nothing happens with an empty
 * list. The augmentations outlive the evaluator. */
CR_MUST_CHECK bool cr_evaluator_augment(cr_evaluator *evaluator,
                                        const cr_augment *augment, cr_error *err);

/* The pass's rows of the batch, whose examples are rows[0..batch_rows), into the
 * workspace and the loss's targets. */
void cr_evaluator_gather(cr_evaluator *evaluator, const cr_dataset *dataset,
                         const uint32_t *rows, const cr_pass *pass);

/* Gathers the pass's rows of the batch, whose examples are rows[0..batch_rows), passes
 * them forward and adds to the sums. */
void cr_evaluator_forward(cr_evaluator *evaluator, const cr_dataset *dataset,
                          const uint32_t *rows, const cr_pass *pass, cr_sums *sums);

/* Figures of a whole part, in the dataset's order, by the team (NULL: alone). */
cr_figures cr_evaluator_figures(cr_evaluator *evaluator, const cr_part *part,
                                cr_team *team);

/* The sums over `count` rows of a part from `first` on, which the caller passes alone. */
cr_sums cr_evaluator_sums(cr_evaluator *evaluator, const cr_part *part, size_t first,
                          size_t count);

#endif
