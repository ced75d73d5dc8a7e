#include "data/part.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>

void cr_part_finish(cr_part *part)
{
    cr_free(part->rows);
    *part = (cr_part){0};
}

/* Marks round(fraction × n) of the rows of one class (-1: of all). */
static void mark_rows(const cr_dataset *dataset, int32_t class, double fraction,
                      uint64_t seed, uint32_t *scratch, bool *marked)
{
    size_t count = 0;
    for (size_t i = 0; i < dataset->examples; i++)
        if (class < 0 || dataset->labels[i] == class)
            scratch[count++] = (uint32_t)i;
    cr_random_shuffle(seed, CR_FOR_SPLIT, class < 0 ? 0 : (uint32_t) class, count,
                      scratch);
    size_t taken = (size_t)floor(fraction * (double)count + 0.5);
    for (size_t i = 0; i < taken; i++)
        marked[scratch[i]] = true;
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

bool cr_part_split(const cr_dataset *dataset, double fraction, bool stratify,
                   uint64_t seed, cr_part *kept, cr_part *split, cr_error *err)
{
    *kept = *split = (cr_part){0};
    bool *marked = cr_alloc(dataset->examples, sizeof *marked, err);
    uint32_t *scratch = cr_alloc(dataset->examples, sizeof *scratch, err);
    bool good = marked && scratch;
    if (good) {
        int32_t last = -1;
        for (size_t i = 0; stratify && i < dataset->examples; i++)
            last = dataset->labels[i] > last ? dataset->labels[i] : last;
        for (int32_t class = stratify ? 0 : -1; class <= last; class ++)
            mark_rows(dataset, class, fraction, seed, scratch, marked);
        good = collect(dataset, marked, false, kept, err) &&
               collect(dataset, marked, true, split, err);
    }
    cr_free(marked);
    cr_free(scratch);
    if (good && (kept->count == 0 || split->count == 0))
        good = cr_fail(err, CR_E_DATA,
                       "a fraction of %g of %zu rows leaves the %s part empty", fraction,
                       dataset->examples, kept->count ? "validation" : "training");
    if (!good) {
        cr_part_finish(kept);
        cr_part_finish(split);
    }
    return good;
}
