/* A plan as bytes, with its data: for workers that have neither the config's file nor
 * those of the data. */
#ifndef CHAINRULE_SWEEP_PLAN_MESSAGE_H
#define CHAINRULE_SWEEP_PLAN_MESSAGE_H

#include "base/byte_stream.h"
#include "sweep/sweep_plan.h"

CR_MUST_CHECK bool cr_plan_message_put(const cr_sweep_plan *plan, cr_byte_stream *to,
                                       cr_error *err);

/* A plan that is good for cr_sweep_plan_experiment alone: to run trials, not to conduct
 * them. cr_plan_message_destroy frees it. NULL with err, which is not NULL. */
CR_MUST_CHECK cr_sweep_plan *cr_plan_message_get(cr_byte_stream *from, cr_error *err);
void cr_plan_message_destroy(cr_sweep_plan *plan); /* takes NULL */

#endif
