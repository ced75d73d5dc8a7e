/* The training loop. cr_train (chainrule/train.h) is its front; this is for what the
 * program needs besides. */
#ifndef CHAINRULE_TRAIN_TRAINER_H
#define CHAINRULE_TRAIN_TRAINER_H

#include "train/evaluate.h"
#include "train/experiment.h"

typedef struct cr_trainer {
    cr_experiment *experiment;
    cr_team *team;            /* threads that split a step; NULL for one alone */
    cr_evaluator *batches;    /* with gradients, of the batch size */
    cr_evaluator *figures;    /* for evaluation */
    uint32_t *order;          /* the epoch's rows */
    cr_real *gradients;       /* NULL for a fused optimizer */
    cr_real *state;           /* the optimizer's; NULL if it has none */
    cr_real *best_parameters; /* where validation loss was lowest; NULL without a
                                 validation part */
    cr_real *best_buffers;
    double best_loss;
    size_t best_epoch; /* 0: none yet */
    bool fused;
} cr_trainer;

/* fused: use the optimizer's one-pass step if it has one; without it (the reference for
 * tests) gradients are computed first and applied after. */
CR_MUST_CHECK cr_trainer *cr_trainer_create(cr_experiment *experiment, bool fused,
                                            cr_error *err);
void cr_trainer_destroy(cr_trainer *trainer); /* takes NULL */

/* Trains for the config's epochs. Nothing is allocated between the first step and the
 * last. */
CR_MUST_CHECK bool cr_trainer_run(cr_trainer *trainer, const cr_callbacks *callbacks,
                                  cr_result *result, cr_error *err);

#endif
