#define _GNU_SOURCE /* sched_getaffinity */
#include "sweep/rank_hello.h"

#include "base/file.h"
#include "base/memory.h"
#include "math/blas.h"

#include <chainrule/chainrule.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LARGEST_PROGRAM = 1 << 28 };

static uint64_t count_processors(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? (uint64_t)CPU_COUNT(&set) : 0;
}

bool cr_rank_hello_make(cr_rank_hello *hello, cr_hash command, size_t workers,
                        cr_error *err)
{
    char library[CR_BLAS_NAME];
    char *bytes = NULL;
    size_t length = 0;
    *hello = (cr_rank_hello){
        .command = command, .workers = workers, .processors = count_processors()};
    snprintf(hello->version, sizeof hello->version, "%s", cr_version());
    snprintf(hello->kernel, sizeof hello->kernel, "%s", cr_blas_kernel());
    snprintf(hello->library, sizeof hello->library, "%s", cr_blas_library(library));
    if (gethostname(hello->host, sizeof hello->host - 1) != 0)
        snprintf(hello->host, sizeof hello->host, "?");
    if (!cr_file_read("/proc/self/exe", LARGEST_PROGRAM, CR_E_IO, &bytes, &length, err))
        return false;
    hello->program = cr_hash_bytes((cr_hash){0}, bytes, length);
    cr_free(bytes);
    return true;
}

static void add_difference(cr_text *line, const char *what, const char *own,
                           const char *other)
{
    if (strcmp(own, other) != 0)
        cr_text_add(line, "%s%s %s in place of %s", line->length ? ", " : "", what, other,
                    own);
}

static void compare(const cr_rank_hello *own, const cr_rank_hello *hello, int rank,
                    cr_text *lines)
{
    cr_text line = {0};
    add_difference(&line, "version", own->version, hello->version);
    add_difference(&line, "library", own->library, hello->library);
    add_difference(&line, "kernel", own->kernel, hello->kernel);
    if (line.length == 0 && cr_hash_compare(own->program, hello->program) != 0)
        cr_text_add(&line, "another build of the program");
    if (line.length > 0 && !line.failed)
        cr_text_add(lines, "%srank %d (%s): %s", lines->length ? "\n" : "", rank,
                    hello->host, line.data);
    lines->failed |= line.failed;
    cr_text_finish(&line);
}

bool cr_rank_hello_judge(const cr_rank_hello_list *all, bool allow_mixture,
                         cr_text *mixture, cr_error *err)
{
    const cr_rank_hello *own = &all->items[0];
    for (int i = 1; i < all->count; i++) {
        const cr_rank_hello *hello = &all->items[i];
        if (cr_hash_compare(hello->command, own->command) != 0)
            return cr_fail(err, CR_E_USAGE,
                           "rank %d (%s) was started with another command line than rank "
                           "0; give all ranks the same",
                           i, hello->host);
        compare(own, hello, i, mixture);
    }
    if (mixture->failed)
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    return mixture->length == 0 || allow_mixture ||
           cr_fail(
               err, CR_E_USAGE,
               "the ranks differ, so that a trial's bits would depend on where it ran "
               "(OPENBLAS_CORETYPE gives all the same kernel; --allow-mixture runs it "
               "all the same, and notes it in sweep.json): %s",
               mixture->data);
}

bool cr_rank_hello_tell_cramped(const cr_rank_hello_list *all, cr_text *lines,
                                cr_error *err)
{
    for (int i = 0; i < all->count; i++) {
        const cr_rank_hello *hello = &all->items[i];
        if (hello->processors < hello->workers)
            cr_text_add(
                lines,
                "rank %d (%s) may use %d of its host's processors for %d workers; "
                "mpirun --bind-to none, or srun -c %d, gives it more\n",
                i, hello->host, (int)hello->processors, (int)hello->workers,
                (int)hello->workers);
    }
    return !lines->failed || cr_fail(err, CR_E_MEMORY, "out of memory");
}

size_t cr_rank_hello_count_hosts(const cr_rank_hello_list *all)
{
    size_t hosts = 0;
    for (int i = 0; i < all->count; i++) {
        int first = 0;
        while (strcmp(all->items[first].host, all->items[i].host) != 0)
            first++;
        hosts += first == i;
    }
    return hosts;
}
