#include "data/batch.h"

#include "base/memory.h"
#include "base/processor.h"
#include "base/random.h"

#include <string.h>

void cr_batch_order(const cr_part *part, bool shuffle, uint64_t seed, size_t epoch,
                    uint32_t *order)
{
    const cr_batch_range all = {0, part->count, (uint32_t)epoch};
    cr_batch_order_range(part, &all, shuffle, seed, order);
}

void cr_batch_order_range(const cr_part *part, const cr_batch_range *range, bool shuffle,
                          uint64_t seed, uint32_t *order)
{
    for (size_t i = 0; i < range->count; i++)
        order[i] = (uint32_t)cr_part_row(part, range->first + i);
    if (shuffle)
        cr_random_shuffle(seed, CR_FOR_SHUFFLE, range->stream, range->count, order);
}

static void convert_bytes(const cr_dataset *dataset, const uint8_t *restrict bytes,
                          cr_real *restrict x)
{
    const cr_real *restrict shift = dataset->shift, *restrict scale = dataset->scale;
    size_t features = dataset->features;
    if (!shift) {
        for (size_t j = 0; j < features; j++)
            x[j] = (cr_real)bytes[j];
        return;
    }
    for (size_t j = 0; j < features; j++)
        x[j] = ((cr_real)bytes[j] - shift[j]) * scale[j];
}

/* Rows come in any order, so the processor cannot foresee them. What is far beyond a
 * row's beginning it can. */
static void prefetch(const void *row, size_t bytes)
{
    enum { LINE = CR_ALIGNMENT, MOST = 16 * LINE };
    for (size_t at = 0; at < bytes && at < MOST; at += LINE)
        CR_PREFETCH((const char *)row + at);
}

void cr_batch_targets(const cr_dataset *dataset, const uint32_t *rows, size_t count,
                      const cr_targets *targets)
{
    for (size_t i = 0; targets && targets->labels && i < count; i++)
        targets->labels[i] = dataset->labels[rows[i]];
    for (size_t i = 0; targets && targets->weights && i < count; i++)
        targets->weights[i] = dataset->weights ? dataset->weights[rows[i]] : 1;
    for (size_t i = 0; targets && targets->values && i < count; i++)
        memcpy(targets->values + i * targets->width,
               dataset->targets + rows[i] * dataset->target_stride,
               targets->width * sizeof *targets->values);
}

void cr_batch_gather(const cr_dataset *dataset, const uint32_t *rows, size_t count,
                     cr_real *restrict x, const cr_targets *targets)
{
    enum { AHEAD = 4 }; /* rows */
    size_t features = dataset->features, stride = dataset->stride;
    cr_batch_targets(dataset, rows, count, targets);
    for (size_t i = 0; dataset->bytes && i < count; i++) {
        if (i + AHEAD < count)
            prefetch(dataset->bytes + rows[i + AHEAD] * features, features);
        convert_bytes(dataset, dataset->bytes + rows[i] * features, x + i * features);
    }
    for (size_t i = 0; !dataset->bytes && dataset->values && i < count; i++) {
        if (i + AHEAD < count)
            prefetch(dataset->values + rows[i + AHEAD] * stride, features * sizeof *x);
        memcpy(x + i * features, dataset->values + rows[i] * stride,
               features * sizeof *x);
    }
}
