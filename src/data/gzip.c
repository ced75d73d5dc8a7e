#include "data/gzip.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { BUFFER = 1 << 17, LARGEST_READ = 1 << 30, TRAILER = 8 }; /* bytes */
#define LARGEST_FILE ((size_t)64 << 30) /* bytes, as it lies on the disk */

struct cr_gzip {
    int stream;
    bool owned; /* the stream is to be closed */
    char *path;
    bool begun, packed; /* packed, once it is begun: it is gzip */
    bool in_member;     /* of gzip; else all of them were read */
    bool ended;         /* there is nothing left to read from the stream */
    z_stream inflater;
    bool inflates; /* the inflater is to be freed */
    uint32_t crc32;
    const unsigned char *next; /* bytes of the buffer that were read and not used */
    size_t left;
    unsigned char buffer[BUFFER];
};

typedef struct unpacked {
    char *text;
    size_t length, limit; /* bytes */
    const char *limit_is;
} unpacked;

static cr_gzip *create(const char *name, int stream, bool owned, cr_error *err)
{
    cr_gzip *file = cr_alloc_raw(1, sizeof *file, err);
    if (!file) {
        if (owned)
            close(stream);
        return NULL;
    }
    memset(file, 0, offsetof(cr_gzip, buffer));
    file->stream = stream;
    file->owned = owned;
    file->path = cr_text_copy(name, strlen(name), err);
    if (file->path)
        return file;
    cr_gzip_close(file);
    return NULL;
}

cr_gzip *cr_gzip_open(const char *path, cr_error *err)
{
    const char *problem = cr_file_problem(path);
    int stream = problem ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (stream >= 0)
        return create(path, stream, true, err);
    if (problem)
        cr_fail(err, CR_E_DATA, "%s: %s", path, problem);
    else
        cr_fail(err, CR_E_DATA, "%s: cannot open: %s", path, strerror(errno));
    return NULL;
}

cr_gzip *cr_gzip_open_stream(int stream, const char *name, cr_error *err)
{
    return create(name, stream, false, err);
}

/* What there is of the file, at most size bytes, at least one before its end. */
static bool read_some(cr_gzip *file, void *bytes, size_t size, size_t *got, cr_error *err)
{
    ssize_t count = 0;
    *got = 0;
    if (file->ended)
        return true;
    do
        count = read(file->stream, bytes, size < LARGEST_READ ? size : LARGEST_READ);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return cr_fail(err, CR_E_IO, "%s: cannot read: %s", file->path, strerror(errno));
    *got = (size_t)count;
    file->ended = count == 0;
    file->crc32 = libdeflate_crc32(file->crc32, bytes, *got);
    return true;
}

/* As many bytes in the buffer as are wanted, if the file has them. */
static bool fill(cr_gzip *file, size_t wanted, cr_error *err)
{
    memmove(file->buffer, file->next ? file->next : file->buffer, file->left);
    file->next = file->buffer;
    while (file->left < wanted && !file->ended) {
        size_t got = 0;
        if (!read_some(file, file->buffer + file->left, BUFFER - file->left, &got, err))
            return false;
        file->left += got;
    }
    return true;
}

static bool is_gzip(const void *bytes, size_t length)
{
    return length >= 2 && memcmp(bytes, "\x1f\x8b", 2) == 0;
}

/* Whether the file is gzip is told from its first bytes. */
static bool begin(cr_gzip *file, cr_error *err)
{
    file->begun = true;
    if (!fill(file, 2, err))
        return false;
    file->packed = file->in_member = is_gzip(file->next, file->left);
    if (!file->packed)
        return true;
    file->inflates = inflateInit2(&file->inflater, 15 + 16) == Z_OK;
    return file->inflates || cr_fail(err, CR_E_MEMORY, "out of memory");
}

static bool read_plain(cr_gzip *file, void *bytes, size_t size, size_t *got,
                       cr_error *err)
{
    if (file->left == 0)
        return read_some(file, bytes, size, got, err);
    *got = file->left < size ? file->left : size;
    memcpy(bytes, file->next, *got);
    file->next += *got;
    file->left -= *got;
    return true;
}

/* What follows the last member is ignored, but counts for the checksum. */
static bool end_member(cr_gzip *file, cr_error *err)
{
    if (file->left < 2 && !fill(file, 2, err))
        return false;
    file->in_member = is_gzip(file->next, file->left);
    if (file->in_member)
        return inflateReset(&file->inflater) == Z_OK;
    do
        file->left = 0;
    while (fill(file, 1, err) && file->left > 0);
    return file->ended;
}

static bool inflate_some(cr_gzip *file, void *bytes, size_t size, size_t *got,
                         cr_error *err)
{
    z_stream *z = &file->inflater;
    for (*got = 0; *got == 0 && file->in_member;) {
        if (file->left == 0 && !fill(file, 1, err))
            return false;
        if (file->left == 0)
            return cr_fail(err, CR_E_DATA,
                           "%s: the gzip data ends too early; the file is truncated",
                           file->path);
        z->next_in = (unsigned char *)(uintptr_t)file->next;
        z->avail_in = (unsigned)file->left;
        z->next_out = bytes;
        z->avail_out = (unsigned)(size < LARGEST_READ ? size : LARGEST_READ);
        int code = inflate(z, Z_NO_FLUSH);
        *got = (size_t)(z->next_out - (unsigned char *)bytes);
        file->next = z->next_in;
        file->left = z->avail_in;
        if (code == Z_MEM_ERROR)
            return cr_fail(err, CR_E_MEMORY, "out of memory");
        if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
            return cr_fail(err, CR_E_DATA, "%s: the gzip data is damaged (%s)",
                           file->path, z->msg ? z->msg : "no gzip data");
        if (code == Z_STREAM_END && !end_member(file, err))
            return false;
    }
    return true;
}

bool cr_gzip_read_some(cr_gzip *file, void *bytes, size_t size, size_t *got,
                       cr_error *err)
{
    *got = 0;
    if (!file->begun && !begin(file, err))
        return false;
    return file->packed ? inflate_some(file, bytes, size, got, err)
                        : read_plain(file, bytes, size, got, err);
}

bool cr_gzip_read(cr_gzip *file, void *bytes, size_t size, size_t *got, cr_error *err)
{
    size_t more = 1;
    for (*got = 0; *got < size && more > 0; *got += more)
        if (!cr_gzip_read_some(file, (char *)bytes + *got, size - *got, &more, err))
            return false;
    return true;
}

void cr_gzip_sum_on(cr_gzip *file, uint32_t crc32)
{
    file->crc32 = crc32;
}

uint32_t cr_gzip_crc32(const cr_gzip *file)
{
    return file->crc32;
}

void cr_gzip_close(cr_gzip *file)
{
    if (!file)
        return;
    if (file->inflates)
        inflateEnd(&file->inflater);
    if (file->owned)
        close(file->stream);
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

/* The size that the last bytes of a gzip file announce (modulo 2³²), as far as it can be:
 * at best a bit stands for 258 bytes. */
static size_t announced(const char *packed, size_t length)
{
    size_t size = 0;
    for (size_t i = 1; i <= 4 && length >= TRAILER; i++)
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
        cr_memory_hint_large(to->text + to->length, room);
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

bool cr_gzip_unpack(const void *packed, size_t packed_length, void *out, size_t length)
{
    struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
    bool good =
        inflater && libdeflate_deflate_decompress(inflater, packed, packed_length, out,
                                                  length, NULL) == LIBDEFLATE_SUCCESS;
    libdeflate_free_decompressor(inflater);
    return good;
}

uint32_t cr_gzip_sum(const void *bytes, size_t length)
{
    return libdeflate_crc32(0, bytes, length);
}
