/*
 * Matrix products for operands that are in the cache, where what BLAS does before it begins
 * (copying panels of both into an order of its own) takes as long as they do.
 *
 * A and B are read where they lie, in tiles of C whose sums stay in the registers; only a
 * transposed B is turned first. Vectors that columns do not fill do some of their
 * neighbours' columns again. A value of C is its sum in order, 256 terms at a time, whatever
 * tile it is in: its bits are a function of its row of op(A), its column of op(B), k, and n
 * (of up to 4 columns, each is one sum of vectors), but of neither m nor the place in C.
 */
#ifndef CHAINRULE_MATH_SMALL_GEMM_H
#define CHAINRULE_MATH_SMALL_GEMM_H

#include "math/gemm.h"

void cr_small_gemm(const cr_gemm *product);

/* The instructions that the kernels were compiled to, such as "AVX-512". */
const char *cr_small_gemm_instructions(void);

#endif
