#include "commands/float64.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int cr_run_in_float64(const cr_context *context, char **argv)
{
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 16);
    if (length < 0)
        length = snprintf(path, sizeof path - 16, "%s", context->program);
    snprintf(path + length, 16, "-f64");
    execv(path, argv - 1); /* main's argv begins one before the command's */
    fprintf(stderr,
            "chainrule: error: %s: cannot run it: %s; it is built and installed beside "
            "chainrule\n",
            path, strerror(errno));
    return CR_EXIT_FAILED;
}
