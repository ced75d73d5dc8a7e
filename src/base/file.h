/* Files: whole reads, paths, and replacement that never leaves half a file behind. */
#ifndef CHAINRULE_BASE_FILE_H
#define CHAINRULE_BASE_FILE_H

#include "base/flush.h"

#include <chainrule/error.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Reads all of a file; *text is ended with a 0 that is not counted and freed by the
 * caller. Files beyond `limit` bytes, directories and missing files are errors of code
 * `code`, except that a failing read is CR_E_IO. A path of "-" is standard input. */
CR_MUST_CHECK bool cr_file_read(const char *path, size_t limit, cr_error_code code,
                                char **text, size_t *length, cr_error *err);

/* A file's bytes in memory that serves for one file after the other. Starts as {0}. */
typedef struct cr_file_bytes {
    uint8_t *data; /* [length], of room for capacity; the caller frees it */
    size_t length, capacity;
} cr_file_bytes;

/* Reads all of an ordinary file by as few calls of the system as can be, for the many
 * files of a folder. What is none, larger than `limit` bytes or cannot be read is
 * CR_E_DATA. */
CR_MUST_CHECK bool cr_file_load(const char *path, size_t limit, cr_file_bytes *bytes,
                                cr_error *err);

/* Says why a path cannot be read as a file ("no such file", "is a directory", …); NULL
 * when it can. */
const char *cr_file_problem(const char *path);

/* Whether both paths lead to one file that exists. */
bool cr_file_is_same(const char *a, const char *b);

/* Writes the file whole or not at all: beside its place, then renamed into it. */
CR_MUST_CHECK bool cr_file_replace(const char *path, const void *bytes, size_t length,
                                   cr_error *err);

/* Replaces a file in pieces. Begin; write to ->stream; then commit or cancel (which both
 * close). A path of "-" is standard output, and like what is no ordinary file (a device,
 * a pipe) written at once. A link stays one: what it leads to is replaced. An older file's
 * permissions stay. */
typedef struct cr_file_writer {
    FILE *stream;
    char *path, *temporary; /* temporary NULL: written at once */
    /* to be set after begin; NULL: nothing is flushed. Else commit flushes the file to the
     * disk before it renames, and ends this flush of another one before, too. */
    cr_flush *behind;
} cr_file_writer;

CR_MUST_CHECK bool cr_file_begin(cr_file_writer *writer, const char *path, cr_error *err);
CR_MUST_CHECK bool cr_file_commit(cr_file_writer *writer, cr_error *err);
void cr_file_cancel(cr_file_writer *writer);

#endif
