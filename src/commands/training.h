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
    bool *broken; /* set where the other ranks are left waiting in a step; NULL: there are
                     none */
} cr_training;

/* The trainer of an experiment. NULL with err, which says what needs less where memory
 * runs out; where it surely will, there is a warning before. place: NULL for a process alone.
 * The caller destroys it. */
CR_MUST_CHECK cr_trainer *cr_training_prepare(cr_experiment *experiment,
                                              const cr_shards_place *place,
                                              cr_error *err);

/* Trains to the end, or until a signal, with progress, metrics and checkpoints; saves
 * what there is then and prints the result. Returns the exit status; errors are reported.
 */
int cr_training_run(const cr_training *training);

#endif
