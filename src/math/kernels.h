/*
 * Element-wise loops over n values, which the compiler vectorises. No two arrays overlap,
 * unless said otherwise.
 */
#ifndef CHAINRULE_MATH_KERNELS_H
#define CHAINRULE_MATH_KERNELS_H

#include <chainrule/real.h>
#include <stdbool.h>
#include <stddef.h>

/* y[i][j] = b[j] for every row i of y [rows, columns]. */
void cr_fill_rows(size_t rows, size_t columns, const cr_real *b, cr_real *y);

/* y[i][j] += b[j] for every row i of y [rows, columns]. */
void cr_add_rows(size_t rows, size_t columns, const cr_real *b, cr_real *y);

/* sums[j] = α Σ_i x[i][j] + β sums[j]; x is [rows, columns]. β = 0 overwrites. */
void cr_sum_rows(size_t rows, size_t columns, double alpha, const cr_real *x, double beta,
                 cr_real *sums);

/* x[i] ← exp(x[i]), in place. In float32 relative to the exact value within 2e-7, and for
 * x outside [−87.3, 88.3] as at that end (so that nothing becomes infinite or 0); in
 * float64 the library's exp. NaN stays NaN. */
void cr_exponentials(size_t n, cr_real *x);

/* y[i] = tanh(x[i]). In float32 relative to the exact value within 3e-7; in float64 the
 * library's tanh. NaN stays NaN. */
void cr_tanh(size_t n, const cr_real *x, cr_real *y);

/* y[i] = 1 / (1 + exp(−x[i])); x and y may be the same. */
void cr_sigmoid(size_t n, const cr_real *x, cr_real *y);

/* Σ x², summed in double. */
double cr_sum_squares(size_t n, const cr_real *x);

/* Whether all n values are finite. */
bool cr_all_finite(size_t n, const cr_real *x);

#endif
