/*
 * Mean and variance of numbers that come one by one, by Welford's update (Technometrics,
 * 1962). Nothing cancels: numbers far from 0 keep all digits of their variance, and equal
 * ones have exactly themselves as mean and 0 as variance.
 */
#ifndef CHAINRULE_MATH_MOMENTS_H
#define CHAINRULE_MATH_MOMENTS_H

#include <math.h>
#include <stddef.h>

/* Starts as {0}. */
typedef struct cr_moments {
    double count; /* of the numbers, or the sum of their weights */
    double mean;
    double squares; /* Σ (x − mean)², with weights */
} cr_moments;

/* A number that counts as `weight` of them, above 0 (West, Communications of the ACM, 1979).
 */
static inline void cr_moments_add_weighted(cr_moments *m, double x, double weight)
{
    double difference = x - m->mean;
    m->count += weight;
    m->mean += difference * weight / m->count;
    m->squares += weight * difference * (x - m->mean);
}

static inline void cr_moments_add(cr_moments *m, double x)
{
    cr_moments_add_weighted(m, x, 1);
}

/* The standard deviation, with the number of values as divisor. */
static inline double cr_moments_deviation(const cr_moments *m)
{
    return sqrt(m->squares / m->count);
}

#endif
