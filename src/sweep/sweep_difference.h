/* What makes two sweeps different ones. */
#ifndef CHAINRULE_SWEEP_SWEEP_DIFFERENCE_H
#define CHAINRULE_SWEEP_SWEEP_DIFFERENCE_H

#include "sweep/store_schema.h"
#include "sweep/sweep_plan.h"

/* Appends in what the plan differs from the sweep that the directory holds:
 * "training.epochs was 3 and is 4", or that shard or data do. */
void cr_sweep_difference_describe(const char *directory, const cr_store_sweep *found,
                                  const cr_sweep_plan *plan, cr_text *out);

#endif
