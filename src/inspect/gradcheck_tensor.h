/* The gradient check of one tensor: difference quotients against an analytic gradient. */
#ifndef CHAINRULE_INSPECT_GRADCHECK_TENSOR_H
#define CHAINRULE_INSPECT_GRADCHECK_TENSOR_H

#include "inspect/gradcheck.h"

/* f(high) − f(low) of a function of one value. */
typedef struct cr_gradcheck_change {
    double difference;
    double size; /* |f(high)| + |f(low)|, of all terms that rounding is relative to */
    bool smooth; /* no kink lies between */
} cr_gradcheck_change;

/* The function, as one of *x, which is somewhere in what `user` knows; it may leave *x at
 * either. */
typedef struct cr_gradcheck_function {
    void *user;
    cr_gradcheck_change (*change)(void *user, cr_real *x, cr_real high, cr_real low);
} cr_gradcheck_function;

/* Which values of a tensor are checked. */
typedef struct cr_gradcheck_sample {
    size_t most; /* 0: all */
    uint64_t seed;
    uint32_t *chosen; /* [the largest tensor] scratch */
} cr_gradcheck_sample;

/* The values x [found->size], put back as they were, and their analytic gradient, to
 * which that of the penalty is added. */
typedef struct cr_gradcheck_values {
    cr_real *x;
    const cr_real *gradient;
    cr_penalty penalty;
} cr_gradcheck_values;

/* Fills in what was found, from `checked` to `worst_numerical` and the verdict; the
 * values to check are drawn by found->tensor. */
void cr_gradcheck_tensor_compare(const cr_gradcheck_function *function,
                                 const cr_gradcheck_sample *sample,
                                 const cr_gradcheck_values *values, cr_gradcheck *found);

#endif
