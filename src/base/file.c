#include "base/file.h"

#include "base/memory.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *cr_file_problem(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return errno == ENOENT ? "no such file" : strerror(errno);
    if (S_ISDIR(status.st_mode))
        return "it is a directory, a file was expected";
    if (access(path, R_OK) != 0)
        return strerror(errno);
    return NULL;
}

bool cr_file_is_same(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

/* Reads to the end in growing pieces: pipes have no size, and a size may change
 * meanwhile. */
static bool read_all(FILE *stream, const char *path, size_t limit, cr_error_code code,
                     char **text, size_t *length, cr_error *err)
{
    size_t capacity = 0;
    *text = NULL;
    *length = 0;
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
    const char *problem = cr_file_problem(path);
    if (problem)
        return cr_fail(err, code, "%s: %s", path, problem);
    FILE *stream = fopen(path, "rb");
    if (!stream)
        return cr_fail(err, code, "%s: %s", path, strerror(errno));
    bool done = read_all(stream, path, limit, code, text, length, err);
    fclose(stream);
    if (!done) {
        cr_free(*text);
        *text = NULL;
    }
    return done;
}

bool cr_file_begin(cr_file_writer *writer, const char *path, cr_error *err)
{
    *writer = (cr_file_writer){0};
    if (strcmp(path, "-") == 0) {
        writer->stream = stdout;
        return true;
    }
    cr_text temporary = {0};
    cr_text_add(&temporary, "%s.%ld.tmp", path, (long)getpid());
    writer->path = cr_copy_text(path, strlen(path), err);
    if (temporary.failed || !writer->path) {
        cr_text_finish(&temporary);
        cr_file_cancel(writer);
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    }
    writer->stream = fopen(temporary.data, "wb");
    if (!writer->stream) {
        cr_fail(err, CR_E_IO, "%s: cannot write: %s", path, strerror(errno));
        cr_text_finish(&temporary);
        cr_file_cancel(writer);
        return false;
    }
    writer->temporary = temporary.data;
    return true;
}

bool cr_file_commit(cr_file_writer *writer, cr_error *err)
{
    const char *path = writer->path ? writer->path : "standard output";
    bool written = fflush(writer->stream) == 0 && !ferror(writer->stream) &&
                   (!writer->durable || fsync(fileno(writer->stream)) == 0);
    int reason = errno;
    if (!writer->path) {
        writer->stream = NULL;
    } else {
        if (fclose(writer->stream) != 0 && written) {
            written = false;
            reason = errno;
        }
        writer->stream = NULL;
        if (written && rename(writer->temporary, writer->path) != 0) {
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

static char *finish_path(cr_text *path, cr_error *err)
{
    if (!path->failed)
        return path->data;
    cr_text_finish(path);
    cr_fail(err, CR_E_MEMORY, "out of memory");
    return NULL;
}

char *cr_path_join(const char *directory, const char *name, cr_error *err)
{
    cr_text path = {0};
    bool alone = name[0] == '/' || directory[0] == '\0';
    cr_text_add(&path, "%s%s%s", alone ? "" : directory, alone ? "" : "/", name);
    return finish_path(&path, err);
}

char *cr_path_directory(const char *path, cr_error *err)
{
    const char *slash = strrchr(path, '/');
    if (slash == path)
        slash++; /* the root keeps its name */
    return cr_copy_text(path, slash ? (size_t)(slash - path) : 0, err);
}

char *cr_path_stem(const char *path, cr_error *err)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    return cr_copy_text(name, dot && dot != name ? (size_t)(dot - name) : strlen(name),
                        err);
}

char *cr_path_absolute(const char *path, cr_error *err)
{
    char here[4096] = "";
    if (path[0] != '/' && !getcwd(here, sizeof here)) {
        cr_fail(err, CR_E_IO, "cannot tell the current directory: %s", strerror(errno));
        return NULL;
    }
    char *whole = cr_path_join(here, path, err);
    if (!whole)
        return NULL;
    size_t length = 0; /* of the part already cleaned, which ends without a slash */
    for (char *part = whole; *part;) {
        char *end = strchr(part + 1, '/');
        size_t size = end ? (size_t)(end - part) : strlen(part);
        char *next = part + size;
        if (size == 3 && memcmp(part, "/..", 3) == 0) {
            while (length > 0 && whole[--length] != '/')
                ;
        } else if (!(size == 1 || (size == 2 && memcmp(part, "/.", 2) == 0))) {
            memmove(whole + length, part, size);
            length += size;
        }
        part = next;
    }
    if (length == 0)
        whole[length++] = '/';
    whole[length] = '\0';
    return whole;
}

const char *cr_path_short(const char *path)
{
    char here[4096];
    size_t length = getcwd(here, sizeof here) ? strlen(here) : 0;
    bool below = length > 1 && strncmp(path, here, length) == 0 && path[length] == '/';
    return below && path[length + 1] ? path + length + 1 : path;
}

void cr_directory_flush(const char *path)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY);
    if (directory < 0)
        return;
    (void)fsync(directory);
    close(directory);
}

bool cr_directory_create(const char *path, cr_error *err)
{
    char *copy = cr_copy_text(path, strlen(path), err);
    if (!copy)
        return false;
    bool made = true;
    for (char *at = copy + 1; made; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        char end = *at;
        *at = '\0';
        struct stat status;
        int reason = mkdir(copy, 0777) == 0 ? 0 : errno;
        if (reason && !(stat(copy, &status) == 0 && S_ISDIR(status.st_mode)))
            made = cr_fail(err, CR_E_IO, "%s: cannot make the directory: %s", copy,
                           strerror(reason == EEXIST ? ENOTDIR : reason));
        *at = end;
        if (end == '\0')
            break;
    }
    cr_free(copy);
    return made;
}

bool cr_directory_is_empty(const char *path)
{
    DIR *directory = opendir(path);
    if (!directory)
        return false;
    bool empty = true;
    for (const struct dirent *entry = readdir(directory); entry;
         entry = readdir(directory))
        empty &= strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(directory);
    return empty;
}
