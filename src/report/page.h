/*
 * One HTML page about runs and sweeps, which needs nothing but itself: styles, scripts, the
 * charting library and the figures, as JSON in <script id="chainrule-data">:
 *
 *   {"version": 1, "program": …, "made": …, "runs": […], "sweeps": […], "notes": […]}
 *
 * A run's object has "path", "name", "state", "config", "summary", "notes", and a member
 * for each section (page_section.h); a sweep's is in page_sweep.h.
 */
#ifndef CHAINRULE_REPORT_PAGE_H
#define CHAINRULE_REPORT_PAGE_H

#include "base/text.h"

#include <stdio.h>

enum { CR_PAGE_VERSION = 1 };

/* Writes the page about what directories[0..count) hold: runs, sweeps, or directories with
 * such in them. What cannot be shown is said on the page, and for people in notes, a line
 * each. False with err when there is nothing to show at all, or it cannot be written. */
CR_MUST_CHECK bool cr_page_write(FILE *stream, const char *const *directories,
                                 size_t count, cr_text *notes, cr_error *err);

#endif
