/* One step of the trainer, divided over its team. */
#ifndef CHAINRULE_TRAIN_TRAINER_STEP_H
#define CHAINRULE_TRAIN_TRAINER_STEP_H

#include "train/trainer.h"

/* The learning rate of the step that comes after `steps` of the run, in the present epoch. */
double cr_trainer_step_rate(const cr_trainer *trainer, size_t steps);

/* What the next step is done with, on examples of so much weight in all (each has 1 where
 * they have none); without clipping by the norm, which is known only when the gradients
 * are. */
cr_step cr_trainer_step_make(const cr_trainer *trainer, double weight);

/* Clips, and lets the optimizer do its part, when trainer->gradients are there. */
void cr_trainer_step_apply(cr_trainer *trainer, cr_step *step);

/* Takes a step on the dataset's rows[0..count), and moves trainer->at past it. False when
 * the loss is not finite: then the parameters and trainer->at are as they were. */
CR_MUST_CHECK bool cr_trainer_step_take(cr_trainer *trainer, const uint32_t *rows,
                                        size_t count);

#endif
