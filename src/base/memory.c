#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

bool cr_memory_multiply(size_t a, size_t b, size_t *product)
{
    if (b != 0 && a > SIZE_MAX / b)
        return false;
    *product = a * b;
    return true;
}

void *cr_alloc_raw(size_t count, size_t size, cr_error *err)
{
    size_t bytes = 0;
    if (!cr_memory_multiply(count, size, &bytes) || bytes > SIZE_MAX - CR_ALIGNMENT) {
        cr_fail(err, CR_E_MEMORY,
                "out of memory: %zu × %zu bytes is more than can be counted", count,
                size);
        return NULL;
    }
    size_t rounded = (bytes + CR_ALIGNMENT - 1) / CR_ALIGNMENT * CR_ALIGNMENT;
    void *memory = aligned_alloc(CR_ALIGNMENT, rounded ? rounded : CR_ALIGNMENT);
    if (!memory)
        cr_fail(err, CR_E_MEMORY, "out of memory: %zu bytes were asked for", bytes);
    return memory;
}

void *cr_alloc(size_t count, size_t size, cr_error *err)
{
    void *memory = cr_alloc_raw(count, size, err);
    if (memory)
        memset(memory, 0, count * size);
    return memory;
}

bool cr_reserve(void *array, size_t *capacity, size_t count, size_t size, cr_error *err)
{
    if (count <= *capacity)
        return true;
    size_t wanted = *capacity > SIZE_MAX / 2 ? count : *capacity * 2;
    if (wanted < count)
        wanted = count;
    if (wanted < 16)
        wanted = 16;
    size_t bytes = 0;
    void *old = NULL;
    memcpy(&old, array, sizeof old); /* *array has any pointer type */
    void *grown = cr_memory_multiply(wanted, size, &bytes) ? realloc(old, bytes) : NULL;
    if (!grown)
        return cr_fail(err, CR_E_MEMORY, "out of memory: %zu × %zu bytes were asked for",
                       wanted, size);
    memcpy(array, &grown, sizeof grown);
    *capacity = wanted;
    return true;
}

void *cr_memory_shrink(void *memory, size_t size)
{
    void *shrunk = realloc(memory, size);
    return shrunk ? shrunk : memory;
}

void cr_free(void *memory)
{
    free(memory);
}

static void *map(size_t size, int flags, cr_error *err)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    if (memory != MAP_FAILED)
        return memory;
    cr_fail(err, CR_E_MEMORY, "out of memory: %zu bytes were asked for", size);
    return NULL;
}

void *cr_memory_map(size_t size, cr_error *err)
{
    return map(size, 0, err);
}

void *cr_memory_reserve(size_t size, cr_error *err)
{
    return map(size, MAP_NORESERVE, err);
}

void cr_memory_forget(void *memory, size_t size)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGE_SIZE);
    uintptr_t begin = ((uintptr_t)memory + page - 1) / page * page,
              end = ((uintptr_t)memory + size) / page * page;
    if (end > begin)
        (void)madvise((char *)memory + (begin - (uintptr_t)memory), end - begin,
                      MADV_DONTNEED);
}

void cr_memory_unmap(void *memory, size_t size)
{
    if (memory)
        munmap(memory, size);
}

void cr_memory_hint_large(void *memory, size_t size)
{
    enum { LARGE = 1 << 21, FEW = 2 }; /* bytes of a page; pages */
    uintptr_t begin = ((uintptr_t)memory + LARGE - 1) / LARGE * LARGE,
              end = ((uintptr_t)memory + size) / LARGE * LARGE;
#ifdef MADV_HUGEPAGE
    if (end > begin && end - begin >= FEW * (uintptr_t)LARGE)
        (void)madvise((char *)memory + (begin - (uintptr_t)memory), end - begin,
                      MADV_HUGEPAGE);
#else
    (void)(begin + end);
#endif
}

size_t cr_memory_limit(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGE_SIZE);
    size_t bytes = 0;
    struct rlimit limit;
    if (pages <= 0 || page <= 0 ||
        !cr_memory_multiply((size_t)pages, (size_t)page, &bytes))
        return 0;
    bool limited = getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    return limited && limit.rlim_cur < bytes ? (size_t)limit.rlim_cur : bytes;
}
