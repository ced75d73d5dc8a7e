/* Optimizers: a type is one file under optimizers/ and one row in the table. One pass
 * over parameters and state a step. */
#ifndef CHAINRULE_TRAIN_OPTIMIZER_H
#define CHAINRULE_TRAIN_OPTIMIZER_H

#include "graph/network.h"

/* What a step is done with. The gradient of the regularisation λ Σ W² is 2 λ W, on
 * regularised segments. */
typedef struct cr_step {
    const void *options;
    double learning_rate; /* η */
    double l2;            /* λ */
    uint64_t number;      /* of the step, from 1 */
} cr_step;

typedef struct cr_optimizer_type {
    const char *name, *summary;
    const cr_option *options;
    size_t option_count, options_size; /* the struct begins with `double learning_rate` */
    size_t state_size;                 /* values kept from step to step, per parameter */

    /* Where gradients have to go for the gradient pass to be the whole step; NULL if
     * there is no such way. */
    void (*fuse)(const cr_step *step, cr_real *parameters, cr_gradient_sink *sink);

    /* The step on one segment: w [segment->size], its data gradient g, state
     * [state_size][segment->size]. */
    void (*update)(const cr_step *step, const cr_segment *segment, cr_real *w,
                   const cr_real *g, cr_real *state);
} cr_optimizer_type;

extern const cr_optimizer_type *const cr_optimizer_types[];
extern const size_t cr_optimizer_type_count;

extern const cr_optimizer_type cr_optimizer_sgd;

typedef struct cr_optimizer {
    const cr_optimizer_type *type;
    void *options; /* owned */
} cr_optimizer;

/* The step on all trainable segments. gradients is laid out as the network's parameters;
 * state is state_size such blocks. */
void cr_optimizer_update(const cr_optimizer_type *type, const cr_step *step,
                         cr_network *network, const cr_real *gradients, cr_real *state);

#endif
