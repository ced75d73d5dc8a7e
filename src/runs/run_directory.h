/* A run's directory: config.json, metrics.csv, model.safetensors, best.safetensors,
 * summary.json. */
#ifndef CHAINRULE_RUNS_RUN_DIRECTORY_H
#define CHAINRULE_RUNS_RUN_DIRECTORY_H

#include "train/trainer.h"

#include <stdio.h>

typedef struct cr_run {
    char *path;
    FILE *metrics; /* open while training goes on */
    bool classify;
} cr_run;

/* Makes the directory with config.json and the head of metrics.csv. path NULL: runs/<name
 * of the config>, or with -2, -3, … the first that does not exist. A path with something
 * in it is refused. */
CR_MUST_CHECK bool cr_run_create(cr_run *run, const char *path, const char *config_path,
                                 const cr_experiment *experiment, cr_error *err);

/* Appends one line to metrics.csv. */
CR_MUST_CHECK bool cr_run_add_epoch(cr_run *run, const cr_epoch *epoch, cr_error *err);

/* Writes the models. */
CR_MUST_CHECK bool cr_run_save(cr_run *run, const cr_trainer *trainer, cr_error *err);

/* Writes summary.json. */
CR_MUST_CHECK bool cr_run_save_summary(cr_run *run, const cr_json *summary,
                                       cr_error *err);

void cr_run_finish(cr_run *run);

#endif
