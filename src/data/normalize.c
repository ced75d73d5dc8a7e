#include "data/normalize.h"

#include "base/memory.h"

#include <math.h>

/* What stands in place of a missing value is a value like the others. */
static double raw(const cr_encoding *encoding, const cr_dataset *dataset, size_t row,
                  size_t column)
{
    if (dataset->bytes)
        return (double)dataset->bytes[row * dataset->features + column];
    double x = (double)dataset->values[row * dataset->stride + column];
    return encoding->fill && isnan(x) ? (double)encoding->fill[column] : x;
}

/* The mean of what is there, 0 where nothing is. */
static bool fit_fill(cr_encoding *encoding, const cr_part *part, cr_error *err)
{
    size_t features = encoding->features;
    const cr_dataset *set = part->dataset;
    encoding->fill = cr_alloc(features, sizeof *encoding->fill, err);
    double *sums = cr_alloc(2 * features, sizeof *sums, err);
    for (size_t i = 0; encoding->fill && sums && i < part->count; i++)
        for (size_t j = 0; j < features; j++) {
            double x = (double)set->values[cr_part_row(part, i) * set->stride + j];
            sums[j] += isnan(x) ? 0 : x;
            sums[features + j] += !isnan(x);
        }
    for (size_t j = 0; encoding->fill && sums && j < features; j++)
        if (sums[features + j] > 0)
            encoding->fill[j] = (cr_real)(sums[j] / sums[features + j]);
    bool good = encoding->fill && sums;
    cr_free(sums);
    return good;
}

/* Sums down the columns, row by row, so that memory is read in order. */
static bool fit_standardize(cr_encoding *encoding, const cr_part *part, cr_error *err)
{
    size_t features = encoding->features;
    double *mean = cr_alloc(2 * features, sizeof *mean, err);
    if (!mean)
        return false;
    double *variance = mean + features;
    for (size_t i = 0; i < part->count; i++)
        for (size_t j = 0; j < features; j++)
            mean[j] += raw(encoding, part->dataset, cr_part_row(part, i), j);
    for (size_t j = 0; j < features; j++)
        mean[j] /= (double)part->count;
    for (size_t i = 0; i < part->count; i++)
        for (size_t j = 0; j < features; j++) {
            double d = raw(encoding, part->dataset, cr_part_row(part, i), j) - mean[j];
            variance[j] += d * d;
        }
    for (size_t j = 0; j < features; j++) {
        double deviation = sqrt(variance[j] / (double)part->count);
        encoding->shift[j] = (cr_real)mean[j];
        /* what rounding leaves of a constant column is constant too */
        encoding->scale[j] =
            (cr_real)(deviation > 1e-12 * fabs(mean[j]) ? 1.0 / deviation : 1.0);
    }
    cr_free(mean);
    return true;
}

static void fit_minmax(cr_encoding *encoding, const cr_part *part)
{
    for (size_t j = 0; j < encoding->features; j++) {
        double low = INFINITY, high = -INFINITY;
        for (size_t i = 0; i < part->count; i++) {
            double x = raw(encoding, part->dataset, cr_part_row(part, i), j);
            low = fmin(low, x);
            high = fmax(high, x);
        }
        encoding->shift[j] = (cr_real)low;
        encoding->scale[j] = (cr_real)(high > low ? 1.0 / (high - low) : 1.0);
    }
}

bool cr_encoding_fit(cr_encoding *encoding, cr_normalization kind, double divisor,
                     const cr_part *part, cr_error *err)
{
    if (encoding->missing >= CR_MISSING_MEAN && part->dataset->values &&
        !fit_fill(encoding, part, err))
        return false;
    if (kind == CR_NORMALIZE_NONE)
        return true;
    encoding->shift = cr_alloc(encoding->features, sizeof(cr_real), err);
    encoding->scale = cr_alloc(encoding->features, sizeof(cr_real), err);
    if (!encoding->shift || !encoding->scale)
        return false;
    if (kind == CR_NORMALIZE_STANDARDIZE)
        return fit_standardize(encoding, part, err);
    if (kind == CR_NORMALIZE_MINMAX)
        fit_minmax(encoding, part);
    else
        for (size_t j = 0; j < encoding->features; j++)
            encoding->scale[j] = (cr_real)(1.0 / divisor);
    return true;
}

void cr_dataset_normalize(cr_dataset *dataset, const cr_encoding *encoding)
{
    for (size_t i = 0; dataset->values && i < dataset->examples; i++)
        cr_encoding_apply(encoding, dataset->values + i * dataset->stride);
}
