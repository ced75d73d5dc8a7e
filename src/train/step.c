#include "train/step.h"

#include <math.h>

cr_gradient_terms cr_step_terms(const cr_step *step, const cr_segment *segment,
                                double weight_decay)
{
    double weight = segment->regularized ? 1 : 0;
    const cr_penalty *p = &step->penalty;
    return (cr_gradient_terms){
        .l2 = (cr_real)(weight * 2 * p->l2),
        .l1 = (cr_real)(weight * p->l1),
        .scale = (cr_real)step->scale,
        .limit = (cr_real)step->limit,
        .decay = (cr_real)(weight * weight_decay),
        .plain = step->scale == 1 && isinf(step->limit) &&
                 weight * (p->l2 + p->l1 + weight_decay) == 0,
    };
}
