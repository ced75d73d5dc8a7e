/* Columns that alone give the target away. */
#include "base/memory.h"
#include "data/association.h"
#include "data/oddity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    FEWEST = 20,     /* rows that show something */
    MANY = 100,      /* rows that a good column would not part by luck */
    FEW_OF_CLASS = 5 /* rows of all classes but the largest */
};

/* How well the classes can be told by a column's values. */
typedef struct purity {
    size_t rows;   /* where both are present */
    size_t others; /* rows that are not of the largest class */
    size_t errors; /* when each value, or bin of values, stands for its largest class */
} purity;

/* With bins of so many rows in the order of the values; 0: every value is one. */
static purity measure(const cr_tally *x, const cr_tally *y, size_t bin_rows)
{
    purity p = {0};
    size_t k = y->different, bins = bin_rows ? x->present / bin_rows + 1 : x->different;
    size_t *before = cr_alloc(x->different + 1, sizeof *before, NULL);
    size_t size = 0;
    size_t *counts = cr_memory_multiply(bins + 1, k, &size)
                         ? cr_alloc(size, sizeof *counts, NULL)
                         : NULL; /* the last bin: all rows */
    for (size_t i = 0; before && i < x->rows; i++)
        if (x->codes[i] >= 0)
            before[x->codes[i] + 1]++;
    for (size_t i = 0; before && i < x->different; i++)
        before[i + 1] += before[i];
    for (size_t i = 0; before && counts && i < x->rows; i++) {
        if (x->codes[i] < 0 || y->codes[i] < 0)
            continue;
        size_t code = (size_t)x->codes[i];
        size_t bin = bin_rows ? before[code] / bin_rows : code;
        counts[bin * k + (size_t)y->codes[i]]++;
        counts[bins * k + (size_t)y->codes[i]]++;
        p.rows++;
    }
    for (size_t i = 0; before && counts && i <= bins; i++) {
        size_t sum = 0, most = 0;
        for (size_t j = 0; j < k; j++) {
            sum += counts[i * k + j];
            most = counts[i * k + j] > most ? counts[i * k + j] : most;
        }
        *(i < bins ? &p.errors : &p.others) += sum - most;
    }
    cr_free(before);
    cr_free(counts);
    return p;
}

static bool is_leak(const purity *p)
{
    return p->rows >= FEWEST && p->others >= FEW_OF_CLASS && p->errors * 100 <= p->others;
}

/* The rows in the order of x's values: order[present]. Returns their number. */
static size_t sort_rows(const cr_tally *x, size_t *order)
{
    size_t *next = cr_alloc(x->different + 1, sizeof *next, NULL), count = 0;
    if (!next)
        return 0;
    for (size_t i = 0; i < x->rows; i++)
        if (x->codes[i] >= 0)
            next[x->codes[i] + 1]++;
    for (size_t k = 0; k < x->different; k++)
        next[k + 1] += next[k];
    for (size_t i = 0; i < x->rows; i++)
        if (x->codes[i] >= 0) {
            order[next[x->codes[i]]++] = i;
            count++;
        }
    cr_free(next);
    return count;
}

/* Whether thresholds part the classes: going up, each begins once. */
static bool is_parted(const cr_tally *x, const cr_tally *y)
{
    size_t *order = cr_alloc(x->rows, sizeof *order, NULL), runs = 0;
    int32_t last = -1, last_value = -1;
    size_t count = order ? sort_rows(x, order) : 0;
    bool shared = false; /* a value that two classes have */
    for (size_t i = 0; i < count; i++) {
        int32_t class = y->codes[order[i]], value = x->codes[order[i]];
        if (class < 0)
            continue;
        shared |= class != last && value == last_value;
        runs += class != last;
        last = class;
        last_value = value;
    }
    cr_free(order);
    return runs == y->different && !shared;
}

/* Whether another column of numbers tells the classes nearly as well: then the target is
 * easy, and given away by none. */
static bool has_equals(const cr_look *look, size_t column, const purity *own)
{
    const cr_tally *y = &look->tallies[look->target];
    for (size_t i = 0; i < look->columns; i++) {
        const cr_tally *x = &look->tallies[i];
        if (i == column || look->roles[i] == CR_LOOK_LEFT_OUT ||
            look->roles[i] == CR_LOOK_TARGET || !x->numeric)
            continue;
        purity p = measure(x, y, x->present / 20 + 1);
        double rank = cr_association_spearman(x, &look->tallies[column]);
        bool of_all = p.others * 2 >= own->others; /* not of gaps alone */
        if (of_all && p.errors * 50 <= own->others && !(fabs(rank) > 0.999))
            return true;
    }
    return false;
}

/* Whether the gaps alone tell the classes, as those of a cause of death do. */
static bool is_leak_of_gaps(const cr_tally *x, const cr_tally *y)
{
    cr_tally gaps = {.rows = x->rows, .present = x->rows, .different = 2};
    gaps.codes = cr_alloc(x->rows, sizeof *gaps.codes, NULL);
    for (size_t i = 0; gaps.codes && i < x->rows; i++)
        gaps.codes[i] = x->codes[i] < 0;
    purity p = {0};
    if (gaps.codes && x->present > 0 && x->present < x->rows)
        p = measure(&gaps, y, 0);
    cr_tally_finish(&gaps);
    return is_leak(&p);
}

static bool say(const cr_look *look, size_t column, cr_oddity *found)
{
    const cr_tally *t = &look->tallies[column], *y = &look->tallies[look->target];
    char name[CR_ODDITY_NAME];
    size_t row = 0;
    while (row + 1 < t->rows && (t->codes[row] < 0 || y->codes[row] < 0))
        row++;
    found->what = "it alone gives the target away";
    found->so =
        "will new rows have it before the target is known? If not, leave it out with";
    cr_oddity_show(look, column, row, found);
    size_t used = strlen(found->seen);
    snprintf(found->seen + used, sizeof found->seen - used, " for %s \"%.40s\"",
             cr_oddity_name(look, look->target, name),
             cr_sample_cell(look->sample, row, look->target));
    return true;
}

bool cr_oddity_leak_of_class(const cr_look *look, size_t column, cr_oddity *found)
{
    if (!look->classify || look->target == look->columns ||
        cr_oddity_count_inputs(look) < 2)
        return false;
    const cr_tally *x = &look->tallies[column], *y = &look->tallies[look->target];
    bool few = x->different * 3 <= x->present;
    if (y->different > 1 && is_leak_of_gaps(x, y))
        return say(look, column, found);
    bool hopeless = x->different < 2 || y->different < 2 || (!few && !x->numeric);
    if (hopeless || cr_oddity_is_date(look, column)) /* times may part a sorted table */
        return false;
    purity p = measure(x, y, 0);
    if (!is_leak(&p) || (!few && !is_parted(x, y)))
        return false;
    bool a_code = few && (!x->numeric || x->different == y->different);
    bool alone = a_code || (p.rows >= MANY && !has_equals(look, column, &p));
    return alone && say(look, column, found);
}

bool cr_oddity_leak_of_number(const cr_look *look, size_t column, cr_oddity *found)
{
    if (look->classify || look->target == look->columns ||
        cr_oddity_count_inputs(look) < 2)
        return false;
    const cr_tally *x = &look->tallies[column], *y = &look->tallies[look->target];
    size_t both = cr_association_pairs(x, y);
    if (both < FEWEST || y->different < FEW_OF_CLASS || x->different < 2 ||
        (!x->numeric && x->different * 3 > x->present) || cr_oddity_is_date(look, column))
        return false;
    double strength = cr_association_find(x, y, false);
    return strength > 0.999 && say(look, column, found);
}
