/* Whether one sweep section has all that another one has: what a sweep may grow into. */
#ifndef CHAINRULE_SWEEP_SWEEP_SUPERSET_H
#define CHAINRULE_SWEEP_SWEEP_SUPERSET_H

#include "sweep/sweep_section.h"

/* A section with the config that it stands in, which has the values that other parameters
 * have. */
typedef struct cr_sweep_view {
    const cr_sweep_section *section;
    const cr_json *config;
} cr_sweep_view;

/* Whether `now` has all of `then`. False: why not is appended. */
CR_MUST_CHECK bool cr_sweep_superset_check(const cr_sweep_view *then,
                                           const cr_sweep_view *now, cr_text *why);

/* The value that a parameter has in all settings of a sweep which does not vary it; NULL:
 * it is left out. */
const cr_json *cr_sweep_superset_constant(const cr_sweep_view *then,
                                          const cr_sweep_view *now, const char *path);

/* Whether the draw of that number from `now` could have been one of `then`. */
bool cr_sweep_superset_had(const cr_sweep_view *then, const cr_sweep_view *now,
                           size_t draw);

#endif
