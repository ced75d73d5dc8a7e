/*
 * Curves of a sweep's trials: those of the best few, and of all where most of them lie:
 *
 *   {"metric": column, "epochs": [at equal distances, and the last], "trials": of so many,
 *    "all": whether these are all trials that have values,
 *    "shares": [0.05, …], "levels": [for each share, what so many trials are below],
 *    "best": [{"trial": number, "place": of its setting, "values": […]}, …]}
 */
#ifndef CHAINRULE_REPORT_PAGE_SWEEP_CURVES_H
#define CHAINRULE_REPORT_PAGE_SWEEP_CURVES_H

#include "report/page_json.h"
#include "sweep/ranking.h"
#include "sweep/store.h"

/* Adds the object under the key, or nothing where no epoch has a value. False with err. */
CR_MUST_CHECK bool cr_page_sweep_curves_add(cr_store *store, const cr_ranking *ranking,
                                            const char *key, cr_page_json *out,
                                            cr_error *err);

#endif
