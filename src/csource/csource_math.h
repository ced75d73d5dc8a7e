/*
 * Functions of one number for what is written: in single precision, small, and without a
 * library, since a library's often come by way of double precision, which small machines
 * have not. What they say is what the program itself says (math/kernel.h), within 4e-7.
 */
#ifndef CHAINRULE_CSOURCE_CSOURCE_MATH_H
#define CHAINRULE_CSOURCE_CSOURCE_MATH_H

#include "csource/csource.h"

typedef enum cr_csource_function {
    CR_CSOURCE_EXPONENTIAL, /* exponential(x), for x outside [-87.3, 88.3] as at that end */
    CR_CSOURCE_SIGMOID,     /* sigmoid(x) */
    CR_CSOURCE_TANGENT,     /* hyperbolic_tangent(x) */
    CR_CSOURCE_EXPM1,       /* exponential_less_1(x) */
    CR_CSOURCE_SOFTPLUS,    /* soft_plus(x) */
    CR_CSOURCE_NORMAL,      /* normal_share(x): of a normal distribution below x */
    /* by <math.h>, unless that may not be used: */
    CR_CSOURCE_EXP,  /* whole_exponential(x): infinite, or 0, where it is so in a float */
    CR_CSOURCE_LOG,  /* logarithm(x) */
    CR_CSOURCE_SQRT, /* square_root(x), x >= 0 */
    CR_CSOURCE_FUNCTIONS
} cr_csource_function;

/* Writes the function, and those that it needs, unless they are there. Returns its
 * name. */
const char *cr_csource_math_add(cr_csource *out, cr_csource_function function);

#endif
