/* A step of a trainer with shards, divided over its team. */
#ifndef CHAINRULE_TRAIN_SHARDS_STEP_H
#define CHAINRULE_TRAIN_SHARDS_STEP_H

#include "train/rank_estimate.h"
#include "train/trainer.h"

/* The order of the epoch that the trainer is at, into trainer->order. */
void cr_shards_step_order(cr_trainer *trainer);

/* As cr_trainer_step_take, of the shards' next rows. With err, another rank is out of
 * reach. */
CR_MUST_CHECK bool cr_shards_step_take(cr_trainer *trainer, cr_error *err);

/* Measures the parts of a step, which is not taken: of the first own shard's passes, and of
 * the optimizer's by how long its numbers take to be read and written. */
cr_rank_work cr_shards_step_measure(cr_trainer *trainer);

/* The evaluator, as it was then, of the first own shard whose loss was not finite; and which
 * rows of the dataset it had: (*rows)[0..*count). NULL when that is another rank's. */
const cr_evaluator *cr_shards_step_find_bad(cr_trainer *trainer, const uint32_t **rows,
                                            size_t *count);

/* Figures of a part, which is divided as the training part is. */
CR_MUST_CHECK bool cr_shards_step_figures(cr_trainer *trainer, const cr_part *part,
                                          cr_figures *figures, cr_error *err);

#endif
