/* What a trainer allocates: evaluators, gradients, the optimizer's state, the best so far. */
#ifndef CHAINRULE_TRAIN_TRAINER_MEMORY_H
#define CHAINRULE_TRAIN_TRAINER_MEMORY_H

#include "train/trainer.h"

/* Everything that a trainer whose `batch`, `piece` and `fused` are set points to; fast as in
 * cr_trainer_create. False with err, and what is there already for cr_trainer_memory_free. */
CR_MUST_CHECK bool cr_trainer_memory_allocate(cr_trainer *trainer, bool fast,
                                              const cr_shards_place *place,
                                              cr_error *err);
void cr_trainer_memory_free(cr_trainer *trainer);

#endif
