#include "math/kernel.h"

#include "base/processor.h"
#include "base/size.h"
#include "math/vectors.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

void cr_kernel_fill_rows(size_t rows, size_t columns, const cr_real *b, cr_real *y)
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

void cr_kernel_add_rows(size_t rows, size_t columns, const cr_real *b,
                        cr_real *restrict y)
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

enum { SUMS = 8, BLOCK = SUMS * CR_VECTORS_LANES }; /* columns that are summed at once */

/* sum[j] = Σ_i x[i][j] for a vector's columns or more, up to `most` vectors. A vector that
 * they do not fill begins earlier; those that are too many do the last once more. */
static inline void sum_block(size_t most, size_t rows, size_t columns, size_t width,
                             const cr_real *restrict x, cr_real sum[BLOCK])
{
    cr_vector sums[SUMS];
    size_t at[SUMS];
    CR_UNROLL
    for (size_t v = 0; v < most; v++) {
        at[v] = cr_size_smaller(v * CR_VECTORS_LANES, width - CR_VECTORS_LANES);
        sums[v] = (cr_vector){0};
    }
    for (size_t i = 0; i < rows; i++, x += columns) {
        CR_UNROLL
        for (size_t v = 0; v < most; v++)
            sums[v] += *(const cr_vector *)(x + at[v]);
    }
    CR_UNROLL
    for (size_t v = 0; v < most; v++)
        *(cr_vector *)(sum + at[v]) = sums[v];
}

/* The same for fewer columns than a vector has. */
static inline void sum_few(size_t rows, size_t columns, size_t width,
                           const cr_real *restrict x, cr_real sum[BLOCK])
{
    cr_real sums[CR_VECTORS_LANES] = {0};
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < width; j++)
            sums[j] += x[i * columns + j];
    memcpy(sum, sums, width * sizeof *sum);
}

void cr_kernel_sum_rows(size_t rows, size_t columns, double alpha,
                        const cr_real *restrict x, double beta, cr_real *restrict sums)
{
    const cr_real a = (cr_real)alpha, b = (cr_real)beta;
    for (size_t first = 0; first < columns; first += BLOCK) {
        size_t width = cr_size_smaller(columns - first, BLOCK);
        cr_real sum[BLOCK];
        if (width > BLOCK / 2) /* a number that is known is unrolled */
            sum_block(SUMS, rows, columns, width, x + first, sum);
        else if (width >= CR_VECTORS_LANES)
            sum_block(SUMS / 2, rows, columns, width, x + first, sum);
        else if (columns == 3)
            sum_few(rows, 3, 3, x, sum);
        else if (columns == 10 && CR_VECTORS_LANES > 10)
            sum_few(rows, 10, 10, x, sum);
        else
            sum_few(rows, columns, width, x + first, sum);
        for (size_t j = 0; j < width; j++)
            sums[first + j] = b == 0 ? a * sum[j] : a * sum[j] + b * sums[first + j];
    }
}

#ifdef CR_FLOAT64

void cr_kernel_exp(size_t n, cr_real *x)
{
    for (size_t i = 0; i < n; i++)
        x[i] = exp(x[i]);
}

void cr_kernel_tanh(size_t n, const cr_real *restrict x, cr_real *restrict y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = tanh(x[i]);
}

void cr_kernel_expm1(size_t n, const cr_real *x, cr_real *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = expm1(x[i]);
}

void cr_kernel_softplus(size_t n, const cr_real *x, cr_real *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = (x[i] > 0 ? x[i] : 0) + log1p(exp(-fabs(x[i])));
}

void cr_kernel_normal(size_t n, const cr_real *restrict x, cr_real *restrict share,
                      cr_real *restrict density)
{
    const double root_half = 0.70710678118654752440, scale = 0.39894228040143267794;
    for (size_t i = 0; i < n; i++) {
        share[i] = 0.5 * erfc(-x[i] * root_half);
        density[i] = scale * exp(-0.5 * x[i] * x[i]);
    }
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
    float shifted = cr_multiply_add(x, 1.44269504f, shift);
    float n = shifted - shift;
    float r = cr_multiply_add(n, -0.693359375f, x);
    r = cr_multiply_add(n, 2.12194440e-4f, r);
    float p = 1.0f / 5040;
    p = cr_multiply_add(p, r, 1.0f / 720);
    p = cr_multiply_add(p, r, 1.0f / 120);
    p = cr_multiply_add(p, r, 1.0f / 24);
    p = cr_multiply_add(p, r, 1.0f / 6);
    p = cr_multiply_add(p, r, 0.5f);
    p = cr_multiply_add(p, r, 1);
    p = cr_multiply_add(p, r, 1);
    union {
        float number;
        uint32_t bits;
    } power = {.number = shifted};
    power.bits = (power.bits + 127)
                 << 23; /* the rest of shifted's bits leaves at the top */
    return p * power.number;
}

void cr_kernel_exp(size_t n, cr_real *x)
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
    p = cr_multiply_add(p, z, -1382.0f / 155925);
    p = cr_multiply_add(p, z, 62.0f / 2835);
    p = cr_multiply_add(p, z, -17.0f / 315);
    p = cr_multiply_add(p, z, 2.0f / 15);
    p = cr_multiply_add(p, z, -1.0f / 3);
    return a < near ? x + x * z * p : copysignf(far, x);
}

void cr_kernel_tanh(size_t n, const cr_real *restrict x, cr_real *restrict y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = hyperbolic_tangent(x[i]);
}

/* Near 0 the Taylor polynomial, whose remainder is below 2e-8 of it there. */
void cr_kernel_expm1(size_t n, const cr_real *x, cr_real *y)
{
    const float near = 0.35f;
    for (size_t i = 0; i < n; i++) {
        float v = x[i], p = 1.0f / 5040;
        p = cr_multiply_add(p, v, 1.0f / 720);
        p = cr_multiply_add(p, v, 1.0f / 120);
        p = cr_multiply_add(p, v, 1.0f / 24);
        p = cr_multiply_add(p, v, 1.0f / 6);
        p = cr_multiply_add(p, v, 0.5f);
        float far = exponential(v) - 1;
        y[i] = v < near && v > -near ? v + v * v * p : far;
    }
}

/*
 * max(x, 0) + log(1 + u) with u = exp(−|x|) ≤ 1, and log(1 + u) = 2 artanh(s), s = u / (2
 * + u) ≤ 1/3: seven terms of artanh's series, the next below 2e-8 of it.
 */
void cr_kernel_softplus(size_t n, const cr_real *x, cr_real *y)
{
    for (size_t i = 0; i < n; i++) {
        float u = exponential(-fabsf(x[i]));
        float s = u / (2 + u), z = s * s, p = 1.0f / 13;
        p = cr_multiply_add(p, z, 1.0f / 11);
        p = cr_multiply_add(p, z, 1.0f / 9);
        p = cr_multiply_add(p, z, 1.0f / 7);
        p = cr_multiply_add(p, z, 1.0f / 5);
        p = cr_multiply_add(p, z, 1.0f / 3);
        y[i] = (x[i] > 0 ? x[i] : 0) + 2 * s * (1 + z * p);
    }
}

/*
 * Φ(−a) = exp(−a² / 2) t p(t) for a ≥ 0, with t = 1 / (1 + 0.3 a). p was fitted to
 * SciPy's erfcx(a / √2) / 2t at Chebyshev's points of a in [0, 14]: degree 9, relative
 * error below 5e-9.
 */
void cr_kernel_normal(size_t n, const cr_real *restrict x, cr_real *restrict share,
                      cr_real *restrict density)
{
    const float zero = 12.5f, scale = 0.398942280f;
    for (size_t i = 0; i < n; i++) {
        float a = fabsf(x[i]), t = 1 / (1 + 0.3f * a), p = -0.0208782610f;
        float bell = exponential(-0.5f * a * a);
        p = cr_multiply_add(p, t, 0.113806516f);
        p = cr_multiply_add(p, t, -0.231400286f);
        p = cr_multiply_add(p, t, 0.195974185f);
        p = cr_multiply_add(p, t, -0.0828475504f);
        p = cr_multiply_add(p, t, 0.0979556972f);
        p = cr_multiply_add(p, t, 0.0777838585f);
        p = cr_multiply_add(p, t, 0.110361191f);
        p = cr_multiply_add(p, t, 0.119557241f);
        p = cr_multiply_add(p, t, 0.119687407f);
        float below = bell * t * p;
        below = a > zero ? 0 : below;
        share[i] = x[i] > 0 ? 1 - below : below;
        density[i] = a > zero ? 0 : scale * bell;
    }
}

#endif

void cr_kernel_sigmoid(size_t n, const cr_real *x, cr_real *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = -x[i];
    cr_kernel_exp(n, y);
    for (size_t i = 0; i < n; i++)
        y[i] = 1 / (1 + y[i]);
}

double cr_kernel_sum_squares(size_t n, const cr_real *x)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sum;
}

enum { PARTIAL = 1024 }; /* values of a partial sum */

double cr_kernel_sum_from(size_t n, const cr_real *x, cr_real origin)
{
    double sum = 0;
    for (size_t first = 0; first < n; first += PARTIAL) {
        size_t end = n - first < PARTIAL ? n : first + PARTIAL;
        cr_real part = 0;
#pragma omp simd reduction(+ : part)
        for (size_t i = first; i < end; i++)
            part += x[i] - origin;
        sum += (double)part;
    }
    return sum;
}

double cr_kernel_squares_from(size_t n, const cr_real *x, cr_real origin)
{
    double sum = 0;
    for (size_t first = 0; first < n; first += PARTIAL) {
        size_t end = n - first < PARTIAL ? n : first + PARTIAL;
        cr_real part = 0;
#pragma omp simd reduction(+ : part)
        for (size_t i = first; i < end; i++)
            part += (x[i] - origin) * (x[i] - origin);
        sum += (double)part;
    }
    return sum;
}

double cr_kernel_products_from(size_t n, const cr_real *a, const cr_real *x,
                               cr_real origin)
{
    double sum = 0;
    for (size_t first = 0; first < n; first += PARTIAL) {
        size_t end = n - first < PARTIAL ? n : first + PARTIAL;
        cr_real part = 0;
#pragma omp simd reduction(+ : part)
        for (size_t i = first; i < end; i++)
            part += a[i] * (x[i] - origin);
        sum += (double)part;
    }
    return sum;
}

bool cr_kernel_all_finite(size_t n, const cr_real *x)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

size_t cr_kernel_argmax(size_t count, const cr_real *scores)
{
    size_t highest = 0;
    for (size_t j = 1; j < count; j++)
        if (scores[j] > scores[highest])
            highest = j;
    return highest;
}
