/*
 * Checkpoints: all that a run is, between two steps, in one safetensors file: the blocks
 * of parameters, buffers and optimizer state, the best model so far, and in the metadata
 * the trainer's position, the config, and checksums of the files that were read.
 */
#ifndef CHAINRULE_RUNS_CHECKPOINT_H
#define CHAINRULE_RUNS_CHECKPOINT_H

#include "graph/safetensors.h"
#include "train/trainer.h"

/* What a checkpoint says of the run's directory. */
typedef struct cr_checkpoint_run {
    size_t metrics_bytes; /* length of metrics.csv */
    bool bit_exact;       /* the run never changed its kernel or version */
    cr_flush *metrics;    /* of that file, to be waited for; NULL: it is on the disk */
} cr_checkpoint_run;

/* Writes <directory>/checkpoint-<steps>.safetensors, flushed to the disk, and removes all
 * but the last two. */
CR_MUST_CHECK bool cr_checkpoint_save(const char *directory, const cr_trainer *trainer,
                                      const cr_checkpoint_run *run, cr_error *err);

/* The same into memory, [*length] bytes, which the caller frees with cr_free. */
CR_MUST_CHECK bool cr_checkpoint_write(const cr_trainer *trainer,
                                       const cr_checkpoint_run *run, void **bytes,
                                       size_t *length, cr_error *err);

/* The numbers of a checkpoint besides its tensors. */
typedef struct cr_checkpoint_state {
    cr_position at;
    size_t best_epoch; /* as in cr_trainer */
    double best_value;
    cr_checkpoint_run run;
} cr_checkpoint_state;

/* A checkpoint that was read and found whole, but not yet compared with anything. */
typedef struct cr_checkpoint {
    cr_safetensors file;
    cr_checkpoint_state state;
} cr_checkpoint;

/* Reads the newest whole checkpoint of the directory. One that is damaged is named in
 * warnings, and the one before it is taken. *found is false when there is none. Fails
 * only when out of memory. */
CR_MUST_CHECK bool cr_checkpoint_find(const char *directory, cr_checkpoint *checkpoint,
                                      bool *found, cr_text *warnings, cr_error *err);

/* Reads one from memory. It is empty after a failure. */
CR_MUST_CHECK bool cr_checkpoint_read(cr_checkpoint *checkpoint, const void *bytes,
                                      size_t length, cr_error *err);

/* Puts the checkpoint into the trainer. Fails when config, data or weights are not those
 * of the run, naming each difference; then the trainer is as it was. Another version or
 * kernel is a warning, and ends bit_exact. */
CR_MUST_CHECK bool cr_checkpoint_restore(cr_checkpoint *checkpoint, cr_trainer *trainer,
                                         cr_text *warnings, cr_error *err);

void cr_checkpoint_finish(cr_checkpoint *checkpoint); /* takes zeros */

/* The name of the last checkpoint, for a message; "" without one. */
enum { CR_CHECKPOINT_NAME = 64 };
const char *cr_checkpoint_last(const char *directory, char out[CR_CHECKPOINT_NAME]);

#endif
