/* Small files in a directory of their own, for tests that read them. */
#ifndef CHAINRULE_TESTS_FILES_H
#define CHAINRULE_TESTS_FILES_H

#include "base/file.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static char files_directory[64];

static inline int files_setup(void **state)
{
    (void)state;
    strcpy(files_directory, "/tmp/chainrule-test-XXXXXX");
    return mkdtemp(files_directory) ? 0 : -1;
}

static inline int files_teardown(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", files_directory);
    return system(command);
}

/* The path of a file of the directory; valid until the next four calls. */
static inline const char *files_path(const char *name)
{
    static char paths[4][256];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, 256, "%s/%s", files_directory, name);
    return path;
}

static inline const char *files_write(const char *name, const void *bytes, size_t length)
{
    const char *path = files_path(name);
    if (!cr_file_replace(path, bytes, length, NULL))
        abort();
    return path;
}

static inline const char *files_write_text(const char *name, const char *text)
{
    return files_write(name, text, strlen(text));
}

static inline const char *files_write_gzip(const char *name, const void *bytes,
                                           size_t length)
{
    const char *path = files_path(name);
    gzFile file = gzopen(path, "wb");
    if (!file || gzwrite(file, bytes, (unsigned)length) != (int)length ||
        gzclose(file) != Z_OK)
        abort();
    return path;
}

#endif
