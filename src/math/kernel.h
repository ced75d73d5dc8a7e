/*
 * Element-wise loops over n values, which the compiler vectorises. No two arrays overlap,
 * unless said otherwise.
 */
#ifndef CHAINRULE_MATH_KERNEL_H
#define CHAINRULE_MATH_KERNEL_H

#include <chainrule/real.h>
#include <stdbool.h>
#include <stddef.h>

/* y[i][j] = b[j] for every row i of y [rows, columns]. */
void cr_kernel_fill_rows(size_t rows, size_t columns, const cr_real *b, cr_real *y);

/* y[i][j] += b[j] for every row i of y [rows, columns]. */
void cr_kernel_add_rows(size_t rows, size_t columns, const cr_real *b, cr_real *y);

/* sums[j] = α Σ_i x[i][j] + β sums[j]; x is [rows, columns]. β = 0 overwrites. */
void cr_kernel_sum_rows(size_t rows, size_t columns, double alpha, const cr_real *x,
                        double beta, cr_real *sums);

/* x[i] ← exp(x[i]), in place. In float32 relative to the exact value within 2e-7, and for
 * x outside [−87.3, 88.3] as at that end (so that nothing becomes infinite or 0); in
 * float64 the library's exp. NaN stays NaN. */
void cr_kernel_exp(size_t n, cr_real *x);

/* y[i] = tanh(x[i]). In float32 relative to the exact value within 3e-7; in float64 the
 * library's tanh. NaN stays NaN. */
void cr_kernel_tanh(size_t n, const cr_real *x, cr_real *y);

/* y[i] = exp(x[i]) − 1, also close to 0. In float32 relative to the exact value within
 * 4e-7, and for x above 88.3 as at 88.3; in float64 the library's expm1. NaN stays NaN. x
 * and y may be the same. */
void cr_kernel_expm1(size_t n, const cr_real *x, cr_real *y);

/* y[i] = log(1 + exp(x[i])), without overflow. In float32 relative to the exact value
 * within 4e-7 (below −87.3 as at −87.3). NaN stays NaN. x and y may be the same. */
void cr_kernel_softplus(size_t n, const cr_real *x, cr_real *y);

/* The normal distribution: share[i] = Φ(x[i]), density[i] = exp(−x[i]² / 2) / √(2π). In
 * float32 within 2e-7 of the exact value, and for x below 0 relative to it within 1e-5
 * (down to −12.5, where Φ becomes 0). NaN stays NaN. */
void cr_kernel_normal(size_t n, const cr_real *x, cr_real *share, cr_real *density);

/* y[i] = 1 / (1 + exp(−x[i])); x and y may be the same. */
void cr_kernel_sigmoid(size_t n, const cr_real *x, cr_real *y);

/* Σ x², summed in double. */
double cr_kernel_sum_squares(size_t n, const cr_real *x);

/* Σ (x − origin), Σ (x − origin)² and Σ a (x − origin) over n values, in an order that
 * depends on n alone: partial sums of up to 1024 values in cr_real, side by side, which are
 * added up in double. */
double cr_kernel_sum_from(size_t n, const cr_real *x, cr_real origin);
double cr_kernel_squares_from(size_t n, const cr_real *x, cr_real origin);
double cr_kernel_products_from(size_t n, const cr_real *a, const cr_real *x,
                               cr_real origin);

/* Whether all n values are finite. */
bool cr_kernel_all_finite(size_t n, const cr_real *x);

/* The place of the highest of n scores; of equal ones the first. */
size_t cr_kernel_argmax(size_t n, const cr_real *scores);

#endif
