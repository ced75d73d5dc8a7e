#include "data/normalize.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

/* Columns of raw numbers, row by row: features or targets. */
typedef struct columns {
    const cr_part *part;
    const cr_encoding *encoding;
    bool targets;
    size_t count;
    double *row; /* [count] scratch */
} columns;

/* Row i of the part, valid until the next. What stands in place of a missing value is a
 * value like the others. */
static const double *raw_row(const columns *c, size_t i)
{
    const cr_dataset *set = c->part->dataset;
    const double *fill = c->targets ? NULL : c->encoding->fill;
    size_t row = cr_part_row(c->part, i);
    if (set->label_values && c->targets)
        c->row[0] = (double)set->label_values[row];
    for (size_t j = 0; set->bytes && !c->targets && j < c->count; j++)
        c->row[j] = (double)set->bytes[row * set->features + j];
    if (!set->raw)
        return c->row;
    const double *values = set->raw + row * set->raw_stride;
    if (c->targets)
        return values + c->encoding->input_count;
    cr_encoding_expand(c->encoding, values, c->row);
    for (size_t j = 0; fill && j < c->count; j++)
        c->row[j] = isnan(c->row[j]) ? fill[j] : c->row[j];
    return c->row;
}

/* The mean of what is there, 0 where nothing is. */
static bool fit_fill(const columns *c, double *fill, cr_error *err)
{
    size_t *counts = cr_alloc(c->count, sizeof *counts, err);
    if (!counts)
        return false;
    for (size_t i = 0; i < c->part->count; i++) {
        const double *row = raw_row(c, i);
        for (size_t j = 0; j < c->count; j++) {
            fill[j] += isnan(row[j]) ? 0 : row[j];
            counts[j] += isnan(row[j]) ? 0 : 1;
        }
    }
    for (size_t j = 0; j < c->count; j++)
        fill[j] = counts[j] > 0 ? fill[j] / (double)counts[j] : 0;
    cr_free(counts);
    return true;
}

/* Sums down the columns, row by row, so that memory is read in order. */
static void fit_standardize(const columns *c, double *mean, double *scale)
{
    double n = (double)c->part->count;
    /* the mean as the first row and what the others differ from it by: a constant column,
     * however large, then has a deviation of exactly 0 */
    memcpy(mean, raw_row(c, 0), c->count * sizeof *mean);
    for (size_t j = 0; j < c->count; j++)
        scale[j] = 0;
    for (size_t i = 1; i < c->part->count; i++) {
        const double *row = raw_row(c, i);
        for (size_t j = 0; j < c->count; j++)
            scale[j] += row[j] - mean[j];
    }
    for (size_t j = 0; j < c->count; j++) {
        mean[j] += scale[j] / n;
        scale[j] = 0;
    }
    for (size_t i = 0; i < c->part->count; i++) {
        const double *row = raw_row(c, i);
        for (size_t j = 0; j < c->count; j++)
            scale[j] += (row[j] - mean[j]) * (row[j] - mean[j]);
    }
    for (size_t j = 0; j < c->count; j++) {
        double deviation = sqrt(scale[j] / n);
        scale[j] = deviation > 0 ? 1 / deviation : 1;
    }
}

static void fit_minmax(const columns *c, double *low, double *scale)
{
    for (size_t j = 0; j < c->count; j++) {
        low[j] = INFINITY;
        scale[j] = -INFINITY;
    }
    for (size_t i = 0; i < c->part->count; i++) {
        const double *row = raw_row(c, i);
        for (size_t j = 0; j < c->count; j++) {
            low[j] = fmin(low[j], row[j]);
            scale[j] = fmax(scale[j], row[j]);
        }
    }
    for (size_t j = 0; j < c->count; j++)
        scale[j] = scale[j] > low[j] ? 1 / (scale[j] - low[j]) : 1;
}

static bool fit(const columns *c, cr_normalization kind, double divisor, double **shift,
                double **scale, cr_error *err)
{
    if (kind == CR_NORMALIZE_NONE)
        return true;
    *shift = cr_alloc(c->count, sizeof **shift, err);
    *scale = cr_alloc(c->count, sizeof **scale, err);
    if (!*shift || !*scale)
        return false;
    if (kind == CR_NORMALIZE_STANDARDIZE)
        fit_standardize(c, *shift, *scale);
    else if (kind == CR_NORMALIZE_MINMAX)
        fit_minmax(c, *shift, *scale);
    else
        for (size_t j = 0; j < c->count; j++)
            (*scale)[j] = 1 / divisor;
    return true;
}

bool cr_normalize_fit(cr_encoding *encoding, cr_normalization kind, double divisor,
                      const cr_part *part, cr_error *err)
{
    columns c = {part, encoding, false, encoding->features, NULL};
    bool fills = encoding->missing >= CR_MISSING_MEAN && part->dataset->raw;
    c.row = cr_alloc(c.count, sizeof *c.row, err);
    bool good = c.row != NULL;
    if (good && fills) {
        double *fill = cr_alloc(c.count, sizeof *fill, err);
        good = fill && fit_fill(&c, fill, err);
        encoding->fill = fill;
    }
    good = good && fit(&c, kind, divisor, &encoding->shift, &encoding->scale, err);
    cr_free(c.row);
    return good;
}

bool cr_normalize_fit_targets(cr_encoding *encoding, cr_normalization kind,
                              double divisor, const cr_part *part, cr_error *err)
{
    columns c = {part, encoding, true, encoding->target_count, NULL};
    c.row = cr_alloc(c.count, sizeof *c.row, err);
    bool good = c.row && fit(&c, kind, divisor, &encoding->target_shift,
                             &encoding->target_scale, err);
    cr_free(c.row);
    return good;
}

static cr_real normalize_target(const cr_encoding *encoding, size_t j, double target)
{
    return (cr_real)(encoding->target_scale ? (target - encoding->target_shift[j]) *
                                                  encoding->target_scale[j]
                                            : target);
}

static bool normalize_table(cr_dataset *set, const cr_encoding *encoding, cr_error *err)
{
    size_t stride = set->features + set->target_count, values = 0;
    double *row = cr_alloc(set->features, sizeof *row, err);
    if (row && cr_memory_multiply(set->examples, stride, &values))
        set->values = cr_alloc(values, sizeof *set->values, err);
    set->stride = stride;
    for (size_t i = 0; set->values && i < set->examples; i++) {
        const double *raw = set->raw + i * set->raw_stride;
        cr_real *to = set->values + i * stride;
        cr_encoding_expand(encoding, raw, row);
        cr_encoding_apply(encoding, row, to);
        for (size_t j = 0; j < set->target_count; j++)
            to[set->features + j] =
                normalize_target(encoding, j, raw[encoding->input_count + j]);
    }
    cr_free(row);
    if (!set->values)
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    cr_free(set->raw);
    set->raw = NULL;
    if (set->target_count > 0) {
        set->targets = set->values + set->features;
        set->target_stride = stride;
    }
    return true;
}

static bool normalize_images(cr_dataset *set, const cr_encoding *encoding, cr_error *err)
{
    for (size_t i = 0; set->label_values && i < set->examples; i++)
        set->label_values[i] =
            normalize_target(encoding, 0, (double)set->label_values[i]);
    if (!encoding->shift)
        return true;
    set->shift = cr_alloc(set->features, sizeof *set->shift, err);
    set->scale = cr_alloc(set->features, sizeof *set->scale, err);
    for (size_t j = 0; set->shift && set->scale && j < set->features; j++) {
        set->shift[j] = (cr_real)encoding->shift[j];
        set->scale[j] = (cr_real)encoding->scale[j];
    }
    return set->shift && set->scale;
}

bool cr_normalize_dataset(cr_dataset *dataset, const cr_encoding *encoding, cr_error *err)
{
    if (dataset->raw)
        return normalize_table(dataset, encoding, err);
    return !dataset->bytes || normalize_images(dataset, encoding, err);
}
