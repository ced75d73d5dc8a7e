#include "data/association.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 10 };

/* The codes of x as bins: as they are, or of equal frequency; those of missing cells are
 * the last. Returns their number, 0 when out of memory. */
static size_t put_into_bins(const cr_tally *x, int32_t *bins)
{
    size_t missing = x->rows > x->present, count = x->different;
    size_t *before = cr_alloc(x->different + 1, sizeof *before, NULL);
    if (!before)
        return 0;
    for (size_t i = 0; i < x->rows; i++)
        if (x->codes[i] >= 0)
            before[x->codes[i] + 1]++;
    for (size_t k = 0; k < x->different; k++)
        before[k + 1] += before[k];
    bool grouped = x->numeric && x->different > BINS;
    count = grouped ? BINS : count;
    for (size_t i = 0; i < x->rows; i++) {
        size_t code = x->codes[i] >= 0 ? (size_t)x->codes[i] : 0;
        /* the bin of the middle of those alike, so that they stay together */
        size_t middle = (before[code] + before[code + 1]) / 2;
        bins[i] = x->codes[i] < 0 ? (int32_t)count
                  : grouped       ? (int32_t)(middle * BINS / x->present)
                                  : x->codes[i];
    }
    cr_free(before);
    return count + missing;
}

/* Σ c ln c of counts, and how many are not 0. */
static double sum_logs(const size_t *counts, size_t count, size_t *used)
{
    double sum = 0;
    *used = 0;
    for (size_t i = 0; i < count; i++)
        if (counts[i] > 0) {
            sum += (double)counts[i] * log((double)counts[i]);
            ++*used;
        }
    return sum;
}

/* n × the mean of the mutual information over all orders of the rows of one bin of x with
 * one class: Σ k ln(n k / ab) P(k), where P is hypergeometric. */
static double expect_cell(size_t a, size_t b, size_t n)
{
    double x = (double)a, y = (double)b, total = (double)n, sum = 0;
    size_t first = a + b > n ? a + b - n : 0, last = a < b ? a : b;
    double k = (double)first;
    double p = exp(lgamma(x + 1) + lgamma(y + 1) + lgamma(total - x + 1) +
                   lgamma(total - y + 1) - lgamma(total + 1) - lgamma(k + 1) -
                   lgamma(x - k + 1) - lgamma(y - k + 1) - lgamma(total - x - y + k + 1));
    for (size_t i = first; i <= last; i++, k++) {
        if (i > 0)
            sum += k * log(total * k / (x * y)) * p;
        p *= (x - k) * (y - k) / ((k + 1) * (total - x - y + k + 1));
    }
    return sum;
}

static int compare_sizes(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* What chance gives to words: sizes[a], which are sorted, and classes[b] are their
 * rows. */
static double expect_words(size_t *sizes, size_t a, const size_t *classes, size_t b,
                           size_t n)
{
    double sum = 0;
    qsort(sizes, a, sizeof *sizes, compare_sizes);
    for (size_t i = 0, end = 0; i < a; i = end) { /* words of one frequency are alike */
        double one = 0;
        for (end = i; end < a && sizes[end] == sizes[i]; end++) {
        }
        for (size_t j = 0; j < b && sizes[i] > 0; j++)
            one += classes[j] > 0 ? expect_cell(sizes[i], classes[j], n) : 0;
        sum += (double)(end - i) * one;
    }
    return sum;
}

/* Of bins and classes of n rows, whose joint counts are cells [a, b]; rows[a + b] is
 * scratch, zeros. */
static double of_counts(const size_t *cells, size_t a, size_t b, bool words, size_t *rows)
{
    size_t *columns = rows + a;
    size_t n = 0, used_rows = 0, used_columns = 0, used = 0;
    for (size_t i = 0; i < a * b; i++) {
        rows[i / b] += cells[i];
        columns[i % b] += cells[i];
        n += cells[i];
    }
    double of_rows = sum_logs(rows, a, &used_rows);
    double of_columns = sum_logs(columns, b, &used_columns);
    double joint = sum_logs(cells, a * b, &used);
    double total = (double)n * log((double)n); /* as all of them, times n */
    double entropy = total - of_columns,
           information = joint - of_rows - of_columns + total;
    double chance = words ? expect_words(rows, a, columns, b, n)
                          : (double)(used_rows - 1) * (double)(used_columns - 1) / 2;
    if (used_columns < 2)
        return NAN;
    return entropy - chance > 1e-9 * entropy
               ? fmax(0, fmin(1, (information - chance) / (entropy - chance)))
               : 0;
}

static double of_classes(const cr_tally *x, const cr_tally *y)
{
    int32_t *bins = cr_alloc(x->rows, sizeof *bins, NULL);
    size_t a = bins ? put_into_bins(x, bins) : 0, b = y->different, size = 0;
    size_t *counts = cr_memory_multiply(a, b, &size) && size > 0
                         ? cr_alloc(size + a + b, sizeof *counts, NULL)
                         : NULL;
    double found = NAN;
    for (size_t i = 0; counts && i < x->rows; i++)
        if (y->codes[i] >= 0)
            counts[(size_t)bins[i] * b + (size_t)y->codes[i]]++;
    if (counts)
        found = of_counts(counts, a, b, !x->numeric, counts + size);
    cr_free(counts);
    cr_free(bins);
    return found;
}

/* Sums of pairs, in one pass (Welford). */
typedef struct pairs {
    size_t n;
    double x, y, xx, yy, xy;
} pairs;

static void add_pair(pairs *p, double x, double y)
{
    p->n++;
    double dx = x - p->x, dy = y - p->y, n = (double)p->n;
    p->x += dx / n;
    p->y += dy / n;
    p->xx += dx * (x - p->x);
    p->yy += dy * (y - p->y);
    p->xy += dx * (y - p->y);
}

static double correlation(const pairs *p)
{
    double size = sqrt(p->xx) * sqrt(p->yy);
    return size > 0 ? fmax(-1, fmin(1, p->xy / size)) : (double)NAN;
}

size_t cr_association_pairs(const cr_tally *x, const cr_tally *y)
{
    size_t both = 0;
    for (size_t i = 0; i < x->rows; i++)
        both += x->codes[i] >= 0 && y->codes[i] >= 0;
    return both;
}

static double pearson_of(const cr_tally *x, const cr_tally *y)
{
    pairs p = {0};
    for (size_t i = 0; i < x->rows; i++)
        if (!isnan(x->values[i]) && !isnan(y->values[i]))
            add_pair(&p, x->values[i], y->values[i]);
    return correlation(&p);
}

/* The mean rank of each code among the rows where both are numbers: ranks[different]. */
static double *find_ranks(const cr_tally *x, const cr_tally *y)
{
    double *ranks = cr_alloc(x->different, sizeof *ranks, NULL);
    if (!ranks)
        return NULL;
    for (size_t i = 0; i < x->rows; i++)
        if (!isnan(x->values[i]) && !isnan(y->values[i]))
            ranks[x->codes[i]]++;
    double before = 0;
    for (size_t k = 0; k < x->different; k++) {
        double count = ranks[k];
        ranks[k] = before + (count + 1) / 2;
        before += count;
    }
    return ranks;
}

double cr_association_spearman(const cr_tally *x, const cr_tally *y)
{
    double *of_x = find_ranks(x, y), *of_y = find_ranks(y, x);
    pairs p = {0};
    for (size_t i = 0; of_x && of_y && i < x->rows; i++)
        if (!isnan(x->values[i]) && !isnan(y->values[i]))
            add_pair(&p, of_x[x->codes[i]], of_y[y->codes[i]]);
    cr_free(of_x);
    cr_free(of_y);
    return correlation(&p);
}

/* ε² = 1 − (1 − η²)(n − 1) / (n − k). */
static double of_words(const cr_tally *x, const cr_tally *y)
{
    struct group {
        double count, mean;
    } *groups = cr_alloc(x->different, sizeof *groups, NULL);
    double n = 0, mean = 0, all = 0, within = 0, used = 0;
    for (size_t i = 0; groups && i < x->rows; i++) {
        if (x->codes[i] < 0 || isnan(y->values[i]))
            continue;
        struct group *g = &groups[x->codes[i]];
        double d = y->values[i] - mean, e = y->values[i] - g->mean;
        used += g->count == 0;
        mean += d / ++n;
        all += d * (y->values[i] - mean);
        g->mean += e / ++g->count;
        within += e * (y->values[i] - g->mean);
    }
    bool known = groups && all > 0 && used > 1 && n > used;
    cr_free(groups);
    double left = known ? within / all * (n - 1) / (n - used) : (double)NAN;
    return known ? sqrt(fmax(0, 1 - left)) : groups && all > 0 ? 0 : (double)NAN;
}

double cr_association_find(const cr_tally *x, const cr_tally *y, bool classify)
{
    if (x->different < 2 || y->different < 2)
        return NAN;
    if (classify)
        return of_classes(x, y);
    if (!x->numeric)
        return of_words(x, y);
    double pearson = fabs(pearson_of(x, y));
    double spearman = fabs(cr_association_spearman(x, y));
    return fmax(pearson, spearman);
}
