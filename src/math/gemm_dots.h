/* Matrix products of few columns, each value of which is one sum of vectors. */
#ifndef CHAINRULE_MATH_GEMM_DOTS_H
#define CHAINRULE_MATH_GEMM_DOTS_H

#include "math/gemm.h"

/* Whether it is one: a function of n, k and the kind alone. */
bool cr_gemm_dots_fit(const cr_gemm *product);
void cr_gemm_dots_multiply(const cr_gemm *product);

#endif
