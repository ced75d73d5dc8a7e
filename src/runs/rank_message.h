/* A run as bytes, for the other ranks of a job: its config, the rows that a rank needs, and
 * where training is to go on. */
#ifndef CHAINRULE_RUNS_RANK_MESSAGE_H
#define CHAINRULE_RUNS_RANK_MESSAGE_H

#include "base/byte_stream.h"
#include "data/data_rows.h"
#include "train/trainer.h"

CR_MUST_CHECK bool cr_rank_message_put(const cr_trainer *trainer,
                                       const cr_data_rows *rows, cr_byte_stream *to,
                                       cr_error *err);

/* What has come of it: an experiment whose data has those rows alone, and the bytes of a
 * checkpoint, for a trainer that the caller makes of the experiment. */
typedef struct cr_rank_message {
    cr_data data;
    cr_experiment *experiment;
    void *checkpoint;
    size_t checkpoint_length;
} cr_rank_message;

/* The caller finishes the message, also after a failure, and does not move it. */
CR_MUST_CHECK bool cr_rank_message_get(cr_rank_message *message, cr_byte_stream *from,
                                       cr_error *err);

/* Brings the trainer to where that of rank 0 is. */
CR_MUST_CHECK bool cr_rank_message_restore(const cr_rank_message *message,
                                           cr_trainer *trainer, cr_error *err);
void cr_rank_message_finish(cr_rank_message *message); /* takes zeros */

#endif
