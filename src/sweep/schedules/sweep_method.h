/* The methods of a sweep, by the names that configs have for them: where the settings
 * come from, and which schedule runs them. */
#ifndef CHAINRULE_SWEEP_SCHEDULES_SWEEP_METHOD_H
#define CHAINRULE_SWEEP_SCHEDULES_SWEEP_METHOD_H

#include "sweep/sweep_schedule.h"

typedef struct cr_sweep_method {
    const char *name;
    const char *title; /* at the beginning of a sentence's part: "successive halving" */
    bool draws;        /* settings are random draws, as many as `samples` says; else every
                          combination of the values */
    const cr_sweep_schedule_type *schedule;
} cr_sweep_method;

extern const cr_sweep_schedule_type cr_sweep_schedule_once, cr_sweep_schedule_halving,
    cr_sweep_schedule_tpe, cr_sweep_schedule_asha;

extern const cr_sweep_method cr_sweep_methods[]; /* the first is what a config has that
                                                    names none */

/* Their names in the same order, ended with NULL: for an option's choices. */
extern const char *const cr_sweep_method_names[];

#endif
