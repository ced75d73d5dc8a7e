/* What differs between two resolved configs. */
#ifndef CHAINRULE_RUNS_CONFIG_DIFFERENCE_H
#define CHAINRULE_RUNS_CONFIG_DIFFERENCE_H

#include "config/json.h"

/* Whether a run that began with `then` may go on with `now`: they are equal but for
 * comments and the paths in no_effect (a line each; NULL: none). Every other difference
 * is an error that names its path, what it was and what it is. */
CR_MUST_CHECK bool cr_config_difference_check(const cr_json *then, const cr_json *now,
                                              const char *no_effect, cr_error *err);

#endif
