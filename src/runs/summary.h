/* The figures of a run as JSON: summary.json, and what --json prints. */
#ifndef CHAINRULE_RUNS_SUMMARY_H
#define CHAINRULE_RUNS_SUMMARY_H

#include "config/json.h"
#include "train/experiment.h"

extern const char *const cr_status_names[]; /* by cr_status */

/* The whole summary; NULL when out of memory. Freed with cr_json_free. bit_exact: false
 * is said. */
cr_json *cr_summary_create(const cr_experiment *experiment, const cr_result *result,
                           bool bit_exact);

/* Adds the metrics that figures have under `key`; nothing when there are no examples. */
CR_MUST_CHECK bool cr_summary_add_figures(cr_json *summary, const char *key,
                                          const cr_figures *figures, bool classify);

/* Adds "blas" and "version". */
CR_MUST_CHECK bool cr_summary_add_machine(cr_json *summary);

#endif
