#include "base/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

cr_hash cr_hash_bytes(cr_hash before, const void *bytes, size_t length)
{
    XXH128_hash_t h = XXH3_128bits_withSeed(bytes, length, before.low);
    return (cr_hash){h.low64, h.high64 ^ before.high};
}

cr_hash cr_hash_text(cr_hash before, const char *text)
{
    return cr_hash_bytes(before, text, strlen(text));
}

const char *cr_hash_format(cr_hash hash, char out[CR_HASH_TEXT])
{
    snprintf(out, CR_HASH_TEXT, "%016" PRIx64 "%016" PRIx64, hash.high, hash.low);
    return out;
}

int cr_hash_compare(cr_hash a, cr_hash b)
{
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return (a.low > b.low) - (a.low < b.low);
}
