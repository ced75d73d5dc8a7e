/* A sweep as a page shows it: {"path", "name", "state", "trials", "done", "failed", "notes"}. */
#ifndef CHAINRULE_REPORT_PAGE_SWEEP_H
#define CHAINRULE_REPORT_PAGE_SWEEP_H

#include "report/page_json.h"

/* Adds the object of the sweep in the directory. What cannot be read is in its notes. Fails
 * only when out of memory. */
CR_MUST_CHECK bool cr_page_sweep_add(const char *directory, cr_page_json *out,
                                     cr_error *err);

#endif
