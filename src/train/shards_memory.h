/* What a trainer allocates for its shards. */
#ifndef CHAINRULE_TRAIN_SHARDS_MEMORY_H
#define CHAINRULE_TRAIN_SHARDS_MEMORY_H

#include "train/trainer.h"

/* Numbers of a shard's block: gradients of parameters, and buffers. */
size_t cr_shards_memory_block(const cr_network *network);

/* Fills in trainer->shards, whose counts are set, and everything that its step writes: the
 * trainer's team, figures, order and gradients too. place: NULL for a process that has all
 * shards. False with err, and what is there
 * already for cr_shards_memory_free. */
CR_MUST_CHECK bool cr_shards_memory_allocate(cr_trainer *trainer, bool fast,
                                             const cr_shards_place *place, cr_error *err);
void cr_shards_memory_free(cr_trainer *trainer);

#endif
