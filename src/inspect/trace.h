/* One forward and one backward pass with everything kept: values and gradients on every
 * wire. */
#ifndef CHAINRULE_INSPECT_TRACE_H
#define CHAINRULE_INSPECT_TRACE_H

#include "measure/evaluator.h"
#include "train/experiment.h"

typedef struct cr_trace {
    const cr_experiment *experiment;
    cr_evaluator *evaluator; /* its workspace holds values and gradients */
    cr_real *gradients;      /* of the parameters, laid out as they are; data gradients */
    size_t rows;             /* of the batch; 1 for a graph without data */
    double loss;             /* data loss; 0 without one */
} cr_trace;

/* Loads nothing and keeps the experiment (loaded with all gradients): plans the passes.
 * For data, the batch is the first that training would take. NULL when out of memory. */
CR_MUST_CHECK cr_trace *cr_trace_create(const cr_experiment *experiment, cr_error *err);
void cr_trace_destroy(cr_trace *trace); /* takes NULL */

/* Both passes. Without a loss the output's upstream gradient is upstream[0..count), or 1
 * everywhere if count is 0; count is then the output's size. A value that is NaN or
 * infinite is an error that names the node where it first appears. */
CR_MUST_CHECK bool cr_trace_run(cr_trace *trace, const double *upstream, size_t count,
                                cr_error *err);

/* One tensor as a trace shows it: of a `value`, which is the same for every example,
 * once, with the gradient summed over the batch (into a buffer of the trace's, where the
 * numbers stay until the next call). */
typedef struct cr_traced {
    const cr_real *values, *gradients; /* [size] */
    size_t size;                       /* rows × values of an example */
    const cr_shape *shape;             /* of one example */
} cr_traced;

/* What node i put out, or for CR_NO_SPEC the batch. */
cr_traced cr_trace_node(cr_trace *trace, size_t node);

/* The gradient on the wire into input k of node i: of several consumers' wires each has
 * its own. */
cr_traced cr_trace_wire(cr_trace *trace, size_t node, size_t k);

/* The producer of input k of node i, looking through copies: a node, or CR_NO_SPEC for
 * the batch. */
size_t cr_trace_producer(const cr_network *network, size_t node, size_t k);

/* The Jacobian of the output with respect to all `value` nodes, and the batch: one
 * backward pass a row. Calls row(user, i, trace) after the pass for output value i < the
 * output's size. Only for a graph without a loss. */
typedef void (*cr_trace_row)(void *user, size_t output, cr_trace *trace);
CR_MUST_CHECK bool cr_trace_jacobian(cr_trace *trace, cr_trace_row row, void *user,
                                     cr_error *err);

#endif
