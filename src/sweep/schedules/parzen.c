#include "sweep/schedules/parzen.h"

#include <math.h>

/* Up to the normal distribution's value at x; its complement keeps the digits. */
static double normal(double x)
{
    return 0.5 * erfc(-x * 0.70710678118654752);
}

double cr_parzen_width(size_t count, size_t dimensions)
{
    double n = count > 0 ? (double)count : 1;
    double least = 0.4 / fmin(100, n + 2);
    return fmax(least, 0.07 * pow(n, -1 / ((double)dimensions + 4)));
}

static double middle(const cr_sweep_cell *cell)
{
    return (cell->low + cell->high) / 2;
}

/* Of a list: the probability of the kernel's own value, and of each other one. */
static double same(const cr_parzen *p, size_t choices)
{
    double prior = 1 / ((double)p->count + 1);
    return (1 + prior) / (1 + (double)choices * prior);
}

static double kernel(const cr_parzen *p, size_t dimension, const cr_sweep_cell *own,
                     const cr_sweep_cell *at)
{
    const cr_sweep_parameter *parameter = &p->parameters[dimension];
    if (parameter->space == CR_SPACE_VALUES) {
        double likely = same(p, parameter->count);
        return own->low == at->low ? likely
                                   : (1 - likely) / ((double)parameter->count - 1);
    }
    double mean = middle(own), sigma = p->width;
    double all = normal((1 - mean) / sigma) - normal(-mean / sigma);
    if (at->high > at->low)
        return (normal((at->high - mean) / sigma) - normal((at->low - mean) / sigma)) /
               all;
    double z = (at->low - mean) / sigma;
    return exp(-z * z / 2) / (sigma * 2.5066282746310002 * all);
}

/* The even density. */
static double even(const cr_parzen *p, size_t dimension, const cr_sweep_cell *at)
{
    const cr_sweep_parameter *parameter = &p->parameters[dimension];
    if (parameter->space == CR_SPACE_VALUES)
        return 1 / (double)parameter->count;
    return at->high > at->low ? at->high - at->low : 1;
}

double cr_parzen_log(const cr_parzen *p, const cr_sweep_cell *at)
{
    double sum = 1, first = 0; /* sum: over densities divided by the even one */
    for (size_t k = 0; k < p->dimensions; k++)
        first += log(even(p, k, at + k));
    for (size_t i = 0; i < p->count; i++) {
        const cr_sweep_cell *own = p->cells + p->members[i] * p->dimensions;
        double product = 1;
        for (size_t k = 0; k < p->dimensions && product > 0; k++)
            product *= kernel(p, k, own + k, at + k) / even(p, k, at + k);
        sum += product;
    }
    return first + log(sum / (double)(p->count + 1));
}

/* A draw of the normal density around `mean` that is cut off at 0 and 1. */
static double draw_normal(double mean, double sigma, double u)
{
    double low = 0, high = 1;
    double from = normal(-mean / sigma), to = normal((1 - mean) / sigma);
    for (int i = 0; i < 50; i++) {
        double half = (low + high) / 2;
        if (normal((half - mean) / sigma) < from + u * (to - from))
            low = half;
        else
            high = half;
    }
    return low;
}

static double draw(const cr_parzen *p, size_t dimension, const cr_sweep_cell *own,
                   const double u[2])
{
    const cr_sweep_parameter *parameter = &p->parameters[dimension];
    if (parameter->space != CR_SPACE_VALUES)
        return cr_sweep_space_draw(parameter, draw_normal(middle(own), p->width, u[0]));
    double count = (double)parameter->count;
    if (u[0] < same(p, parameter->count))
        return own->low;
    double other = floor(u[1] * (count - 1));
    return other < own->low ? other : other + 1;
}

void cr_parzen_draw(const cr_parzen *p, const double *uniforms, double *numbers)
{
    size_t member = (size_t)(uniforms[0] * (double)(p->count + 1));
    for (size_t k = 0; k < p->dimensions; k++) {
        const double *u = uniforms + 1 + 2 * k;
        numbers[k] =
            member < p->count
                ? draw(p, k, p->cells + p->members[member] * p->dimensions + k, u)
                : cr_sweep_space_draw(&p->parameters[k], u[0]);
    }
}
