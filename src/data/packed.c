#include "data/packed.h"

#include <math.h>
#include <string.h>

enum { PIECE = 256 }; /* values that are tried at once */

/* 10^k, up to the last that a double holds exactly. */
static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
enum { POWERS = sizeof powers / sizeof powers[0] };

/* The smallest number of a type stands for NaN, the next for -0. */
static const struct {
    size_t size;       /* bytes */
    int32_t nan, zero; /* the marks */
    double most;       /* |m|, and what products are rounded off by */
} types[] = {
    [CR_PACKED_INT8] = {1, INT8_MIN, INT8_MIN + 1, INT8_MAX - 0.75},
    [CR_PACKED_INT16] = {2, INT16_MIN, INT16_MIN + 1, INT16_MAX - 0.75},
    [CR_PACKED_INT32] = {4, INT32_MIN, INT32_MIN + 1, INT32_MAX - 0.75},
    [CR_PACKED_FLOAT] = {4, 0, 0, 0},
    [CR_PACKED_DOUBLE] = {8, 0, 0, 0},
};

static int32_t nearest(double number)
{
    return (int32_t)(number + (number < 0 ? -0.5 : 0.5));
}

/* What the values have in common. */
typedef struct survey {
    double largest; /* |v| */
    bool marks, floats;
} survey;

static survey look(const double *values, size_t count)
{
    survey s = {.floats = true};
    size_t special = 0, doubles = 0;
    for (size_t i = 0; i < count; i++) {
        double v = values[i], size = fabs(v);
        special += (v != v) | ((v == 0) & (signbit(v) != 0));
        doubles += ((double)(float)v != v) & (v == v);
        s.largest = size > s.largest ? size : s.largest;
    }
    s.marks = special > 0;
    s.floats = doubles == 0;
    return s;
}

/* Whether each value is a whole number over 10^k; none is larger than fits. */
static bool divides(const double *values, size_t count, double power)
{
    size_t others = 0;
    for (size_t i = 0; i < count; i++) {
        double v = values[i] == values[i] ? values[i] : 0;
        others += (double)nearest(v * power) / power != v;
    }
    return others == 0;
}

/* The smallest k with which all values are whole numbers over 10^k that fit; POWERS:
 * there is none. What is one with k is one with k + 1 as well: the quotient is the
 * same. */
static size_t find_exponent(const double *values, size_t count, double largest)
{
    double most = types[CR_PACKED_INT32].most;
    size_t k = 0;
    for (size_t i = 0; i < count; i += PIECE) {
        size_t piece = count - i < PIECE ? count - i : PIECE;
        while (largest * powers[k] > most || !divides(values + i, piece, powers[k]))
            if (largest * powers[k] > most || ++k == POWERS)
                return POWERS;
    }
    return k;
}

cr_packing cr_packed_choose(const double *values, size_t count)
{
    survey s = look(values, count);
    size_t k = find_exponent(values, count, s.largest);
    if (k == POWERS)
        return (cr_packing){s.floats ? CR_PACKED_FLOAT : CR_PACKED_DOUBLE, 0, false};
    uint8_t type = CR_PACKED_INT8;
    while (s.largest * powers[k] > types[type].most)
        type++;
    return (cr_packing){type, (uint8_t)k, s.marks};
}

size_t cr_packed_size(cr_packing packing)
{
    return types[packing.type].size;
}

static int32_t pack(cr_packing packing, double v)
{
    if (v != v)
        return types[packing.type].nan;
    if (v == 0 && signbit(v))
        return types[packing.type].zero;
    return nearest(v * powers[packing.exponent]);
}

void cr_packed_write(cr_packing packing, const double *values, size_t count, void *packed)
{
    int8_t *bytes = packed;
    int16_t *shorts = packed;
    int32_t *longs = packed;
    float *floats = packed;
    switch ((cr_packed_type)packing.type) {
    case CR_PACKED_INT8:
        for (size_t i = 0; i < count; i++)
            bytes[i] = (int8_t)pack(packing, values[i]);
        break;
    case CR_PACKED_INT16:
        for (size_t i = 0; i < count; i++)
            shorts[i] = (int16_t)pack(packing, values[i]);
        break;
    case CR_PACKED_INT32:
        for (size_t i = 0; i < count; i++)
            longs[i] = pack(packing, values[i]);
        break;
    case CR_PACKED_FLOAT:
        for (size_t i = 0; i < count; i++)
            floats[i] = (float)values[i];
        break;
    case CR_PACKED_DOUBLE:
        memcpy(packed, values, count * sizeof *values);
        break;
    }
}

/* Puts in what the marks stand for; m[count] are the whole numbers. */
static void put_marks(cr_packing packing, const int32_t *m, size_t count, double *values,
                      size_t stride)
{
    for (size_t i = 0; i < count; i++) {
        if (m[i] == types[packing.type].nan)
            values[i * stride] = NAN;
        else if (m[i] == types[packing.type].zero)
            values[i * stride] = -0.0;
    }
}

/* Whole numbers of any size as those of 4 bytes. */
static void widen(cr_packing packing, const void *packed, size_t first, size_t count,
                  int32_t *m)
{
    const int8_t *bytes = packed;
    const int16_t *shorts = packed;
    const int32_t *longs = packed;
    if (packing.type == CR_PACKED_INT8)
        for (size_t i = 0; i < count; i++)
            m[i] = bytes[first + i];
    else if (packing.type == CR_PACKED_INT16)
        for (size_t i = 0; i < count; i++)
            m[i] = shorts[first + i];
    else
        memcpy(m, longs + first, count * sizeof *m);
}

static void divide(const int32_t *m, size_t count, double power, double *values,
                   size_t stride)
{
    double quotients[PIECE]; /* which are vectorised */
    for (size_t i = 0; i < count; i++)
        quotients[i] = (double)m[i] / power;
    for (size_t i = 0; i < count; i++)
        values[i * stride] = quotients[i];
}

static void read_reals(cr_packing packing, const void *packed, size_t first, size_t count,
                       double *values, size_t stride)
{
    const float *floats = packed;
    const double *doubles = packed;
    if (packing.type == CR_PACKED_FLOAT)
        for (size_t i = 0; i < count; i++)
            values[i * stride] = (double)floats[first + i];
    else
        for (size_t i = 0; i < count; i++)
            values[i * stride] = doubles[first + i];
}

void cr_packed_read(cr_packing packing, const void *packed, size_t first, size_t count,
                    double *values, size_t stride)
{
    if (packing.type >= CR_PACKED_FLOAT) {
        read_reals(packing, packed, first, count, values, stride);
        return;
    }
    int32_t m[PIECE];
    for (size_t at = 0; at < count; at += PIECE) {
        size_t piece = count - at < PIECE ? count - at : PIECE;
        double *to = values + at * stride;
        widen(packing, packed, first + at, piece, m);
        divide(m, piece, powers[packing.exponent], to, stride);
        if (packing.marks)
            put_marks(packing, m, piece, to, stride);
    }
}
