/* What differs between two resolved configs. */
#ifndef CHAINRULE_RUNS_CONFIG_DIFFERENCE_H
#define CHAINRULE_RUNS_CONFIG_DIFFERENCE_H

#include "config/json.h"

/* Whether a run that began with `then` may go on with `now`: they are equal but for
 * comments and the paths in no_effect (a line each; NULL: none). Every other difference
 * is an error that names its path, what it was and what it is. */
CR_MUST_CHECK bool cr_config_difference_check(const cr_json *then, const cr_json *now,
                                              const char *no_effect, cr_error *err);

/* Hands over every difference: its path, and the value on either side, NULL where it is
 * left out. Comments, and the paths in no_effect, are passed over. */
void cr_config_difference_visit(const cr_json *then, const cr_json *now,
                                const char *no_effect,
                                void (*take)(void *user, const char *path,
                                             const cr_json *then, const cr_json *now),
                                void *user);

/* A value for a message, on one line, or "left out". The caller frees it; NULL when out
 * of memory. */
char *cr_config_difference_show(const cr_json *value);

#endif
