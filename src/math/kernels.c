#include "math/kernels.h"

#include <math.h>
#include <string.h>

void cr_fill_rows(size_t rows, size_t columns, const cr_real *b, cr_real *y)
{
    for (size_t i = 0; i < rows; i++)
        memcpy(y + i * columns, b, columns * sizeof *b);
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
