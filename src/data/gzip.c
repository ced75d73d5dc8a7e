#include "data/gzip.h"

#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

struct cr_gzip {
    gzFile stream;
    char *path;
};

enum { BUFFER = 1 << 17, LARGEST_READ = 1 << 30 }; /* bytes */

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
    file->path = cr_copy_text(path, strlen(path), err);
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

bool cr_gzip_read_all(const char *path, size_t limit, char **text, size_t *length,
                      cr_error *err)
{
    *text = NULL;
    *length = 0;
    cr_gzip *file = cr_gzip_open(path, err);
    if (!file)
        return false;
    size_t capacity = 0, got = 1;
    bool good = true;
    while (good && got > 0) {
        good = cr_reserve(text, &capacity, *length + BUFFER, 1, err) &&
               cr_gzip_read(file, *text + *length, capacity - *length - 1, &got, err);
        *length += good ? got : 0;
        if (good && *length > limit)
            good =
                cr_fail(err, CR_E_DATA,
                        "%s: larger than %zu bytes, the most that is read", path, limit);
    }
    cr_gzip_close(file);
    if (good) {
        (*text)[*length] = '\0';
        return true;
    }
    cr_free(*text);
    *text = NULL;
    return false;
}
