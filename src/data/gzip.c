#include "data/gzip.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

struct cr_gzip {
    gzFile stream;
    char *path;
};

enum { BUFFER = 1 << 17, LARGEST_READ = 1 << 30, TRAILER = 8 }; /* bytes */
#define LARGEST_FILE ((size_t)64 << 30) /* bytes, as it lies on the disk */

typedef struct unpacked {
    char *text;
    size_t length, limit; /* bytes */
    const char *limit_is;
} unpacked;

cr_gzip *cr_gzip_open(const char *path, cr_error *err)
{
    const char *problem = cr_file_problem(path);
    if (problem) {
        cr_fail(err, CR_E_DATA, "%s: %s", path, problem);
        return NULL;
    }
    cr_gzip *file = cr_alloc(1, sizeof *file, err);
    if (!file)
        return NULL;
    file->path = cr_text_copy(path, strlen(path), err);
    file->stream = file->path ? gzopen(path, "rb") : NULL;
    if (!file->stream) {
        cr_fail(err, CR_E_DATA, "%s: cannot open: %s", path, strerror(errno));
        cr_gzip_close(file);
        return NULL;
    }
    gzbuffer(file->stream, BUFFER);
    return file;
}

static bool fail_read(cr_gzip *file, cr_error *err)
{
    int code = Z_OK;
    const char *text = gzerror(file->stream, &code);
    if (code == Z_ERRNO)
        return cr_fail(err, CR_E_IO, "%s: cannot read: %s", file->path, strerror(errno));
    if (code == Z_BUF_ERROR)
        return cr_fail(err, CR_E_DATA,
                       "%s: the gzip data ends too early; the file is truncated",
                       file->path);
    return cr_fail(err, CR_E_DATA, "%s: the gzip data is damaged (%s)", file->path, text);
}

bool cr_gzip_read(cr_gzip *file, void *bytes, size_t size, size_t *got, cr_error *err)
{
    *got = 0;
    while (*got < size) {
        size_t want = size - *got < LARGEST_READ ? size - *got : LARGEST_READ;
        int count = gzread(file->stream, (char *)bytes + *got, (unsigned)want);
        if (count < 0)
            return fail_read(file, err);
        *got += (size_t)count;
        if ((size_t)count < want) {
            int code = Z_OK;
            gzerror(file->stream, &code);
            return code == Z_OK || fail_read(file, err);
        }
    }
    return true;
}

void cr_gzip_close(cr_gzip *file)
{
    if (!file)
        return;
    if (file->stream)
        gzclose_r(file->stream);
    cr_free(file->path);
    cr_free(file);
}

static bool fail_limit(const char *path, const unpacked *to, cr_error *err)
{
    return cr_fail(err, CR_E_DATA, "%s: more than the %zu bytes that %s", path, to->limit,
                   to->limit_is);
}

/* What zlib says of a file that libdeflate, which only says "bad", would not take. */
static bool fail_inflate(const char *path, cr_error *err)
{
    char bytes[4096];
    size_t got = 1;
    cr_gzip *file = cr_gzip_open(path, err);
    bool good = file != NULL;
    while (good && got > 0)
        good = cr_gzip_read(file, bytes, sizeof bytes, &got, err);
    cr_gzip_close(file);
    return good ? cr_fail(err, CR_E_DATA, "%s: the gzip data is damaged", path) : false;
}

static bool is_gzip(const char *bytes, size_t length)
{
    return length >= TRAILER && memcmp(bytes, "\x1f\x8b", 2) == 0;
}

/* The size that the last bytes of a gzip file announce (modulo 2³²), as far as it can be:
 * at best a bit stands for 258 bytes. */
static size_t announced(const char *packed, size_t length)
{
    size_t size = 0;
    for (size_t i = 1; i <= 4; i++)
        size = size << 8 | (unsigned char)packed[length - i];
    size_t most = length > SIZE_MAX / 2064 ? SIZE_MAX : length * 2064;
    return size < most ? size : most;
}

/* Every member of the file, one behind the other; what follows the last one is ignored.
 * The room begins with what is announced and doubles where that is not enough. */
static bool inflate_members(struct libdeflate_decompressor *inflater, const char *path,
                            const char *packed, size_t packed_length, unpacked *to,
                            cr_error *err)
{
    size_t at = 0, capacity = 0;
    size_t room = announced(packed, packed_length);
    to->length = 0;
    while (is_gzip(packed + at, packed_length - at)) {
        room = room < to->limit - to->length ? room : to->limit - to->length;
        if (!cr_reserve(&to->text, &capacity, to->length + room + 1, 1, err))
            return false;
        size_t used = 0, got = 0;
        enum libdeflate_result result =
            libdeflate_gzip_decompress_ex(inflater, packed + at, packed_length - at,
                                          to->text + to->length, room, &used, &got);
        if (result == LIBDEFLATE_SUCCESS) {
            at += used;
            to->length += got;
            room -= got;
        } else if (result != LIBDEFLATE_INSUFFICIENT_SPACE) {
            return fail_inflate(path, err);
        } else if (room == to->limit - to->length) {
            return fail_limit(path, to, err);
        } else {
            room = room < SIZE_MAX / 4 ? room * 2 + BUFFER : SIZE_MAX / 2;
        }
    }
    to->text[to->length] = '\0';
    return true;
}

bool cr_gzip_read_all(const char *path, size_t limit, const char *limit_is,
                      cr_content *content, cr_error *err)
{
    char *packed = NULL;
    size_t packed_length = 0;
    unpacked to = {.limit = limit, .limit_is = limit_is};
    *content = (cr_content){0};
    if (!cr_file_read(path, LARGEST_FILE, CR_E_DATA, &packed, &packed_length, err))
        return false;
    content->crc32 = libdeflate_crc32(0, packed, packed_length);
    bool good = true;
    if (!is_gzip(packed, packed_length)) {
        to.text = packed;
        to.length = packed_length;
        packed = NULL;
        good = to.length <= limit || fail_limit(path, &to, err);
    } else {
        struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
        good = inflater ? inflate_members(inflater, path, packed, packed_length, &to, err)
                        : cr_fail(err, CR_E_MEMORY, "out of memory");
        libdeflate_free_decompressor(inflater);
    }
    cr_free(packed);
    if (!good) {
        cr_free(to.text);
        return false;
    }
    content->text = to.text;
    content->length = to.length;
    return true;
}
