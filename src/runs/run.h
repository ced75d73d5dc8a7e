/* A run's directory: config.json, metrics.csv, model.safetensors, best.safetensors,
 * summary.json, and the last two checkpoints. */
#ifndef CHAINRULE_RUNS_RUN_H
#define CHAINRULE_RUNS_RUN_H

#include "train/trainer.h"

#include <stdio.h>

typedef struct cr_run {
    char *path;
    FILE *metrics; /* open, and locked, as long as the run is worked on */
    bool classify;
    bool numbered;    /* runs/<name> was there: it is runs/<name>-2, -3, … */
    bool bit_exact;   /* one program and kernel from the first step to the last */
    bool keeps_model; /* for the caller to set: cr_run_restore fails where training would
                         start anew over a model that is there */
    size_t metrics_bytes; /* length of metrics.csv at the checkpoint that was restored */
} cr_run;

/* Makes the directory with config.json and the head of metrics.csv. path NULL: runs/<name
 * of the config>, or with -2, -3, … the first that does not exist. A path with something
 * in it is refused. */
CR_MUST_CHECK bool cr_run_create(cr_run *run, const char *path, const char *config_path,
                                 const cr_experiment *experiment, cr_error *err);

/* Takes the directory of a run to go on in it: locks it, until cr_run_finish or the end
 * of the process (a second trainer is refused), and removes half-written files. */
CR_MUST_CHECK bool cr_run_open(cr_run *run, const char *path, cr_error *err);

/* Gives a new run the checkpoints and metrics of the run in the directory `from`, so that
 * it goes on where that one is. */
CR_MUST_CHECK bool cr_run_copy_history(cr_run *run, const char *from, cr_error *err);

/* Brings the trainer to where the run's last whole checkpoint was, or leaves it at the
 * start when there is none; changes no file. *from is the checkpoint's step. Fails when
 * config or data are not those of the run. */
CR_MUST_CHECK bool cr_run_restore(cr_run *run, cr_trainer *trainer, size_t *from,
                                  cr_text *warnings, cr_error *err);

/* After cr_run_restore, before the first step: cuts metrics.csv back to the checkpoint,
 * writes the config anew and removes the summary. */
CR_MUST_CHECK bool cr_run_go_on(cr_run *run, const cr_experiment *experiment,
                                cr_error *err);

/* Writes a checkpoint. */
CR_MUST_CHECK bool cr_run_checkpoint(cr_run *run, const cr_trainer *trainer,
                                     cr_error *err);

/* Appends one line to metrics.csv. */
CR_MUST_CHECK bool cr_run_add_epoch(cr_run *run, const cr_epoch *epoch, cr_error *err);

/* Writes the models. */
CR_MUST_CHECK bool cr_run_save(cr_run *run, const cr_trainer *trainer, cr_error *err);

/* Writes summary.json. */
CR_MUST_CHECK bool cr_run_save_summary(cr_run *run, const cr_json *summary,
                                       cr_error *err);

/* Closes and unlocks the directory; takes zeros. */
void cr_run_finish(cr_run *run);

/* Whether a run has files of this name, in its directory. */
bool cr_run_owns(const char *name);

/* Removes the directory and what a run has in it. A file of somebody else's stays, and so
 * does the directory then. Nothing happens where there is none. */
void cr_run_remove(const char *path);

#endif
