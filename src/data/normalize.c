#include "data/normalize.h"

#include "base/memory.h"

#include <math.h>

/* Columns of numbers, row by row: features or targets. */
typedef struct columns {
    const cr_dataset *dataset;
    const cr_encoding *encoding;
    bool targets;
    size_t count;
} columns;

/* What stands in place of a missing value is a value like the others. */
static double raw(const columns *c, size_t row, size_t column)
{
    const cr_dataset *set = c->dataset;
    if (c->targets)
        return (double)cr_dataset_target(set, row * set->target_count + column);
    if (set->bytes)
        return (double)set->bytes[row * set->features + column];
    double x = (double)set->values[row * set->stride + column];
    return c->encoding->fill && isnan(x) ? (double)c->encoding->fill[column] : x;
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
static bool fit_standardize(const columns *c, const cr_part *part, cr_real *shift,
                            cr_real *scale, cr_error *err)
{
    double *mean = cr_alloc(2 * c->count, sizeof *mean, err);
    if (!mean)
        return false;
    double *variance = mean + c->count;
    for (size_t i = 0; i < part->count; i++)
        for (size_t j = 0; j < c->count; j++)
            mean[j] += raw(c, cr_part_row(part, i), j);
    for (size_t j = 0; j < c->count; j++)
        mean[j] /= (double)part->count;
    for (size_t i = 0; i < part->count; i++)
        for (size_t j = 0; j < c->count; j++) {
            double d = raw(c, cr_part_row(part, i), j) - mean[j];
            variance[j] += d * d;
        }
    for (size_t j = 0; j < c->count; j++) {
        double deviation = sqrt(variance[j] / (double)part->count);
        shift[j] = (cr_real)mean[j];
        /* what rounding leaves of a constant column is constant too */
        scale[j] = (cr_real)(deviation > 1e-12 * fabs(mean[j]) ? 1.0 / deviation : 1.0);
    }
    cr_free(mean);
    return true;
}

static void fit_minmax(const columns *c, const cr_part *part, cr_real *shift,
                       cr_real *scale)
{
    for (size_t j = 0; j < c->count; j++) {
        double low = INFINITY, high = -INFINITY;
        for (size_t i = 0; i < part->count; i++) {
            double x = raw(c, cr_part_row(part, i), j);
            low = fmin(low, x);
            high = fmax(high, x);
        }
        shift[j] = (cr_real)low;
        scale[j] = (cr_real)(high > low ? 1.0 / (high - low) : 1.0);
    }
}

static bool fit(const columns *c, cr_normalization kind, double divisor,
                const cr_part *part, cr_real **shift, cr_real **scale, cr_error *err)
{
    if (kind == CR_NORMALIZE_NONE)
        return true;
    *shift = cr_alloc(c->count, sizeof(cr_real), err);
    *scale = cr_alloc(c->count, sizeof(cr_real), err);
    if (!*shift || !*scale)
        return false;
    if (kind == CR_NORMALIZE_STANDARDIZE)
        return fit_standardize(c, part, *shift, *scale, err);
    if (kind == CR_NORMALIZE_MINMAX)
        fit_minmax(c, part, *shift, *scale);
    else
        for (size_t j = 0; j < c->count; j++)
            (*scale)[j] = (cr_real)(1.0 / divisor);
    return true;
}

bool cr_encoding_fit(cr_encoding *encoding, cr_normalization kind, double divisor,
                     const cr_part *part, cr_error *err)
{
    const columns c = {part->dataset, encoding, false, encoding->features};
    if (encoding->missing >= CR_MISSING_MEAN && part->dataset->values &&
        !fit_fill(encoding, part, err))
        return false;
    return fit(&c, kind, divisor, part, &encoding->shift, &encoding->scale, err);
}

bool cr_encoding_fit_targets(cr_encoding *encoding, cr_normalization kind, double divisor,
                             const cr_part *part, cr_error *err)
{
    const columns c = {part->dataset, encoding, true, encoding->target_count};
    return fit(&c, kind, divisor, part, &encoding->target_shift, &encoding->target_scale,
               err);
}

static void normalize_targets(const cr_encoding *encoding, cr_real *targets)
{
    for (size_t j = 0; j < encoding->target_count; j++)
        targets[j] = (targets[j] - encoding->target_shift[j]) * encoding->target_scale[j];
}

void cr_dataset_normalize(cr_dataset *dataset, const cr_encoding *encoding)
{
    bool targets = encoding->target_scale && dataset->targets;
    for (size_t i = 0; dataset->values && i < dataset->examples; i++) {
        cr_real *row = dataset->values + i * dataset->stride;
        cr_encoding_apply(encoding, row);
        if (targets)
            normalize_targets(encoding, row + dataset->features);
    }
    for (size_t i = 0; targets && dataset->label_values && i < dataset->examples; i++)
        normalize_targets(encoding, dataset->label_values + i);
}
