#include "base/random.h"

#include <math.h>

/* The constants of Philox4x32: two multipliers and the Weyl increments of the two key
 * words. */
#define MULTIPLIER_0 0xD2511F53u
#define MULTIPLIER_1 0xCD9E8D57u
#define WEYL_0 0x9E3779B9u
#define WEYL_1 0xBB67AE85u
enum { ROUNDS = 10, CHUNK = 256 };

static inline void philox(uint64_t seed, uint32_t purpose, uint32_t stream,
                          uint64_t counter, uint32_t out[4])
{
    uint32_t key0 = (uint32_t)seed, key1 = (uint32_t)(seed >> 32);
    uint32_t c0 = (uint32_t)counter, c1 = (uint32_t)(counter >> 32);
    uint32_t c2 = stream, c3 = purpose;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t product0 = (uint64_t)MULTIPLIER_0 * c0;
        uint64_t product1 = (uint64_t)MULTIPLIER_1 * c2;
        c0 = (uint32_t)(product1 >> 32) ^ c1 ^ key0;
        c1 = (uint32_t)product1;
        c2 = (uint32_t)(product0 >> 32) ^ c3 ^ key1;
        c3 = (uint32_t)product0;
        key0 += WEYL_0;
        key1 += WEYL_1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

void cr_random_block(uint64_t seed, cr_purpose purpose, uint32_t stream, uint64_t counter,
                     uint32_t out[4])
{
    philox(seed, (uint32_t)purpose, stream, counter, out);
}

void cr_random_blocks(uint64_t seed, cr_purpose purpose, uint32_t stream, uint64_t first,
                      size_t blocks, uint32_t *out)
{
    enum { SIDE_BY_SIDE = 16 }; /* which the compiler turns into vector code */
    size_t done = 0;
    for (; done + SIDE_BY_SIDE <= blocks; done += SIDE_BY_SIDE)
        for (size_t i = 0; i < SIDE_BY_SIDE; i++)
            philox(seed, (uint32_t)purpose, stream, first + done + i,
                   out + 4 * (done + i));
    for (; done < blocks; done++)
        philox(seed, (uint32_t)purpose, stream, first + done, out + 4 * done);
}

uint32_t cr_random_stream(const char *name)
{
    uint32_t hash = 2166136261u;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    return hash;
}

/* Word pair i of the stream as 64 bits: two a block. */
static void draw_pair(uint64_t seed, cr_purpose purpose, uint32_t stream, uint64_t block,
                      uint64_t pair[2])
{
    uint32_t word[4];
    cr_random_block(seed, purpose, stream, block, word);
    pair[0] = (uint64_t)word[1] << 32 | word[0];
    pair[1] = (uint64_t)word[3] << 32 | word[2];
}

/* The top 53 bits as a fraction: [0, 1). */
static double fraction(uint64_t word)
{
    return (double)(word >> 11) * (1.0 / 9007199254740992.0);
}

void cr_random_uniform(uint64_t seed, cr_purpose purpose, uint32_t stream, uint64_t first,
                       size_t count, double *out)
{
    for (size_t i = 0; i < count; i += 2) {
        uint64_t pair[2];
        draw_pair(seed, purpose, stream, (first + i) / 2, pair);
        out[i] = fraction(pair[0]);
        if (i + 1 < count)
            out[i + 1] = fraction(pair[1]);
    }
}

void cr_random_normal(uint64_t seed, cr_purpose purpose, uint32_t stream, uint64_t first,
                      size_t count, double *out)
{
    const double two_pi = 6.28318530717958647692;
    for (size_t i = 0; i < count; i += 2) {
        uint64_t pair[2];
        draw_pair(seed, purpose, stream, (first + i) / 2, pair);
        double radius =
            sqrt(-2.0 * log(1.0 - fraction(pair[0]))); /* the log of (0, 1] exists */
        double angle = two_pi * fraction(pair[1]);
        out[i] = radius * cos(angle);
        if (i + 1 < count)
            out[i + 1] = radius * sin(angle);
    }
}

/* floor(random × n / 2⁶⁴), by halves, since n < 2³². */
static uint32_t scale(uint64_t random, uint32_t n)
{
    uint64_t low = (random & 0xFFFFFFFFu) * n;
    uint64_t high = (random >> 32) * n;
    return (uint32_t)((high + (low >> 32)) >> 32);
}

void cr_random_shuffle(uint64_t seed, cr_purpose purpose, uint32_t stream, size_t count,
                       uint32_t *rows)
{
    uint64_t
        draw[2 * CHUNK]; /* draws come in runs, so that the compiler can vectorise them */
    for (size_t done = 0; done + 1 < count; done += 2 * CHUNK) {
        size_t left = count - 1 - done;
        size_t blocks = left < 2 * CHUNK ? (left + 1) / 2 : CHUNK;
        for (size_t b = 0; b < blocks; b++)
            draw_pair(seed, purpose, stream, done / 2 + b, draw + 2 * b);
        for (size_t k = 0; k < 2 * CHUNK && k < left; k++) {
            size_t i = count - 1 - done - k;
            uint32_t j = scale(draw[k], (uint32_t)(i + 1));
            uint32_t row = rows[i];
            rows[i] = rows[j];
            rows[j] = row;
        }
    }
}
