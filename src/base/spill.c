#include "base/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

static int open_nameless(char path[PATH_SIZE])
{
    const char *home = getenv("TMPDIR");
    snprintf(path, PATH_SIZE, "%s/chainrule-XXXXXX", home && *home ? home : "/var/tmp");
    int file = mkstemp(path);
    if (file >= 0)
        unlink(path);
    return file;
}

void *cr_spill_create(size_t size, cr_error *err)
{
    char path[PATH_SIZE];
    int file = open_nameless(path);
    int problem = file < 0 ? errno : posix_fallocate(file, 0, (off_t)size);
    void *memory = problem
                       ? MAP_FAILED
                       : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED)
        cr_fail(
            err, CR_E_IO,
            "%s: %zu bytes that do not stay in memory: %s; TMPDIR names another place",
            path, size, strerror(problem ? problem : errno));
    if (file >= 0)
        close(file);
    return memory == MAP_FAILED ? NULL : memory;
}

static void advise(void *memory, size_t size, int advice)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGE_SIZE);
    uintptr_t begin = ((uintptr_t)memory + page - 1) / page * page,
              end = ((uintptr_t)memory + size) / page * page;
    if (end > begin)
        (void)madvise((char *)memory + (begin - (uintptr_t)memory), end - begin, advice);
}

void cr_spill_rest(void *memory, size_t size)
{
    advise(memory, size, MADV_DONTNEED);
}

void cr_spill_forget(void *memory, size_t size)
{
    advise(memory, size, MADV_DONTNEED);
    advise(memory, size, MADV_REMOVE);
}
