#include "math/kernels.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

void cr_fill_rows(size_t rows, size_t columns, const cr_real *b, cr_real *y)
{
    enum { CHUNK = 1024 }; /* values: copies of what is filled, up to about so long */
    size_t size = rows * columns, filled = size < columns ? size : columns;
    memcpy(y, b, filled * sizeof *b);
    while (filled < size) {
        size_t chunk =
            filled < CHUNK ? filled : (CHUNK + columns - 1) / columns * columns;
        chunk = chunk < size - filled ? chunk : size - filled;
        memcpy(y + filled, y, chunk * sizeof *b);
        filled += chunk;
    }
}

void cr_add_rows(size_t rows, size_t columns, const cr_real *b, cr_real *restrict y)
{
    enum { TILE = 512 }; /* values: short rows are taken several at a time */
    cr_real tile[TILE];
    size_t size = rows * columns, width = columns;
    const cr_real *restrict add = b;
    if (columns <= TILE / 2) {
        size_t copies = TILE / columns < rows ? TILE / columns : rows;
        width = copies * columns;
        memcpy(tile, b, columns * sizeof *b);
        for (size_t done = columns, more; done < width; done += more) {
            more = done < width - done ? done : width - done;
            memcpy(tile + done, tile, more * sizeof *b);
        }
        add = tile;
    }
    for (size_t first = 0; first < size; first += width) {
        size_t n = width < size - first ? width : size - first;
        for (size_t i = 0; i < n; i++)
            y[first + i] += add[i];
    }
}

void cr_sum_rows(size_t rows, size_t columns, double alpha, const cr_real *restrict x,
                 double beta, cr_real *restrict sums)
{
    cr_real a = (cr_real)alpha, b = (cr_real)beta;
    enum { BLOCK = 256 }; /* columns whose sums stay in cache while the rows go by */
    for (size_t first = 0; first < columns; first += BLOCK) {
        size_t width = columns - first < BLOCK ? columns - first : BLOCK;
        cr_real sum[BLOCK] = {0};
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < width; j++)
                sum[j] += x[i * columns + first + j];
        for (size_t j = 0; j < width; j++)
            sums[first + j] = b == 0 ? a * sum[j] : a * sum[j] + b * sums[first + j];
    }
}

#ifdef CR_FLOAT64

void cr_exponentials(size_t n, cr_real *x)
{
    for (size_t i = 0; i < n; i++)
        x[i] = exp(x[i]);
}

void cr_tanh(size_t n, const cr_real *restrict x, cr_real *restrict y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = tanh(x[i]);
}

#else

/*
 * exp(x) = 2ⁿ exp(r) with n the whole number nearest to x / ln 2 and |r| ≤ ln 2 / 2.
 * Adding 1.5 · 2²³ rounds to n and leaves it in the low bits; ln 2 is subtracted in two
 * parts, the first short enough for exact products (Cody and Waite: "Software manual for
 * the elementary functions", 1980). exp(r) is Taylor's polynomial of degree 7, whose
 * remainder is below 6e-9 there. Plain arithmetic, so that the loop is vectorised.
 */
static inline float exponential(float x)
{
    const float shift = 12582912.0f, low = -87.3f, high = 88.3f;
    x = x < low ? low : x; /* comparisons that leave NaN as it is */
    x = x > high ? high : x;
    float shifted = x * 1.44269504f + shift;
    float n = shifted - shift;
    float r = x - n * 0.693359375f + n * 2.12194440e-4f;
    float p = 1.0f / 5040;
    p = p * r + 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    p = p * r + 1;
    p = p * r + 1;
    union {
        float number;
        uint32_t bits;
    } power = {.number = shifted};
    power.bits = (power.bits + 127)
                 << 23; /* the rest of shifted's bits leaves at the top */
    return p * power.number;
}

void cr_exponentials(size_t n, cr_real *x)
{
    for (size_t i = 0; i < n; i++)
        x[i] = exponential(x[i]);
}

/*
 * Near 0 the Taylor polynomial of degree 13, whose remainder is below 1e-8 of tanh there;
 * beyond, 1 − 2 / (exp(2 |x|) + 1), whose rounding would be seen near 0.
 */
static inline float hyperbolic_tangent(float x)
{
    const float near = 0.4375f;
    float a = fabsf(x), z = x * x;
    float far = 1 - 2 / (exponential(2 * a) + 1);
    float p = 21844.0f / 6081075;
    p = p * z - 1382.0f / 155925;
    p = p * z + 62.0f / 2835;
    p = p * z - 17.0f / 315;
    p = p * z + 2.0f / 15;
    p = p * z - 1.0f / 3;
    return a < near ? x + x * z * p : copysignf(far, x);
}

void cr_tanh(size_t n, const cr_real *restrict x, cr_real *restrict y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = hyperbolic_tangent(x[i]);
}

#endif

void cr_sigmoid(size_t n, const cr_real *x, cr_real *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = -x[i];
    cr_exponentials(n, y);
    for (size_t i = 0; i < n; i++)
        y[i] = 1 / (1 + y[i]);
}

double cr_sum_squares(size_t n, const cr_real *x)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sum;
}

bool cr_all_finite(size_t n, const cr_real *x)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}
