/* Files: whole reads, paths, and replacement that never leaves half a file behind. */
#ifndef CHAINRULE_BASE_FILE_H
#define CHAINRULE_BASE_FILE_H

#include <chainrule/error.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Reads all of a file; *text is ended with a 0 that is not counted and freed by the
 * caller. Files beyond `limit` bytes, directories and missing files are errors of code
 * `code`, except that a failing read is CR_E_IO. */
CR_MUST_CHECK bool cr_file_read(const char *path, size_t limit, cr_error_code code,
                                char **text, size_t *length, cr_error *err);

/* Says why a path cannot be read as a file ("no such file", "is a directory", …); NULL
 * when it can. */
const char *cr_file_problem(const char *path);

/* Whether both paths lead to one file that exists. */
bool cr_file_is_same(const char *a, const char *b);

/* Writes the file whole or not at all: beside its place, then renamed into it. */
CR_MUST_CHECK bool cr_file_replace(const char *path, const void *bytes, size_t length,
                                   cr_error *err);

/* The same in pieces. Begin; write to ->stream; then commit or cancel (which both close).
 * A path of "-" is standard output, written at once. */
typedef struct cr_file_writer {
    FILE *stream;
    char *path, *temporary;
    bool
        durable; /* to be set after begin: commit flushes to the disk before it renames */
} cr_file_writer;

CR_MUST_CHECK bool cr_file_begin(cr_file_writer *writer, const char *path, cr_error *err);
CR_MUST_CHECK bool cr_file_commit(cr_file_writer *writer, cr_error *err);
void cr_file_cancel(cr_file_writer *writer);

/* directory/name, or name alone if it is absolute or the directory is empty. Caller
 * frees. */
CR_MUST_CHECK char *cr_path_join(const char *directory, const char *name, cr_error *err);

/* The part before the last '/', "" if there is none. Caller frees. */
CR_MUST_CHECK char *cr_path_directory(const char *path, cr_error *err);

/* The last part of a path without its extension: configs/digits.json → digits. Caller
 * frees. */
CR_MUST_CHECK char *cr_path_stem(const char *path, cr_error *err);

/* The path made absolute against the current directory, without "." and "name/.." where
 * that can be seen from the text alone. Caller frees. */
CR_MUST_CHECK char *cr_path_absolute(const char *path, cr_error *err);

/* The end of an absolute path that a user in the current directory would write: without
 * that directory in front, if it lies below it. Points into path. */
const char *cr_path_short(const char *path);

/* Flushes a directory to the disk, so that what was renamed into it stays. Where that
 * cannot be done nothing happens. */
void cr_directory_flush(const char *path);

/* Whether it is a directory with nothing in it. */
bool cr_directory_is_empty(const char *path);

/* Makes the directory and its parents; one that exists is fine. */
CR_MUST_CHECK bool cr_directory_create(const char *path, cr_error *err);

#endif
