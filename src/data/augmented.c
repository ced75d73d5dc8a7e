#include "data/augmented.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

bool cr_augmented_init(cr_augmented *augmented, const cr_augment *augment,
                       const cr_encoding *encoding, size_t shares, cr_error *err)
{
    size_t n = encoding->features;
    *augmented =
        (cr_augmented){.augment = augment, .stride = cr_augment_scratch(augment)};
    augmented->scratch =
        cr_alloc(shares, augmented->stride * sizeof *augmented->scratch, err);
    bool good = augmented->scratch != NULL;
    if (good && encoding->shift) {
        augmented->shift = cr_alloc(n, sizeof *augmented->shift, err);
        augmented->scale = cr_alloc(n, sizeof *augmented->scale, err);
        good = augmented->shift && augmented->scale;
    }
    for (size_t j = 0; good && encoding->shift && j < n; j++) {
        augmented->shift[j] = (cr_real)encoding->shift[j];
        augmented->scale[j] = (cr_real)encoding->scale[j];
    }
    if (!good)
        cr_augmented_finish(augmented);
    return good;
}

void cr_augmented_finish(cr_augmented *augmented)
{
    cr_free(augmented->shift);
    cr_free(augmented->scale);
    cr_free(augmented->scratch);
    *augmented = (cr_augmented){0};
}

/* A row of the dataset as raw values: bytes as they are; else normalisation is taken
 * back. */
static void load(const cr_augmented *augmented, const cr_dataset *dataset, uint32_t row,
                 cr_real *restrict x)
{
    const cr_real *restrict shift = augmented->shift, *restrict scale = augmented->scale;
    size_t n = dataset->features;
    const uint8_t *restrict bytes = dataset->bytes ? dataset->bytes + row * n : NULL;
    if (bytes) {
        for (size_t j = 0; j < n; j++)
            x[j] = (cr_real)bytes[j];
        return;
    }
    cr_batch_gather(dataset, &row, 1, x, NULL);
    for (size_t j = 0; shift && j < n; j++)
        x[j] = x[j] / scale[j] + shift[j];
}

static void normalize(const cr_augmented *augmented, size_t n,
                      const cr_real *restrict raw, cr_real *restrict x)
{
    const cr_real *restrict shift = augmented->shift, *restrict scale = augmented->scale;
    if (!shift)
        memcpy(x, raw, n * sizeof *x);
    for (size_t j = 0; shift && j < n; j++)
        x[j] = (raw[j] - shift[j]) * scale[j];
}

void cr_augmented_gather(const cr_augmented *augmented, const cr_augmented_step *step,
                         const cr_dataset *dataset, const uint32_t *rows, size_t count,
                         cr_real *restrict x)
{
    const size_t n = dataset->features;
    const cr_real least = dataset->bytes ? 0 : -(cr_real)INFINITY;
    const cr_real most = dataset->bytes ? 255 : (cr_real)INFINITY;
    cr_real *scratch = augmented->scratch + step->share * augmented->stride;
    cr_augmentation_draw draws[CR_AUGMENT_MOST];
    for (size_t i = 0; i < count; i++) {
        const cr_augment_place place = {step->seed, step->step, rows[i]};
        cr_augment_draw(augmented->augment, &place, draws);
        load(augmented, dataset, rows[i], scratch);
        const cr_real *raw =
            cr_augment_apply(augmented->augment, draws, least, most, scratch);
        normalize(augmented, n, raw, x + i * n);
    }
}
