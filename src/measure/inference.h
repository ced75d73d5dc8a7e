/* Forward passes over a whole part of a trained model: in batches, by as many threads as pay. */
#ifndef CHAINRULE_MEASURE_INFERENCE_H
#define CHAINRULE_MEASURE_INFERENCE_H

#include "measure/evaluator.h"

/* Is called on the caller's thread with one batch after the other, in their order: rows
 * [first, first + count) of the part. The evaluator has their values, and its loss their
 * targets and scores. */
typedef void (*cr_inference_visit)(void *user, const cr_evaluator *batch, size_t first,
                                   size_t count);

/* Passes the part forward and adds what its rows leave to the sums, in the order of the
 * batches, so that bits are the same for every number of threads. visit may be NULL. BLAS
 * has one thread from then on. Fails when out of memory. */
CR_MUST_CHECK bool cr_inference_run(const cr_model *model, const cr_part *part,
                                    cr_inference_visit visit, void *user, cr_sums *sums,
                                    cr_error *err);

#endif
