/* A run as a page shows it: what is in its directory, the model and its data. */
#ifndef CHAINRULE_REPORT_PAGE_RUN_H
#define CHAINRULE_REPORT_PAGE_RUN_H

#include "base/text.h"
#include "config/document.h"
#include "data/data.h"
#include "model/model.h"
#include "report/page_json.h"
#include "report/page_scores.h"
#include "runs/run_state.h"

typedef struct cr_page_run {
    const char *path; /* borrowed */
    cr_run_state state;
    cr_document config, summary; /* root NULL: there is none that can be read */
    cr_model *model;             /* NULL: none that can be read */
    cr_data data;                /* of the model's config; empty: not to be read */
    const cr_part *part;         /* what the model is looked at on: the test part, or else
                            validation, or else train; NULL: there is no data */
    cr_part_name on;             /* which it is */
    cr_page_scores *scores;      /* of that part; NULL: there is none. Owned */
    cr_text notes; /* for people: what could not be read, and why, a line each */
} cr_page_run;

/* Reads what there is. With `model` also the model and its data, which take the longest.
 * Fails only when out of memory; cr_page_run_finish in any case. */
CR_MUST_CHECK bool cr_page_run_init(cr_page_run *run, const char *path, bool model,
                                    cr_error *err);
void cr_page_run_finish(cr_page_run *run); /* takes zeros */

#endif
