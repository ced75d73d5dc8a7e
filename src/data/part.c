#include "data/part.h"

#include "base/memory.h"
#include "base/random.h"
#include "data/group_split.h"

#include <math.h>

void cr_part_finish(cr_part *part)
{
    if (part->mapped)
        cr_memory_unmap(part->rows, part->count * sizeof *part->rows);
    else
        cr_free(part->rows);
    *part = (cr_part){0};
}

/* The rows class by class, each in the dataset's order: those of class c are
 * rows[starts[c]..starts[c + 1]). Without labels, all are of class 0. Returns starts,
 * which the caller frees. */
static size_t *group_rows(size_t count, const int32_t *labels, size_t *classes,
                          uint32_t *rows, cr_error *err)
{
    *classes = 1;
    for (size_t i = 0; labels && i < count; i++)
        if ((size_t)labels[i] >= *classes)
            *classes = (size_t)labels[i] + 1;
    size_t *starts = cr_alloc(*classes + 2, sizeof *starts, err);
    if (!starts)
        return NULL;
    size_t *next = starts + 1; /* counts first; then where the class's next row goes,
                                  which ends up where the class behind it begins */
    for (size_t i = 0; i < count; i++)
        next[1 + (labels ? labels[i] : 0)]++;
    for (size_t c = 0; c < *classes; c++)
        next[c + 1] += next[c];
    for (size_t i = 0; i < count; i++)
        rows[next[labels ? labels[i] : 0]++] = (uint32_t)i;
    return starts;
}

/* Marks round(fraction × n) of every class, or, with folds, every folds-th row of the
 * classes one behind the other, so that neither the folds nor their classes differ by
 * more than one row. */
static bool mark_drawn(const cr_split *how, const cr_split_rows *all, bool *marked,
                       cr_error *err)
{
    size_t classes = 0;
    uint32_t *scratch = cr_alloc(all->count, sizeof *scratch, err);
    size_t *starts =
        scratch ? group_rows(all->count, all->labels, &classes, scratch, err) : NULL;
    for (size_t c = 0; starts && c < classes; c++) {
        uint32_t *rows = scratch + starts[c];
        size_t of_class = starts[c + 1] - starts[c];
        size_t taken = (size_t)floor(how->fraction * (double)of_class + 0.5);
        cr_random_shuffle(how->seed, CR_FOR_SPLIT, (uint32_t)c, of_class, rows);
        for (size_t i = 0; i < of_class; i++)
            marked[rows[i]] =
                how->folds ? (starts[c] + i) % how->folds == how->fold : i < taken;
    }
    cr_free(scratch);
    cr_free(starts);
    return starts != NULL;
}

/* Marks the rows that are split off. */
static bool mark_rows(const cr_split *how, const cr_split_rows *rows, bool *marked,
                      cr_error *err)
{
    if (rows->groups)
        return cr_group_split_mark(how, rows, marked, err);
    size_t taken = (size_t)floor(how->last * (double)rows->count + 0.5);
    for (size_t i = rows->count - taken; i < rows->count; i++)
        marked[i] = true;
    return how->last > 0 || mark_drawn(how, rows, marked, err);
}

static bool collect(size_t rows, const bool *marked, bool wanted, cr_part *part,
                    cr_error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < rows; i++)
        count += marked[i] == wanted;
    part->rows = cr_alloc_raw(count, sizeof *part->rows, err);
    for (size_t i = 0; part->rows && i < rows; i++)
        if (marked[i] == wanted)
            part->rows[part->count++] = (uint32_t)i;
    return part->rows != NULL;
}

bool cr_part_split(const cr_split *how, const cr_split_rows *rows, cr_part *kept,
                   cr_part *held, cr_error *err)
{
    size_t count = rows->count;
    *kept = *held = (cr_part){0};
    if (how->folds > count)
        return cr_fail(err, CR_E_DATA, "%zu folds of %zu rows; take fewer folds",
                       how->folds, count);
    bool *marked = cr_alloc(count, sizeof *marked, err);
    bool good = marked && mark_rows(how, rows, marked, err) &&
                collect(count, marked, false, kept, err) &&
                collect(count, marked, true, held, err);
    cr_free(marked);
    if (good && (kept->count == 0 || held->count == 0))
        good = cr_fail(err, CR_E_DATA,
                       "a fraction of %g of %zu rows leaves the %s part empty",
                       how->last > 0 ? how->last : how->fraction, count,
                       kept->count ? "validation" : "training");
    if (!good) {
        cr_part_finish(kept);
        cr_part_finish(held);
    }
    return good;
}

double cr_part_weight(const cr_part *part)
{
    const double *weights = part->dataset ? part->dataset->weights : NULL;
    double sum = 0;
    for (size_t i = 0; weights && i < part->count; i++)
        sum += weights[cr_part_row(part, i)];
    return weights ? sum : (double)part->count;
}

bool cr_part_check_weights(const cr_part *part, const char *name, cr_error *err)
{
    return !part->dataset || cr_part_weight(part) > 0 ||
           cr_fail(err, CR_E_DATA,
                   "the weights of all %zu rows of the %s data are 0: nothing is left to "
                   "learn from or to judge by",
                   part->count, name);
}
