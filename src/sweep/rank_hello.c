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

void cr_rank_hello_compare(const cr_rank_hello *own, const cr_rank_hello *hello, int rank,
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
