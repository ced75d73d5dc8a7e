/*
 * Groups are dealt out one after the other, each to the part that it brings nearest to
 * its share: the one where it adds least to
 *
 *     Σ_c ((found_c − wanted_c) / all_c)²
 *
 * over the classes c (one, without labels), the rows of each that the part has, wants,
 * and that there are. Without labels that is the part that lacks most rows.
 */
#include "data/group_split.h"

#include "base/memory.h"
#include "base/random.h"

#include <stdlib.h>

/* One of the parts that groups are dealt to: a fold; or what is kept, and what is split
 * off. */
typedef struct share {
    double wanted;       /* of all rows: 0 to 1 */
    size_t rows, groups; /* so far */
    uint32_t *found;     /* [classes] rows so far */
} share;

typedef struct group {
    size_t first, rows; /* in members */
    double weight;      /* Σ_c (rows of c / all rows of c)² */
    uint32_t draw;      /* its place in an order that the seed drew */
    size_t part;
} group;

typedef struct dealing {
    const cr_split_rows *rows;
    group *groups;     /* [rows->group_count] */
    uint32_t *members; /* [rows->count] the rows, group by group */
    group **order;     /* [rows->group_count] in which groups are dealt */
    share *shares;     /* [share_count] */
    size_t share_count, classes;
    uint32_t *found;   /* [share_count, classes] of all shares */
    double *all;       /* [classes] rows of each */
    uint32_t *counts;  /* [classes] of the group at hand; else 0 */
    uint32_t *present; /* [classes] those of the group at hand */
    size_t present_count;
} dealing;

static size_t class_of(const dealing *d, size_t row)
{
    return d->rows->labels ? (size_t)d->rows->labels[row] : 0;
}

static void finish(dealing *d)
{
    cr_free(d->groups);
    cr_free(d->members);
    cr_free(d->order);
    cr_free(d->shares);
    cr_free(d->found);
    cr_free(d->all);
    cr_free(d->counts);
    cr_free(d->present);
}

static bool begin(dealing *d, const cr_split *how, cr_error *err)
{
    const cr_split_rows *rows = d->rows;
    size_t size = 0;
    d->share_count = how->folds ? how->folds : 2;
    d->classes = 1;
    for (size_t i = 0; rows->labels && i < rows->count; i++)
        if ((size_t)rows->labels[i] >= d->classes)
            d->classes = (size_t)rows->labels[i] + 1;
    if (!cr_memory_multiply(d->share_count, d->classes, &size))
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    d->groups = cr_alloc(rows->group_count, sizeof *d->groups, err);
    d->members = cr_alloc(rows->count, sizeof *d->members, err);
    d->order = cr_alloc(rows->group_count, sizeof(group *), err);
    d->shares = cr_alloc(d->share_count, sizeof *d->shares, err);
    d->found = cr_alloc(size, sizeof *d->found, err);
    d->all = cr_alloc(d->classes, sizeof *d->all, err);
    d->counts = cr_alloc(d->classes, sizeof *d->counts, err);
    d->present = cr_alloc(d->classes, sizeof *d->present, err);
    if (!d->groups || !d->members || !d->order || !d->shares || !d->found || !d->all ||
        !d->counts || !d->present)
        return false;
    for (size_t i = 0; i < d->share_count; i++) {
        d->shares[i].found = d->found + i * d->classes;
        d->shares[i].wanted = how->folds ? 1 / (double)how->folds
                              : i == 1   ? how->fraction
                                         : 1 - how->fraction;
    }
    return true;
}

/* Which rows a group has. */
static void list_members(dealing *d)
{
    const cr_split_rows *rows = d->rows;
    size_t first = 0;
    for (size_t i = 0; i < rows->count; i++) {
        d->groups[rows->groups[i]].rows++;
        d->all[class_of(d, i)]++;
    }
    for (size_t g = 0; g < rows->group_count; g++) {
        d->groups[g].first = first;
        first += d->groups[g].rows;
        d->groups[g].rows = 0;
    }
    for (size_t i = 0; i < rows->count; i++) {
        group *to = &d->groups[rows->groups[i]];
        d->members[to->first + to->rows++] = (uint32_t)i;
    }
}

/* Counts the group's classes, until put_down. */
static void take_up(dealing *d, const group *g)
{
    d->present_count = 0;
    for (size_t i = 0; i < g->rows; i++) {
        size_t class = class_of(d, d->members[g->first + i]);
        if (d->counts[class]++ == 0)
            d->present[d->present_count++] = (uint32_t) class;
    }
}

static void put_down(dealing *d)
{
    for (size_t i = 0; i < d->present_count; i++)
        d->counts[d->present[i]] = 0;
}

/* What the group at hand adds to the sum of a part. */
static double added_by(const dealing *d, const share *to)
{
    double sum = 0;
    for (size_t i = 0; i < d->present_count; i++) {
        size_t class = d->present[i];
        double more = (double)d->counts[class], all = d->all[class];
        double over = (double)to->found[class] - to->wanted * all;
        sum += more * (2 * over + more) / (all * all);
    }
    return sum;
}

static int compare_groups(const void *a, const void *b)
{
    const group *x = *(group *const *)a, *y = *(group *const *)b;
    if (x->weight > y->weight || x->weight < y->weight)
        return x->weight > y->weight ? -1 : 1;
    return x->draw < y->draw ? -1 : 1;
}

/* Sorts the groups into the order in which they are dealt: as drawn; for folds the
 * weightiest first, and alike ones as drawn. */
static bool choose_order(dealing *d, const cr_split *how, cr_error *err)
{
    size_t count = d->rows->group_count;
    uint32_t *drawn = cr_alloc(count, sizeof *drawn, err);
    if (!drawn)
        return false;
    for (size_t i = 0; i < count; i++)
        drawn[i] = (uint32_t)i;
    cr_random_shuffle(how->seed, CR_FOR_SPLIT, 0, count, drawn);
    for (size_t i = 0; i < count; i++) {
        group *g = &d->groups[drawn[i]];
        g->draw = (uint32_t)i;
        d->order[i] = g;
        take_up(d, g);
        for (size_t k = 0; k < d->present_count; k++) {
            double part = (double)d->counts[d->present[k]] / d->all[d->present[k]];
            g->weight += part * part;
        }
        put_down(d);
    }
    cr_free(drawn);
    if (how->folds)
        qsort(d->order, count, sizeof(group *), compare_groups);
    return true;
}

static void give(dealing *d, group *g, size_t part)
{
    share *to = &d->shares[part];
    for (size_t i = 0; i < d->present_count; i++)
        to->found[d->present[i]] += d->counts[d->present[i]];
    to->rows += g->rows;
    to->groups++;
    g->part = part;
}

/* Gives each group to the part where it adds least; among those alike to the one with
 * fewest rows. */
static void deal(dealing *d)
{
    for (size_t i = 0; i < d->rows->group_count; i++) {
        size_t best = 0;
        take_up(d, d->order[i]);
        double least = added_by(d, &d->shares[0]);
        for (size_t part = 1; part < d->share_count; part++) {
            double sum = added_by(d, &d->shares[part]);
            if (sum < least ||
                (sum <= least && d->shares[part].rows < d->shares[best].rows)) {
                best = part;
                least = sum;
            }
        }
        give(d, d->order[i], best);
        put_down(d);
    }
}

/* A part that got nothing takes the smallest group of the part with most groups. */
static void fill_empty(dealing *d)
{
    for (size_t part = 0; part < d->share_count; part++) {
        size_t from = 0;
        group *smallest = NULL;
        for (size_t i = 1; i < d->share_count; i++)
            from = d->shares[i].groups > d->shares[from].groups ? i : from;
        for (size_t i = 0; i < d->rows->group_count && !d->shares[part].groups; i++)
            if (d->order[i]->part == from &&
                (!smallest || d->order[i]->rows < smallest->rows))
                smallest = d->order[i];
        if (!smallest)
            continue;
        smallest->part = part;
        d->shares[from].groups--;
        d->shares[part].groups++;
    }
}

bool cr_group_split_mark(const cr_split *how, const cr_split_rows *rows, bool *marked,
                         cr_error *err)
{
    if (rows->group_count < 2)
        return cr_fail(err, CR_E_DATA,
                       "all rows are of one group, so that there is none for the other "
                       "part");
    if (how->folds > rows->group_count)
        return cr_fail(err, CR_E_DATA, "%zu folds of %zu groups; take fewer folds",
                       how->folds, rows->group_count);
    dealing d = {.rows = rows};
    bool good = begin(&d, how, err);
    if (good) {
        list_members(&d);
        good = choose_order(&d, how, err);
    }
    if (good) {
        deal(&d);
        fill_empty(&d);
        size_t held = how->folds ? how->fold : 1;
        for (size_t i = 0; i < rows->count; i++)
            marked[i] = d.groups[rows->groups[i]].part == held;
    }
    finish(&d);
    return good;
}
