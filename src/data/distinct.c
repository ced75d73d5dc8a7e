#include "data/distinct.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

enum {
    FIRST_CAPACITY = 64,
    MOST = 65536,
    MOST_OF_MANY = 2048,
    MANY = 250000, /* values */
    BITS = 12,     /* of a hash that choose the register */
    REGISTERS = 1 << BITS
};

/* The finaliser of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
 * generators", 2014): every bit depends on every bit. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

/* HyperLogLog (Flajolet, Fusy, Gandouet, Meunier, 2007): of each register's hashes, the
 * most zeros at the end. */
static void estimate(cr_distinct *distinct, uint64_t hash)
{
    uint64_t rest = hash >> BITS;
    uint8_t *most = &distinct->registers[hash & (REGISTERS - 1)];
    if (rest & (((uint64_t)1 << *most) - 1))
        return; /* as nearly always: no more zeros than before */
    uint8_t zeros = 1;
    while (zeros < 64 - BITS && !(rest & 1)) {
        rest >>= 1;
        zeros++;
    }
    *most = zeros;
}

static void insert(uint64_t *set, size_t capacity, uint64_t hash, size_t *count)
{
    size_t at = hash & (capacity - 1);
    while (set[at] != 0 && set[at] != hash)
        at = (at + 1) & (capacity - 1);
    *count += set[at] == 0;
    set[at] = hash;
}

/* More room in the set, or registers in its place. */
static bool grow(cr_distinct *distinct, bool too_many, cr_error *err)
{
    size_t wanted = distinct->capacity ? 2 * distinct->capacity : FIRST_CAPACITY;
    uint64_t *set = too_many ? NULL : cr_alloc(wanted, sizeof *set, err);
    if (too_many)
        distinct->registers = cr_alloc(REGISTERS, 1, err);
    if (too_many ? !distinct->registers : !set)
        return false;
    size_t count = 0;
    for (size_t i = 0; i < distinct->capacity; i++) {
        if (distinct->set[i] == 0)
            continue;
        if (too_many)
            estimate(distinct, distinct->set[i]);
        else
            insert(set, wanted, distinct->set[i], &count);
    }
    cr_free(distinct->set);
    distinct->set = set;
    distinct->capacity = too_many ? 0 : wanted;
    return true;
}

static bool add(cr_distinct *distinct, uint64_t hash, cr_error *err)
{
    hash += hash == 0;
    if (distinct->registers) {
        estimate(distinct, hash);
        return true;
    }
    bool too_many = distinct->count >= MOST ||
                    (distinct->count >= MOST_OF_MANY && distinct->added >= MANY);
    if ((too_many || 2 * distinct->count >= distinct->capacity) &&
        !grow(distinct, too_many, err))
        return false;
    distinct->added++;
    if (distinct->registers)
        estimate(distinct, hash);
    else
        insert(distinct->set, distinct->capacity, hash, &distinct->count);
    return true;
}

bool cr_distinct_add_text(cr_distinct *distinct, const char *text, size_t length,
                          cr_error *err)
{
    uint64_t hash = length;
    while (length > 0) {
        uint64_t part = 0;
        size_t step = length < sizeof part ? length : sizeof part;
        memcpy(&part, text, step);
        hash = mix(hash ^ part) + 0x9E3779B97F4A7C15u;
        text += step;
        length -= step;
    }
    return add(distinct, mix(hash), err);
}

bool cr_distinct_add_number(cr_distinct *distinct, double number, cr_error *err)
{
    uint64_t bits = 0;
    double plain = number + 0.0; /* -0 is 0 */
    memcpy(&bits, &plain, sizeof bits);
    return add(distinct, mix(bits + 0x9E3779B97F4A7C15u), err);
}

double cr_distinct_count(const cr_distinct *distinct, bool *exact)
{
    *exact = !distinct->registers;
    if (*exact)
        return (double)distinct->count;
    double sum = 0, empty = 0, m = REGISTERS;
    for (size_t i = 0; i < REGISTERS; i++) {
        sum += ldexp(1, -(int)distinct->registers[i]);
        empty += distinct->registers[i] == 0;
    }
    double found = 0.7213 / (1 + 1.079 / m) * m * m / sum;
    return empty > 0 && found <= 2.5 * m ? m * log(m / empty) : found;
}

void cr_distinct_finish(cr_distinct *distinct)
{
    cr_free(distinct->set);
    cr_free(distinct->registers);
    *distinct = (cr_distinct){0};
}
