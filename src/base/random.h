/*
 * Random numbers as a pure function of (seed, purpose, stream, counter).
 *
 * There is no generator and so no state to save: the same four numbers give the same
 * draw, whoever asks, in whatever order, on whatever thread. The function is
 * Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2,
 * 3", SC 2011): the seed is its key; counter, stream and purpose are its 128-bit counter.
 */
#ifndef CHAINRULE_BASE_RANDOM_H
#define CHAINRULE_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* What a draw is for; draws for different purposes never meet. The values are part of
 * what makes a run repeatable: append, never renumber. */
typedef enum cr_purpose {
    CR_FOR_INIT =
        1, /* stream: the tensor's name (cr_random_stream), counter: the element */
    CR_FOR_SHUFFLE = 2, /* stream: the epoch, times shards, plus the shard */
    CR_FOR_SPLIT = 3,   /* stream: the class, or 0 */
    CR_FOR_CHECK = 4,   /* the gradient check's sample of elements */
    CR_FOR_SWEEP = 5,   /* stream: the parameter's path, counter: the setting */
    CR_FOR_DROPOUT = 6, /* stream: the layer's name, counter: step, row and unit */
    CR_FOR_AUGMENT = 7, /* stream: the augmentation's place, counter: step and row of the
                           dataset */
    CR_FOR_SEARCH = 8,  /* stream: 0, counter: the setting and the candidate for it */
} cr_purpose;

/* Four independent uniform 32-bit words. */
void cr_random_block(uint64_t seed, cr_purpose purpose, uint32_t stream, uint64_t counter,
                     uint32_t out[4]);

/* The blocks of counters first to first + blocks, several at a time: out[4 blocks]. */
void cr_random_blocks(uint64_t seed, cr_purpose purpose, uint32_t stream, uint64_t first,
                      size_t blocks, uint32_t *out);

/* A stream for a name: FNV-1a, so that a tensor's first values depend on its own name
 * alone and not on where it stands in the config. */
uint32_t cr_random_stream(const char *name);

/* out[i], i < count: elements first + i of the stream's normal draws, mean 0 and standard
 * deviation 1 (Box-Muller on 53-bit uniforms, in double). first is even. */
void cr_random_normal(uint64_t seed, cr_purpose purpose, uint32_t stream, uint64_t first,
                      size_t count, double *out);

/* The same for uniform draws in [0, 1). */
void cr_random_uniform(uint64_t seed, cr_purpose purpose, uint32_t stream, uint64_t first,
                       size_t count, double *out);

/* Shuffles rows[0..count) in place (Fisher-Yates); each order is equally likely to within
 * count / 2⁶⁴. */
void cr_random_shuffle(uint64_t seed, cr_purpose purpose, uint32_t stream, size_t count,
                       uint32_t *rows);

#endif
