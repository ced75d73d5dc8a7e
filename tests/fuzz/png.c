/* PNG files. Their checksums are mended first, or nothing behind them would be reached. */
#include "picture.h"

#include <zlib.h>

enum { SIGNATURE = 8, HEAD = 8, SUM = 4 };

static size_t read_length(const uint8_t *p)
{
    return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
}

static void mend(uint8_t *bytes, size_t size)
{
    size_t at = SIGNATURE;
    while (size > at + HEAD + SUM) {
        size_t length = read_length(bytes + at);
        if (length > size - at - HEAD - SUM)
            return;
        unsigned long sum = crc32(0, bytes + at + 4, (unsigned)(length + 4));
        uint8_t *to = bytes + at + HEAD + length;
        for (int i = 0; i < SUM; i++)
            to[i] = (uint8_t)(sum >> (24 - 8 * i));
        at += HEAD + length + SUM;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    FUZZ_CHECK(copy);
    memcpy(copy, bytes, size);
    mend(copy, size);
    picture_check(copy, size);
    free(copy);
    return 0;
}
