/*
 * The number that tensors are made of: float, as in the installed library. The
 * double-precision build, which chainrule-f64 is made from, defines CR_FLOAT64.
 */
#ifndef CHAINRULE_REAL_H
#define CHAINRULE_REAL_H

#if defined(CR_EITHER_PRECISION)
typedef struct cr_real cr_real; /* in sources that both builds share: pointers alone */
#elif defined(CR_FLOAT64)
typedef double cr_real;
#else
typedef float cr_real;
#endif

#endif
