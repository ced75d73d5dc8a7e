/* The best model of a run so far. */
#ifndef CHAINRULE_TRAIN_TRAINER_BEST_H
#define CHAINRULE_TRAIN_TRAINER_BEST_H

#include "train/trainer.h"

/* What the figures of an epoch mean for the best model, early stopping and the schedule. */
void cr_trainer_best_judge(cr_trainer *trainer, const cr_epoch *epoch);

/* Puts the best parameters in the place of the last, or takes that back. */
void cr_trainer_best_exchange(cr_trainer *trainer);

#endif
