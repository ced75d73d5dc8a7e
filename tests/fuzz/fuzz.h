/* What the fuzz targets share: inputs as files, and a check that ends the program. */
#ifndef CHAINRULE_TESTS_FUZZ_FUZZ_H
#define CHAINRULE_TESTS_FUZZ_FUZZ_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
const char *__asan_default_options(void);

/* A config may ask for any amount of memory: more than this is refused, as a machine
 * would refuse more than it has, and is no finding. libFuzzer itself takes 20 MB. */
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1:max_allocation_size_mb=24:quarantine_size_mb=1";
}

/* Also in a build without assert. */
#define FUZZ_CHECK(condition)                                                            \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);      \
            abort();                                                                     \
        }                                                                                \
    } while (0)

static char fuzz_directory[256];

static inline void fuzz_remove_directory(void)
{
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", fuzz_directory);
    (void)!system(command);
}

/* A directory of the process's own, in memory where there is such a place. */
static inline void fuzz_make_directory(void)
{
    const char *parent = getenv("TMPDIR");
    if (!parent)
        parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(fuzz_directory, sizeof fuzz_directory, "%.200s/chainrule-fuzz-XXXXXX",
             parent);
    FUZZ_CHECK(mkdtemp(fuzz_directory));
    atexit(fuzz_remove_directory);
}

/* Writes a file of the directory. Its path is valid until the next four calls. */
static inline const char *fuzz_write(const char *name, const void *bytes, size_t size)
{
    static char paths[4][sizeof fuzz_directory + 64];
    static int next;
    if (!*fuzz_directory)
        fuzz_make_directory();
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", fuzz_directory, name);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    FUZZ_CHECK(file >= 0 && write(file, bytes, size) == (ssize_t)size);
    close(file);
    return path;
}

#endif
