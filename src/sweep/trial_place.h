/* Where the runs of a sweep's trials are: <sweep>/trials/<number>. */
#ifndef CHAINRULE_SWEEP_TRIAL_PLACE_H
#define CHAINRULE_SWEEP_TRIAL_PLACE_H

#include <chainrule/error.h>
#include <stdbool.h>
#include <stddef.h>

/* The name of the sweep's directory that a run's directory (or a link to it, such as
 * `best`) is part of, and the trial's number. NULL if it is of no sweep, or when out of
 * memory. The caller frees it. */
char *cr_trial_place_find(const char *run, size_t *trial);

/* Whether a new run or sweep may be made in this directory: not among a sweep's trials,
 * where the sweep makes and removes what is there. */
CR_MUST_CHECK bool cr_trial_place_check_out(const char *out, cr_error *err);

#endif
