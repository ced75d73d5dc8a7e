/* What makes two sweeps different ones. */
#ifndef CHAINRULE_SWEEP_SWEEP_DIFFERENCE_H
#define CHAINRULE_SWEEP_SWEEP_DIFFERENCE_H

#include "sweep/store_schema.h"
#include "sweep/sweep_plan.h"

/* What differs where options do not. */
extern const char cr_sweep_difference_of_data[];

/* Appends in what the plan differs from the sweep that the directory holds:
 * "training.epochs was 3 and is 4", or that shard or data do. */
void cr_sweep_difference_describe(const char *directory, const cr_store_sweep *found,
                                  const cr_sweep_plan *plan, cr_text *out);

/* Whether they are of different shards, or, with `configs`, differ in more than the sweep
 * section. */
bool cr_sweep_difference_is_outside(const char *directory, const cr_store_sweep *found,
                                    const cr_sweep_plan *plan, bool configs);

/* Fails, since the directory holds another sweep, which `what` tells from this one. */
bool cr_sweep_difference_refuse(const char *directory, const cr_text *what,
                                cr_error *err);

/* The config that the directory's sweep was begun with, with its overrides, and with its
 * sweep section resolved. False: it is not known. cr_document_finish in any case. */
CR_MUST_CHECK bool cr_sweep_difference_read(const char *directory,
                                            const cr_store_sweep *found,
                                            cr_document *config);

#endif
