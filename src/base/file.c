#include "base/file.h"

#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As stat; of a path that names a member of an archive, of the archive. */
static int find_status(const char *path, struct stat *status)
{
    const char *member = cr_path_member(path);
    if (stat(path, status) == 0)
        return 0;
    int code = errno;
    char *archive = member ? cr_text_copy(path, (size_t)(member - path) - 1, NULL) : NULL;
    bool found = archive && stat(archive, status) == 0;
    cr_free(archive);
    errno = code;
    return found ? 0 : -1;
}

const char *cr_file_problem(const char *path)
{
    struct stat status;
    if (find_status(path, &status) != 0)
        return errno == ENOENT ? "no such file" : strerror(errno);
    if (S_ISDIR(status.st_mode))
        return "it is a directory, a file was expected";
    if (access(path, R_OK) != 0 && errno != ENOENT) /* which a member of an archive is */
        return strerror(errno);
    return NULL;
}

bool cr_file_is_same(const char *a, const char *b)
{
    struct stat x, y;
    return find_status(a, &x) == 0 && find_status(b, &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

/* Bytes that an ordinary file has now; of another, or of one with more than limit, 0. */
static size_t expected_size(FILE *stream, size_t limit)
{
    struct stat status;
    bool known = fstat(fileno(stream), &status) == 0 && S_ISREG(status.st_mode);
    return known && (size_t)status.st_size <= limit ? (size_t)status.st_size : 0;
}

/* Reads to the end in growing pieces, the first of which takes what an ordinary file has:
 * pipes have no size, and a size may change meanwhile. */
static bool read_all(FILE *stream, const char *path, size_t limit, cr_error_code code,
                     char **text, size_t *length, cr_error *err)
{
    size_t capacity = 0, expected = expected_size(stream, limit);
    *text = NULL;
    *length = 0;
    if (!cr_reserve(text, &capacity, expected + 4096, 1, err))
        return false;
    cr_memory_hint_large(*text, capacity);
    for (;;) {
        if (!cr_reserve(text, &capacity, *length + 4096, 1, err))
            return false;
        size_t got = fread(*text + *length, 1, capacity - *length - 1, stream);
        *length += got;
        (*text)[*length] = '\0';
        if (*length > limit)
            return cr_fail(err, code, "%s: larger than %zu bytes, the most that is read",
                           path, limit);
        if (got == 0)
            break;
    }
    if (ferror(stream))
        return cr_fail(err, CR_E_IO, "%s: cannot read: %s", path, strerror(errno));
    return true;
}

bool cr_file_read(const char *path, size_t limit, cr_error_code code, char **text,
                  size_t *length, cr_error *err)
{
    bool input = strcmp(path, "-") == 0;
    const char *problem = input ? NULL : cr_file_problem(path);
    if (problem)
        return cr_fail(err, code, "%s: %s", path, problem);
    FILE *stream = input ? stdin : fopen(path, "rb");
    if (!stream)
        return cr_fail(err, code, "%s: %s", path, strerror(errno));
    bool done = read_all(stream, input ? "stdin" : path, limit, code, text, length, err);
    if (!input)
        fclose(stream);
    if (!done) {
        cr_free(*text);
        *text = NULL;
    }
    return done;
}

/* Reads what has been opened. O_NONBLOCK lets a pipe be opened that nobody writes to. */
static bool load(int file, const char *path, size_t limit, cr_file_bytes *bytes,
                 cr_error *err)
{
    struct stat status;
    if (fstat(file, &status) != 0)
        return cr_fail(err, CR_E_DATA, "%s: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return cr_fail(err, CR_E_DATA, "%s: it is no ordinary file", path);
    size_t size = (size_t)status.st_size;
    if (size > limit)
        return cr_fail(err, CR_E_DATA, "%s: larger than %zu bytes, the most that is read",
                       path, limit);
    if (!cr_reserve(&bytes->data, &bytes->capacity, size, 1, err))
        return false;
    bytes->length = 0;
    for (ssize_t got = 1; got > 0 && bytes->length < size; bytes->length += (size_t)got) {
        got = read(file, bytes->data + bytes->length, size - bytes->length);
        if (got < 0)
            return cr_fail(err, CR_E_DATA, "%s: cannot read: %s", path, strerror(errno));
    }
    return true;
}

bool cr_file_load(const char *path, size_t limit, cr_file_bytes *bytes, cr_error *err)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return cr_fail(err, CR_E_DATA, "%s: %s", path,
                       errno == ENOENT ? "no such file" : strerror(errno));
    bool good = load(file, path, limit, bytes, err);
    close(file);
    return good;
}

/* Where a link leads, or else the path itself. The caller frees it; NULL with err. */
static char *find_target(const char *path, cr_error *err)
{
    struct stat status;
    char *target = NULL;
    if (lstat(path, &status) == 0 && S_ISLNK(status.st_mode))
        target = realpath(path, NULL); /* NULL: it leads nowhere, and is replaced */
    const char *found = target ? target : path;
    char *copy = cr_text_copy(found, strlen(found), err);
    free(target);
    return copy;
}

bool cr_file_begin(cr_file_writer *writer, const char *path, cr_error *err)
{
    *writer = (cr_file_writer){0};
    if (strcmp(path, "-") == 0) {
        writer->stream = stdout;
        return true;
    }
    struct stat status;
    bool exists = stat(path, &status) == 0;
    if (exists && S_ISDIR(status.st_mode))
        return cr_fail(err, CR_E_USAGE, "%s: it is a directory, a file was expected",
                       path);
    bool at_once = exists && !S_ISREG(status.st_mode);
    cr_text temporary = {0};
    writer->path = find_target(path, err);
    if (writer->path && !at_once)
        cr_text_add(&temporary, "%s.%ld.tmp", writer->path, (long)getpid());
    writer->temporary = temporary.data;
    if (!writer->path || temporary.failed) {
        cr_file_cancel(writer);
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    }
    writer->stream = fopen(at_once ? writer->path : writer->temporary, "wb");
    if (writer->stream && exists && !at_once)
        (void)fchmod(fileno(writer->stream), status.st_mode & 07777);
    if (writer->stream)
        return true;
    cr_fail(err, CR_E_IO, "%s: cannot write: %s", path, strerror(errno));
    cr_file_cancel(writer);
    return false;
}

bool cr_file_commit(cr_file_writer *writer, cr_error *err)
{
    const char *path = writer->path ? writer->path : "standard output";
    bool written = fflush(writer->stream) == 0 && !ferror(writer->stream) &&
                   (!writer->behind || fsync(fileno(writer->stream)) == 0);
    int reason = errno;
    if (!writer->path) {
        writer->stream = NULL;
    } else {
        if (fclose(writer->stream) != 0 && written) {
            written = false;
            reason = errno;
        }
        writer->stream = NULL;
        if (written && writer->behind && !cr_flush_end(writer->behind, err)) {
            cr_file_cancel(writer);
            return false;
        }
        if (written && writer->temporary &&
            rename(writer->temporary, writer->path) != 0) {
            written = false;
            reason = errno;
        }
        if (written) {
            cr_free(writer->temporary);
            writer->temporary = NULL;
        }
    }
    if (!written)
        cr_fail(err, CR_E_IO, "%s: cannot write: %s", path, strerror(reason));
    cr_file_cancel(writer);
    return written;
}

void cr_file_cancel(cr_file_writer *writer)
{
    if (writer->stream && writer->stream != stdout)
        fclose(writer->stream);
    if (writer->temporary)
        unlink(writer->temporary);
    cr_free(writer->temporary);
    cr_free(writer->path);
    *writer = (cr_file_writer){0};
}

bool cr_file_replace(const char *path, const void *bytes, size_t length, cr_error *err)
{
    cr_file_writer writer;
    if (!cr_file_begin(&writer, path, err))
        return false;
    fwrite(bytes, 1, length,
           writer.stream); /* a short write sets the error that commit sees */
    return cr_file_commit(&writer, err);
}
