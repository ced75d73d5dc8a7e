/* Arithmetic of sizes. */
#ifndef CHAINRULE_BASE_SIZE_H
#define CHAINRULE_BASE_SIZE_H

#include <stddef.h>

static inline size_t cr_size_smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The least multiple of unit that is not below n. */
static inline size_t cr_size_round_up(size_t n, size_t unit)
{
    return (n + unit - 1) / unit * unit;
}

/* Values of a tensor up to where the next one begins: 16 floats are a cache line. */
static inline size_t cr_size_of_lines(size_t values)
{
    return cr_size_round_up(values, 16);
}

#endif
