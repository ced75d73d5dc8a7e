#include "data/normalize.h"

#include "base/memory.h"

#include <math.h>

/* Columns of raw numbers, row by row: features or targets. Each `together` of them, one
 * behind the other, are normalised alike. */
typedef struct columns {
    const cr_raw *raw;
    const cr_part *part;
    const cr_encoding *encoding;
    bool targets;
    size_t count, together;
    double *row;           /* [count] scratch */
    cr_numbers_view *view; /* of the raw numbers; NULL where there are none */
} columns;

/* Row i of the part, valid until the next. What stands in place of a missing value is a
 * value like the others. */
static const double *raw_row(const columns *c, size_t i)
{
    const cr_raw *raw = c->raw;
    const double *fill = c->encoding->fill;
    size_t row = cr_part_row(c->part, i);
    if (c->targets)
        return cr_numbers_row(c->view, row) + raw->input_count;
    if (raw->bytes) {
        const uint8_t *bytes = raw->bytes + row * c->count;
        for (size_t j = 0; j < c->count; j++)
            c->row[j] = (double)bytes[j];
        return c->row;
    }
    cr_encoding_expand(c->encoding, cr_numbers_row(c->view, row), c->row);
    for (size_t j = 0; fill && j < c->count; j++)
        c->row[j] = isnan(c->row[j]) ? fill[j] : c->row[j];
    return c->row;
}

/* The mean of what is there, 0 where nothing is: the first value and what the others
 * differ from it by, so that a constant column's mean is exactly its value. */
static bool fit_fill(const columns *c, double *fill, cr_error *err)
{
    size_t *counts = cr_alloc(c->count, sizeof *counts, err);
    double *differences = cr_alloc(c->count, sizeof *differences, err);
    for (size_t i = 0; counts && differences && i < c->part->count; i++) {
        const double *row = raw_row(c, i);
        for (size_t j = 0; j < c->count; j++) {
            if (isnan(row[j]))
                continue;
            if (counts[j]++ == 0)
                fill[j] = row[j];
            differences[j] += row[j] - fill[j];
        }
    }
    for (size_t j = 0; counts && differences && j < c->count; j++)
        fill[j] += counts[j] > 0 ? differences[j] / (double)counts[j] : 0;
    bool good = counts && differences;
    cr_free(counts);
    cr_free(differences);
    return good;
}

static double add(double a, double b)
{
    return a + b;
}

/* Of the values of columns that are normalised alike, all become one, by the function. */
static void join(const columns *c, double *values, double (*with)(double, double))
{
    for (size_t first = 0; first < c->count; first += c->together) {
        double *group = values + first;
        for (size_t j = 1; j < c->together; j++)
            group[0] = with(group[0], group[j]);
        for (size_t j = 1; j < c->together; j++)
            group[j] = group[0];
    }
}

/* Sums down the columns, row by row, so that memory is read in order. */
static void fit_standardize(const columns *c, double *mean, double *scale)
{
    double n = (double)c->part->count * (double)c->together;
    /* the mean as a first value and what all differ from it by: a constant column, however
     * large, then has a deviation of exactly 0 */
    const double *first = raw_row(c, 0);
    for (size_t j = 0; j < c->count; j++) {
        mean[j] = first[j - j % c->together];
        scale[j] = 0;
    }
    for (size_t i = 0; i < c->part->count; i++) {
        const double *row = raw_row(c, i);
        for (size_t j = 0; j < c->count; j++)
            scale[j] += row[j] - mean[j];
    }
    join(c, scale, add);
    for (size_t j = 0; j < c->count; j++) {
        mean[j] += scale[j] / n;
        scale[j] = 0;
    }
    for (size_t i = 0; i < c->part->count; i++) {
        const double *row = raw_row(c, i);
        for (size_t j = 0; j < c->count; j++)
            scale[j] += (row[j] - mean[j]) * (row[j] - mean[j]);
    }
    join(c, scale, add);
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
    join(c, low, fmin);
    join(c, scale, fmax);
    for (size_t j = 0; j < c->count; j++)
        scale[j] = scale[j] > low[j] ? 1 / (scale[j] - low[j]) : 1;
}

/* A number for all columns, or one for each `together` of them. */
static void spread(const columns *c, const cr_json *figure, double *values)
{
    const cr_json *item = cr_json_first(figure);
    for (size_t j = 0; j < c->count; j++) {
        if (item && j > 0 && j % c->together == 0)
            item = cr_json_next(item);
        values[j] = cr_json_number(item ? item : figure);
    }
}

static void fit_given(const columns *c, const cr_normalization *how, double *mean,
                      double *scale)
{
    spread(c, how->mean, mean);
    spread(c, how->std, scale);
    for (size_t j = 0; j < c->count; j++)
        scale[j] = 1 / scale[j];
}

static bool fit(const columns *c, const cr_normalization *how, double **shift,
                double **scale, cr_error *err)
{
    if (how->kind == CR_NORMALIZE_NONE)
        return true;
    *shift = cr_alloc(c->count, sizeof **shift, err);
    *scale = cr_alloc(c->count, sizeof **scale, err);
    if (!*shift || !*scale)
        return false;
    if (how->kind == CR_NORMALIZE_STANDARDIZE)
        fit_standardize(c, *shift, *scale);
    else if (how->kind == CR_NORMALIZE_MINMAX)
        fit_minmax(c, *shift, *scale);
    else if (how->kind == CR_NORMALIZE_GIVEN)
        fit_given(c, how, *shift, *scale);
    else
        for (size_t j = 0; j < c->count; j++)
            (*scale)[j] = 1 / how->divisor;
    return true;
}

bool cr_normalize_fit(cr_encoding *encoding, const cr_normalization *how,
                      const cr_raw *raw, const cr_part *part, cr_error *err)
{
    cr_numbers_view view = {0};
    columns c = {.raw = raw,
                 .part = part,
                 .encoding = encoding,
                 .count = encoding->features,
                 .together = encoding->features / cr_encoding_channels(encoding),
                 .view = &view};
    bool fills = encoding->missing >= CR_MISSING_MEAN && !raw->bytes;
    c.row = cr_alloc(c.count, sizeof *c.row, err);
    bool good =
        c.row && (!raw->numbers || cr_numbers_view_init(&view, raw->numbers, err));
    if (good && fills) {
        double *fill = cr_alloc(c.count, sizeof *fill, err);
        good = fill && fit_fill(&c, fill, err);
        encoding->fill = fill;
    }
    good = good && fit(&c, how, &encoding->shift, &encoding->scale, err);
    cr_numbers_view_finish(&view);
    cr_free(c.row);
    return good;
}

bool cr_normalize_fit_targets(cr_encoding *encoding, const cr_normalization *how,
                              const cr_raw *raw, const cr_part *part, cr_error *err)
{
    cr_numbers_view view = {0};
    const columns c = {.raw = raw,
                       .part = part,
                       .encoding = encoding,
                       .targets = true,
                       .count = encoding->target_count,
                       .together = 1,
                       .view = &view};
    bool good = !raw->numbers || cr_numbers_view_init(&view, raw->numbers, err);
    good = good && fit(&c, how, &encoding->target_shift, &encoding->target_scale, err);
    cr_numbers_view_finish(&view);
    return good;
}
