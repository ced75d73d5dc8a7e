/* What to say of a run whose loss or parameters have become NaN or infinite. */
#ifndef CHAINRULE_TRAIN_DIVERGENCE_H
#define CHAINRULE_TRAIN_DIVERGENCE_H

#include "train/trainer.h"

typedef struct cr_divergence {
    const char *what;              /* "the loss" */
    size_t step;                   /* counted over the run */
    const cr_evaluator *evaluator; /* as it was then; NULL: another rank's */
    const uint32_t *rows; /* [count] of the data, that it saw last; NULL: not known */
    size_t count;         /* 0: only parameters are looked into */
} cr_divergence;

/* Of the step over these rows, whose loss was not finite; of shards, over their own rows. */
cr_divergence cr_divergence_find(cr_trainer *trainer, const uint32_t *rows, size_t count);

/* Reports it, with the first tensor that is not finite. Returns false. */
bool cr_divergence_fail(const cr_trainer *trainer, const cr_divergence *divergence,
                        cr_error *err);

#endif
