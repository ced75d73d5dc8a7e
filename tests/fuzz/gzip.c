/* Files that may be gzip: read whole and as a stream, which agree where both succeed. */
#include "data/gzip.h"
#include "base/memory.h"
#include "fuzz.h"

enum { MOST = 1 << 20, PIECE = 1000 }; /* bytes */

/* Up to MOST bytes of the stream, in pieces. */
static bool read_stream(const char *path, char *text, size_t *length)
{
    cr_error err = CR_ERROR_INIT;
    cr_gzip *file = cr_gzip_open(path, &err);
    bool good = file != NULL;
    size_t got = PIECE;
    for (*length = 0; good && got == PIECE && *length <= MOST; *length += got)
        good = cr_gzip_read(file, text + *length, PIECE, &got, &err);
    FUZZ_CHECK(good == (err.count == 0));
    cr_gzip_close(file);
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static char stream[MOST + PIECE];
    size_t length = 0;
    const char *path = fuzz_write("input", bytes, size);
    bool streamed = read_stream(path, stream, &length);
    cr_content content;
    cr_error err = CR_ERROR_INIT;
    bool whole = cr_gzip_read_all(path, MOST, "are read", &content, &err);
    FUZZ_CHECK(whole == (err.count == 0));
    if (whole && streamed)
        FUZZ_CHECK(length == content.length && content.text[length] == '\0' &&
                   memcmp(stream, content.text, length) == 0);
    if (whole)
        cr_free(content.text);
    if (cr_gzip_read_all(path, size / 2, "are read", &content, NULL))
        cr_free(content.text);
    return 0;
}
