/* A step of an optimizer: what all of them share. */
#ifndef CHAINRULE_TRAIN_STEP_H
#define CHAINRULE_TRAIN_STEP_H

#include "train/penalty.h"

#include <stdint.h>

/* What a step is done with. */
typedef struct cr_step {
    const void *options;
    double learning_rate; /* η, of this step */
    cr_penalty penalty;
    double scale, limit; /* clipping: the gradient, penalty's included, times scale, then
                            each number cut to [−limit, limit]; 1 and infinity: none */
    uint64_t number;     /* of the step, from 1 */
} cr_step;

#ifndef CR_EITHER_PRECISION
/* For the files under optimizers/: the gradient of one value, with the penalty, clipping
 * and coupled weight decay (PyTorch's weight_decay: decay · w is added after clipping).
 */
typedef struct cr_gradient_terms {
    cr_real l2, l1, scale, limit, decay;
    bool plain; /* there is none of them: the gradient is g */
} cr_gradient_terms;

/* The terms of a segment's values; weight_decay of the optimizer's options, 0 where it is
 * not part of the gradient. */
cr_gradient_terms cr_step_terms(const cr_step *step, const cr_segment *segment,
                                double weight_decay);

/*
 * What an optimizer keeps counts as 0 below this (and squares below its square), which is
 * far below the rounding of any weight. A running mean of a gradient that stays 0 would
 * otherwise end in denormal numbers, with which some processors compute a hundred times
 * as slowly.
 */
#define CR_NEGLIGIBLE ((cr_real)1e-18)

static inline cr_real cr_step_kept(cr_real x)
{
    return x < CR_NEGLIGIBLE && x > -CR_NEGLIGIBLE ? 0 : x;
}

static inline cr_real cr_step_kept_square(cr_real x)
{
    return x < CR_NEGLIGIBLE * CR_NEGLIGIBLE ? 0 : x;
}

/* The gradient of a value w whose data gradient is g. */
static inline cr_real cr_step_gradient(const cr_gradient_terms *t, cr_real g, cr_real w)
{
    cr_real sign = (cr_real)(w > 0) - (cr_real)(w < 0);
    cr_real x = (g + t->l2 * w + t->l1 * sign) * t->scale;
    x = x > t->limit ? t->limit : x;
    x = x < -t->limit ? -t->limit : x;
    return x + t->decay * w;
}
#endif

#endif
