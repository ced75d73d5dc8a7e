/*
 * A sweep as a page shows it, column by column, since there may be many trials:
 *
 *   "path", "name", "state", "trials" (wanted), "done", "failed", "notes": […],
 *   "metric", "goal", "repeats", "folds", "created", "section" (of the config), "config"
 *   "parameters": [{"path", "logarithmic", "border": end of its range that the best is at}, …]
 *   "settings": {"setting": […], "value": […], "deviation": […], …}, the best first
 *   "values": for each parameter, the settings' values
 *   "runs": {"trial": […], "place": [of its setting in "settings"], "value": […], …}
 *   "statuses": names, by which "status" of runs counts
 *   "errors": [[trial, why], …]
 *   "rungs": [[trial, rung, epochs, value], …], of halving
 *   "curves": page_sweep_curves.h
 */
#ifndef CHAINRULE_REPORT_PAGE_SWEEP_H
#define CHAINRULE_REPORT_PAGE_SWEEP_H

#include "report/page_json.h"

/* Adds the object of the sweep in the directory. What cannot be read is in its notes. Fails
 * only when out of memory. */
CR_MUST_CHECK bool cr_page_sweep_add(const char *directory, cr_page_json *out,
                                     cr_error *err);

#endif
