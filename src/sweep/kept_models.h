/* Which settings' models a sweep keeps: the run directories trials/<number> of the best
 * trial of each of the best settings, and the link `best` to the first of them. */
#ifndef CHAINRULE_SWEEP_KEPT_MODELS_H
#define CHAINRULE_SWEEP_KEPT_MODELS_H

#include "sweep/sweep_schedule.h"

typedef struct cr_kept_models {
    const cr_sweep_workload *workload; /* borrowed */
    size_t limit;                      /* settings to keep */
    cr_setting_score *best;            /* [count] of [limit], the best first; owned */
    size_t count;
    char *directory;   /* of the sweep, owned */
    char *trials_path; /* directory/trials, owned */
} cr_kept_models;

/* Makes the directory of the trials. cr_kept_models_finish in any case. */
CR_MUST_CHECK bool cr_kept_models_begin(cr_kept_models *kept, const char *directory,
                                        const cr_sweep_workload *workload, size_t limit,
                                        cr_error *err);
void cr_kept_models_finish(cr_kept_models *kept);

/* A setting whose trials are done takes its place among the kept, or none: one without a
 * score has none. Runs that are beaten, and those of the setting's other trials, are
 * removed. A setting that is kept already stays where it is. */
void cr_kept_models_offer(cr_kept_models *kept, const cr_setting_score *setting);

/* Removes the runs of all of a setting's trials. */
void cr_kept_models_remove(const cr_kept_models *kept, size_t setting);

/* A trial with a worse value than this will not be kept; NaN: any trial may be. */
double cr_kept_models_threshold(const cr_kept_models *kept);

/* Removes runs that a killed sweep left behind: of trials that are not done. */
void cr_kept_models_remove_leftovers(const cr_kept_models *kept, const bool *done);

/* Whether a kept setting has a whole run directory. It has not when more are kept now
 * than before. */
bool cr_kept_models_has_run(const cr_kept_models *kept, size_t place);

/* Makes directory/best lead to the first of the kept, or to nothing. */
CR_MUST_CHECK bool cr_kept_models_link_best(const cr_kept_models *kept, cr_error *err);

#endif
