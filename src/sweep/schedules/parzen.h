/*
 * A Parzen estimator: the density of settings that are like some that were run.
 *
 * Each of n settings has a kernel, the product of one a parameter, and one more is the
 * even density of the whole space:
 *
 *   p(x) = (1 + Σᵢ Πⱼ kⱼ(xⱼ; xᵢⱼ)) / (n + 1)
 *
 * On a range, in units of its uniform draws, kⱼ is a normal density around the setting's
 * value that is cut off at 0 and 1, with the standard deviation
 *
 *   σ = max(0.4 / min(100, n + 2), 0.07 n^(−1 / (d + 4)))
 *
 * for d parameters; steps have the probability of their cell. On a list of c values, the
 * setting's own has the probability (1 + 1 / (n + 1)) / (1 + c / (n + 1)), and each other
 * one of (1 / (n + 1)) / (1 + c / (n + 1)).
 *
 * Bergstra, Bardenet, Bengio, Kégl, "Algorithms for Hyper-Parameter Optimization", NIPS
 * 2011, with kernels of all parameters together and one width for them: Falkner, Klein,
 * Hutter, "BOHB", ICML 2018; Watanabe, "Tree-Structured Parzen Estimator: Understanding
 * Its Algorithm Components and Their Roles for Better Empirical Performance", 2023, whose
 * "magic clip" is the lower bound of σ. Both are smaller here than there (1 and 0.2), which
 * bench/search shows to be better in a few dozen trials of networks.
 */
#ifndef CHAINRULE_SWEEP_SCHEDULES_PARZEN_H
#define CHAINRULE_SWEEP_SCHEDULES_PARZEN_H

#include "sweep/sweep_space.h"

typedef struct cr_parzen {
    const cr_sweep_parameter *parameters; /* [dimensions] */
    size_t dimensions;
    const cr_sweep_cell *cells; /* [settings × dimensions] of all settings */
    const size_t *members;      /* [count] the settings that have a kernel */
    size_t count;
    double width; /* σ; see cr_parzen_width */
} cr_parzen;

double cr_parzen_width(size_t count, size_t dimensions);

/* The logarithm of the density at a setting's cells [dimensions]. */
double cr_parzen_log(const cr_parzen *parzen, const cr_sweep_cell *at);

/* Draws a setting, numbers [dimensions], from uniforms [2 × dimensions + 1] in [0, 1). */
void cr_parzen_draw(const cr_parzen *parzen, const double *uniforms, double *numbers);

#endif
