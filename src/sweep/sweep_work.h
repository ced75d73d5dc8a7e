/* What a worker of a sweep does with a job. */
#ifndef CHAINRULE_SWEEP_SWEEP_WORK_H
#define CHAINRULE_SWEEP_SWEEP_WORK_H

#include "sweep/transport.h"
#include "sweep/trial.h"

/* As cr_transport_work has it. The context is a cr_trial_worker, whose functions need not be
 * set: all that the worker knows of the sweep. */
bool cr_sweep_work(void *context, const cr_worker_news *news, const char *job,
                   size_t length, cr_text *result);

#endif
