/*
 * The compiler's vectors of numbers, and what gemm needs of them: a source for every
 * processor, without intrinsics.
 */
#ifndef CHAINRULE_MATH_VECTORS_H
#define CHAINRULE_MATH_VECTORS_H

#include "base/processor.h"
#include "math/multiply_add.h"

#include <stddef.h>
#include <stdint.h>

/* Bytes and number of the processor's vectors. */
#if defined(__AVX512F__)
#define CR_VECTORS_BYTES 64
#elif defined(__AVX__)
#define CR_VECTORS_BYTES 32
#else
#define CR_VECTORS_BYTES 16
#endif
#if defined(__AVX512F__) || defined(__ARM_NEON)
#define CR_VECTORS_REGISTERS 32
#else
#define CR_VECTORS_REGISTERS 16
#endif

/* Values of a vector. */
#ifdef CR_FLOAT64
#define CR_VECTORS_LANES (CR_VECTORS_BYTES / 8)
#else
#define CR_VECTORS_LANES (CR_VECTORS_BYTES / 4)
#endif

/* vector_L has L values. scale_add_L is a · b + c of them, rectify_L max(0, v), where NaN
 * stays NaN, and pass_L v where y is positive, else 0. */
#define CR_VECTORS_OF(L)                                                                 \
    typedef cr_real cr_vector_##L __attribute__((vector_size((L) * sizeof(cr_real)),     \
                                                 aligned(sizeof(cr_real)), may_alias));  \
    typedef cr_bits cr_bits_##L __attribute__((vector_size((L) * sizeof(cr_real))));     \
    static inline cr_vector_##L cr_scale_add_##L(cr_real a, cr_vector_##L b,             \
                                                 cr_vector_##L c)                        \
    {                                                                                    \
        cr_vector_##L sum;                                                               \
        CR_LANES for (size_t i = 0; i < (L); i++) sum[i] =                               \
            cr_multiply_add(a, b[i], c[i]);                                              \
        return sum;                                                                      \
    }                                                                                    \
    static inline cr_vector_##L cr_rectify_##L(cr_vector_##L v)                          \
    {                                                                                    \
        return (cr_vector_##L)((cr_bits_##L)v & ~(v < 0));                               \
    }                                                                                    \
    static inline cr_vector_##L cr_pass_##L(cr_vector_##L v, cr_vector_##L y)            \
    {                                                                                    \
        return (cr_vector_##L)((cr_bits_##L)v & (y > 0));                                \
    }

/* X for each length of vectors: the processor's, and those for fewer columns. */
#if CR_VECTORS_LANES == 16
#define CR_VECTORS_WIDE(X) X(16)
#define CR_VECTORS_NARROW(X) X(2) X(4) X(8)
#elif CR_VECTORS_LANES == 8
#define CR_VECTORS_WIDE(X) X(8)
#define CR_VECTORS_NARROW(X) X(2) X(4)
#elif CR_VECTORS_LANES == 4
#define CR_VECTORS_WIDE(X) X(4)
#define CR_VECTORS_NARROW(X) X(2)
#else
#define CR_VECTORS_WIDE(X) X(2)
#define CR_VECTORS_NARROW(X)
#endif

#ifdef CR_FLOAT64
typedef int64_t cr_bits;
#else
typedef int32_t cr_bits;
#endif

typedef cr_real cr_vector_1;
#define cr_scale_add_1 cr_multiply_add

static inline cr_real cr_rectify_1(cr_real v)
{
    return v < 0 ? 0 : v;
}

static inline cr_real cr_pass_1(cr_real v, cr_real y)
{
    return y > 0 ? v : 0;
}

CR_VECTORS_NARROW(CR_VECTORS_OF)
CR_VECTORS_WIDE(CR_VECTORS_OF)

#define CR_VECTORS_WIDEST(L) typedef cr_vector_##L cr_vector;
CR_VECTORS_WIDE(CR_VECTORS_WIDEST)

/* a · b + c, lane by lane, of the processor's vectors. */
static inline cr_vector cr_vectors_multiply_add(cr_vector a, cr_vector b, cr_vector c)
{
    cr_vector sum;
    CR_LANES
    for (size_t i = 0; i < CR_VECTORS_LANES; i++)
        sum[i] = cr_multiply_add(a[i], b[i], c[i]);
    return sum;
}

#endif
