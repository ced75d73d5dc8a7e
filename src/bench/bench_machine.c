#include "bench/bench_machine.h"

#include "base/file.h"
#include "base/memory.h"
#include "math/blas.h"
#include "runs/summary.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_BYTES = 1 << 24, MOST_CORES = 4096 };

/* What stands behind "name : " in the line at `line`; *length is that of its value. NULL
 * if it is a line of something else. */
static const char *value_of(const char *line, const char *name, size_t *length)
{
    size_t size = strlen(name);
    if (strncmp(line, name, size) != 0)
        return NULL;
    line += size + strspn(line + size, " \t");
    if (*line != ':')
        return NULL;
    line += 1 + strspn(line + 1, " \t");
    *length = strcspn(line, "\n");
    return line;
}

/* How many pairs of socket and core there are: two processors of one core are one. */
static size_t count_cores(const char *text)
{
    long seen[MOST_CORES], socket = 0;
    size_t count = 0, length = 0;
    for (const char *line = text; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *at = value_of(line, "physical id", &length);
        if (at)
            socket = strtol(at, NULL, 10);
        at = value_of(line, "core id", &length);
        if (!at || count == MOST_CORES)
            continue;
        long core = socket * MOST_CORES + strtol(at, NULL, 10);
        size_t i = 0;
        while (i < count && seen[i] != core)
            i++;
        if (i == count)
            seen[count++] = core;
    }
    return count;
}

/* Model and cores from Linux's list of processors. */
static bool add_processor(cr_json *machine)
{
    char *text = NULL;
    size_t length = 0, cores = 0;
    char model[128] = "unknown";
    if (cr_file_read("/proc/cpuinfo", MOST_BYTES, CR_E_IO, &text, &length, NULL)) {
        const char *line = strstr(text, "model name");
        const char *name = line ? value_of(line, "model name", &length) : NULL;
        if (name && length > 0 && length < sizeof model) {
            memcpy(model, name, length);
            model[length] = '\0';
        }
        cores = count_cores(text);
    }
    cr_free(text);
    return cr_json_set_string(machine, "processor", model) &&
           (cores == 0 || cr_json_set_number(machine, "cores", (double)cores));
}

static bool add_caches(cr_json *machine)
{
#if defined(_SC_LEVEL1_DCACHE_SIZE) && defined(_SC_LEVEL2_CACHE_SIZE) &&                 \
    defined(_SC_LEVEL3_CACHE_SIZE)
    static const struct {
        const char *name;
        int question;
    } levels[] = {{"l1d", _SC_LEVEL1_DCACHE_SIZE},
                  {"l2", _SC_LEVEL2_CACHE_SIZE},
                  {"l3", _SC_LEVEL3_CACHE_SIZE}};
    cr_json *caches = cr_json_add(machine, "caches", CR_JSON_OBJECT);
    bool good = caches != NULL;
    for (size_t i = 0; good && i < CR_COUNT(levels); i++) {
        long bytes = sysconf(levels[i].question);
        good = bytes <= 0 || cr_json_set_number(caches, levels[i].name, (double)bytes);
    }
    return good;
#else
    (void)machine;
    return true;
#endif
}

bool cr_bench_machine_describe(cr_json *machine)
{
    return cr_json_set_number(machine, "processors", cr_blas_processors()) &&
           add_processor(machine) && add_caches(machine) &&
           cr_summary_add_machine(machine);
}
