#include "measure/curve.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

bool cr_curve_init(cr_curve *curve, size_t capacity, cr_error *err)
{
    *curve = (cr_curve){.capacity = capacity};
    curve->examples = cr_alloc_raw(capacity, sizeof *curve->examples, err);
    return curve->examples != NULL;
}

void cr_curve_finish(cr_curve *curve)
{
    cr_free(curve->examples);
    *curve = (cr_curve){0};
}

void cr_curve_clear(cr_curve *curve)
{
    curve->count = 0;
    curve->weight = curve->positives = 0;
    curve->is_sorted = curve->has_nan = false;
}

void cr_curve_add(cr_curve *curve, double score, bool positive, double weight)
{
    if (weight == 0)
        return;
    curve->examples[curve->count++] = (cr_scored){score, weight, positive};
    curve->weight += weight;
    curve->positives += positive ? weight : 0;
    curve->has_nan |= isnan(score);
    curve->is_sorted = false;
}

static int highest_first(const void *a, const void *b)
{
    const cr_scored *x = a, *y = b;
    return x->score > y->score ? -1 : x->score < y->score;
}

void cr_curve_sort(cr_curve *curve)
{
    if (!curve->is_sorted)
        qsort(curve->examples, curve->count, sizeof *curve->examples, highest_first);
    curve->is_sorted = true;
}

size_t cr_curve_end(const cr_curve *curve, size_t first)
{
    size_t end = first + 1;
    while (end < curve->count &&
           curve->examples[end].score == curve->examples[first].score)
        end++;
    return end;
}

/* The weights of some examples. */
typedef struct amounts {
    double all, positive;
} amounts;

static amounts add_up(const cr_curve *curve, size_t first, size_t end)
{
    amounts sum = {0};
    for (size_t i = first; i < end; i++) {
        sum.all += curve->examples[i].weight;
        sum.positive += curve->examples[i].positive ? curve->examples[i].weight : 0;
    }
    return sum;
}

double cr_curve_auc(cr_curve *curve)
{
    double p = curve->positives, q = curve->weight - curve->positives, below = q;
    double pairs = 0; /* with the positive one above; halves, so that the sum is exact */
    if (curve->has_nan || p == 0 || q == 0)
        return NAN;
    cr_curve_sort(curve);
    for (size_t first = 0, end = 0; first < curve->count; first = end) {
        end = cr_curve_end(curve, first);
        const amounts among = add_up(curve, first, end);
        double others = among.all - among.positive;
        below -= others;
        pairs += among.positive * (below + others / 2);
    }
    return pairs / (p * q);
}

double cr_curve_average_precision(cr_curve *curve)
{
    amounts found = {0};
    double sum = 0;
    if (curve->has_nan || curve->positives == 0)
        return NAN;
    cr_curve_sort(curve);
    for (size_t first = 0, end = 0; first < curve->count; first = end) {
        end = cr_curve_end(curve, first);
        const amounts among = add_up(curve, first, end);
        found.all += among.all;
        found.positive += among.positive;
        sum += among.positive * (found.positive / found.all);
    }
    return sum / curve->positives;
}

double cr_curve_average_precision_below(cr_curve *curve)
{
    amounts found = {0};
    double sum = 0, others = curve->weight - curve->positives;
    if (curve->has_nan || others == 0)
        return NAN;
    cr_curve_sort(curve);
    for (size_t end = curve->count, first = end; end > 0; end = first) {
        while (first > 0 &&
               curve->examples[first - 1].score == curve->examples[end - 1].score)
            first--;
        const amounts among = add_up(curve, first, end);
        found.all += among.all;
        found.positive += among.positive;
        sum += (among.all - among.positive) * ((found.all - found.positive) / found.all);
    }
    return sum / others;
}
