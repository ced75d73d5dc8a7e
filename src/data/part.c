#include "data/part.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>

void cr_part_finish(cr_part *part)
{
    cr_free(part->rows);
    *part = (cr_part){0};
}

/* The rows class by class, each in the dataset's order: those of class c are
 * rows[starts[c]..starts[c + 1]). Without stratify, all are of class 0. Returns starts,
 * which the caller frees. */
static size_t *group_rows(const cr_dataset *dataset, bool stratify, size_t *classes,
                          uint32_t *rows, cr_error *err)
{
    *classes = 1;
    for (size_t i = 0; stratify && i < dataset->examples; i++)
        if ((size_t)dataset->labels[i] >= *classes)
            *classes = (size_t)dataset->labels[i] + 1;
    size_t *starts = cr_alloc(*classes + 2, sizeof *starts, err);
    if (!starts)
        return NULL;
    size_t *next = starts + 1; /* counts first; then where the class's next row goes,
                                  which ends up where the class behind it begins */
    for (size_t i = 0; i < dataset->examples; i++)
        next[1 + (stratify ? dataset->labels[i] : 0)]++;
    for (size_t c = 0; c < *classes; c++)
        next[c + 1] += next[c];
    for (size_t i = 0; i < dataset->examples; i++)
        rows[next[stratify ? dataset->labels[i] : 0]++] = (uint32_t)i;
    return starts;
}

/* What is split off: round(fraction × n) rows of every class, or, with folds, every
 * folds-th row of the classes one behind the other, so that neither the folds nor their
 * classes differ by more than one row. */
typedef struct share {
    double fraction;
    size_t fold, folds;
} share;

/* Marks the rows of the share. */
static bool mark_rows(const cr_dataset *dataset, const share *s, bool stratify,
                      uint64_t seed, uint32_t *scratch, bool *marked, cr_error *err)
{
    size_t classes = 0;
    size_t *starts = group_rows(dataset, stratify, &classes, scratch, err);
    for (size_t c = 0; starts && c < classes; c++) {
        uint32_t *rows = scratch + starts[c];
        size_t count = starts[c + 1] - starts[c];
        size_t taken = (size_t)floor(s->fraction * (double)count + 0.5);
        cr_random_shuffle(seed, CR_FOR_SPLIT, (uint32_t)c, count, rows);
        for (size_t i = 0; i < count; i++)
            marked[rows[i]] =
                s->folds ? (starts[c] + i) % s->folds == s->fold : i < taken;
    }
    cr_free(starts);
    return starts != NULL;
}

static bool collect(const cr_dataset *dataset, const bool *marked, bool wanted,
                    cr_part *part, cr_error *err)
{
    *part = (cr_part){.dataset = dataset};
    part->rows = cr_alloc(dataset->examples, sizeof *part->rows, err);
    for (size_t i = 0; part->rows && i < dataset->examples; i++)
        if (marked[i] == wanted)
            part->rows[part->count++] = (uint32_t)i;
    return part->rows != NULL;
}

static bool split_share(const cr_dataset *dataset, const share *s, bool stratify,
                        uint64_t seed, cr_part *kept, cr_part *split, cr_error *err)
{
    *kept = *split = (cr_part){0};
    if (s->folds > dataset->examples)
        return cr_fail(err, CR_E_DATA, "%zu folds of %zu rows; take fewer folds",
                       s->folds, dataset->examples);
    bool *marked = cr_alloc(dataset->examples, sizeof *marked, err);
    uint32_t *scratch = cr_alloc(dataset->examples, sizeof *scratch, err);
    bool good = marked && scratch &&
                mark_rows(dataset, s, stratify, seed, scratch, marked, err) &&
                collect(dataset, marked, false, kept, err) &&
                collect(dataset, marked, true, split, err);
    cr_free(marked);
    cr_free(scratch);
    if (good && (kept->count == 0 || split->count == 0)) {
        cr_fail(err, CR_E_DATA, "a fraction of %g of %zu rows leaves the %s part empty",
                s->fraction, dataset->examples, kept->count ? "validation" : "training");
        good = false;
    }
    if (!good) {
        cr_part_finish(kept);
        cr_part_finish(split);
    }
    return good;
}

bool cr_part_split(const cr_dataset *dataset, double fraction, bool stratify,
                   uint64_t seed, cr_part *kept, cr_part *split, cr_error *err)
{
    const share s = {.fraction = fraction};
    return split_share(dataset, &s, stratify, seed, kept, split, err);
}

bool cr_part_fold(const cr_dataset *dataset, size_t fold, size_t folds, bool stratify,
                  uint64_t seed, cr_part *kept, cr_part *split, cr_error *err)
{
    const share s = {.fold = fold, .folds = folds};
    return split_share(dataset, &s, stratify, seed, kept, split, err);
}
