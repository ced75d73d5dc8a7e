#include "data/batch.h"

#include "base/random.h"

#include <string.h>

void cr_batch_order(const cr_part *part, bool shuffle, uint64_t seed, size_t epoch,
                    uint32_t *order)
{
    for (size_t i = 0; i < part->count; i++)
        order[i] = (uint32_t)cr_part_row(part, i);
    if (shuffle)
        cr_random_shuffle(seed, CR_FOR_SHUFFLE, (uint32_t)epoch, part->count, order);
}

static void convert_bytes(const uint8_t *restrict bytes, const cr_encoding *encoding,
                          size_t features, cr_real *restrict x)
{
    if (!encoding->shift) {
        for (size_t j = 0; j < features; j++)
            x[j] = (cr_real)bytes[j];
        return;
    }
    const cr_real *restrict shift = encoding->shift, *restrict scale = encoding->scale;
    for (size_t j = 0; j < features; j++)
        x[j] = ((cr_real)bytes[j] - shift[j]) * scale[j];
}

void cr_batch_gather(const cr_dataset *dataset, const cr_encoding *encoding,
                     const uint32_t *rows, size_t count, cr_real *restrict x,
                     const cr_targets *targets)
{
    size_t features = dataset->features;
    for (size_t i = 0; i < count; i++) {
        size_t row = rows[i];
        if (dataset->bytes)
            convert_bytes(dataset->bytes + row * features, encoding, features,
                          x + i * features);
        else
            memcpy(x + i * features, dataset->values + row * dataset->stride,
                   features * sizeof *x);
    }
    for (size_t i = 0; targets && targets->labels && i < count; i++)
        targets->labels[i] = dataset->labels[rows[i]];
    for (size_t i = 0; targets && targets->values && i < count; i++)
        memcpy(targets->values + i * targets->width,
               dataset->targets + rows[i] * dataset->target_stride,
               targets->width * sizeof *x);
}
