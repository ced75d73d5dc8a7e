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
    size_t count;
    double mean;
    double squares; /* Σ (x − mean)² */
} cr_moments;

static inline void cr_moments_add(cr_moments *m, double x)
{
    double difference = x - m->mean;
    m->count++;
    m->mean += difference / (double)m->count;
    m->squares += difference * (x - m->mean);
}

/* The standard deviation, with the number of values as divisor. */
static inline double cr_moments_deviation(const cr_moments *m)
{
    return sqrt(m->squares / (double)m->count);
}

#endif
