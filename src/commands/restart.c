#include "commands/restart.h"

#include "commands/command.h"
#include "math/blas.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

/* The program's file with a suffix; argv0 where it cannot be asked for. */
static const char *program_path(const char *argv0, const char *suffix,
                                char out[PATH_SIZE])
{
    const size_t room = PATH_SIZE - 16;
    ssize_t length = readlink("/proc/self/exe", out, room);
    if (length < 0)
        length = snprintf(out, room, "%s", argv0);
    snprintf(out + length, 16, "%s", suffix);
    return out;
}

int cr_restart_in_float64(const char *program, char **argv)
{
    char path[PATH_SIZE];
    execv(program_path(program, "-f64", path),
          argv - 1); /* main's argv begins one before the command's */
    cr_print_to(
        stderr,
        "chainrule: error: %s: cannot run it: %s; `ninja -C build` builds it, and "
        "`meson install` installs it beside chainrule\n",
        path, strerror(errno));
    return CR_EXIT_FAILED;
}

void cr_restart_with_better_kernel(char **argv)
{
    char path[PATH_SIZE];
    const char *kernel = cr_blas_better_kernel();
    if (!kernel || setenv(CR_BLAS_CHOICE, kernel, 1) != 0 ||
        setenv(CR_BLAS_OWN_CHOICE, kernel, 1) != 0)
        return;
    execv(program_path(argv[0], "", path), argv);
    unsetenv(CR_BLAS_CHOICE); /* as if nothing had been tried */
}
