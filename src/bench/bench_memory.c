#include "bench/bench_memory.h"

#include "base/file.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line of /proc/self/status, which has kilobytes, in bytes. */
static double read_line(const char *name)
{
    char *text = NULL;
    size_t length = 0;
    double kilobytes = 0;
    if (!cr_file_read("/proc/self/status", 1 << 16, CR_E_IO, &text, &length, NULL))
        return 0;
    const char *line = strstr(text, name);
    if (line)
        kilobytes = strtod(line + strlen(name), NULL);
    cr_free(text);
    return kilobytes * 1024;
}

double cr_bench_memory_resident(void)
{
    return read_line("VmRSS:");
}

double cr_bench_memory_peak(void)
{
    return read_line("VmHWM:");
}

void cr_bench_memory_reset(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "w");
    if (!file)
        return;
    fputs("5", file);
    fclose(file);
}
