/* a b + c in one instruction, rounded once, where the processor has one. */
#ifndef CHAINRULE_MATH_MULTIPLY_ADD_H
#define CHAINRULE_MATH_MULTIPLY_ADD_H

#include "base/processor.h"

#include <chainrule/real.h>
#include <math.h>

CR_NOT_COUNTED static inline cr_real cr_multiply_add(cr_real a, cr_real b, cr_real c)
{
#if defined(CR_FLOAT64) && defined(FP_FAST_FMA)
    return fma(a, b, c);
#elif !defined(CR_FLOAT64) && defined(FP_FAST_FMAF)
    return fmaf(a, b, c);
#else
    return a * b + c;
#endif
}

#endif
