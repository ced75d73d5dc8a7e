/* What train and resume have in common: a trainer at work in a run's directory. */
#ifndef CHAINRULE_COMMANDS_TRAINING_H
#define CHAINRULE_COMMANDS_TRAINING_H

#include "commands/command.h"
#include "runs/run.h"

typedef struct cr_training {
    const cr_context *context;
    cr_run *run;
    cr_trainer *trainer;
    bool quiet, json;
} cr_training;

/* Trains to the end, or until a signal, with progress, metrics and checkpoints; saves
 * what there is then and prints the result. Returns the exit status; errors are reported.
 */
int cr_training_run(const cr_training *training);

#endif
