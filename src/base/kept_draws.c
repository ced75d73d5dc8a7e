#include "base/kept_draws.h"

#include "base/memory.h"

#include <string.h>

/* Streams that are kept, of each the first draws; of more, training takes so long that
 * they do not matter. An even number is made at a time. */
enum { STREAMS = 16, MOST = 16384, AT_A_TIME = 256 };

typedef struct stream {
    uint64_t seed;
    uint32_t name;
    double *draws; /* [count] */
    size_t count, capacity;
    uint64_t used; /* when it was asked for last; 0: never */
} stream;

struct cr_kept_draws {
    stream streams[STREAMS];
    uint64_t asked;
};

cr_kept_draws *cr_kept_draws_create(cr_error *err)
{
    return cr_alloc(1, sizeof(cr_kept_draws), err);
}

void cr_kept_draws_destroy(cr_kept_draws *kept)
{
    for (size_t i = 0; kept && i < STREAMS; i++)
        cr_free(kept->streams[i].draws);
    cr_free(kept);
}

/* The stream, or the one that was not asked for the longest, in whose place it comes. */
static stream *find(cr_kept_draws *kept, uint64_t seed, uint32_t name)
{
    stream *oldest = &kept->streams[0];
    for (size_t i = 0; i < STREAMS; i++) {
        stream *s = &kept->streams[i];
        if (s->used > 0 && s->seed == seed && s->name == name)
            return s;
        if (s->used < oldest->used)
            oldest = s;
    }
    oldest->seed = seed;
    oldest->name = name;
    oldest->count = 0;
    return oldest;
}

/* Makes the stream's draws up to `count`. */
static bool extend(stream *s, size_t count)
{
    if (count > MOST ||
        !cr_reserve(&s->draws, &s->capacity, count + AT_A_TIME, sizeof *s->draws, NULL))
        return false;
    for (; s->count < count; s->count += AT_A_TIME)
        cr_random_normal(s->seed, CR_FOR_INIT, s->name, s->count, AT_A_TIME,
                         s->draws + s->count);
    return true;
}

void cr_kept_draws_normal(cr_kept_draws *kept, uint64_t seed, uint32_t name,
                          uint64_t first, size_t count, double *out)
{
    stream *s = kept && first < MOST && count <= MOST ? find(kept, seed, name) : NULL;
    if (s)
        s->used = ++kept->asked;
    if (s && extend(s, (size_t)first + count))
        memcpy(out, s->draws + first, count * sizeof *out);
    else
        cr_random_normal(seed, CR_FOR_INIT, name, first, count, out);
}
