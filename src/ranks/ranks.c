#include "ranks/ranks.h"
#include "base/clock.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, DRAIN_MILLISECONDS = 1000 };

static bool read_number(const char *name, int *number)
{
    const char *text = getenv(name);
    char *end = NULL;
    long value = text ? strtol(text, &end, 10) : -1;
    *number = (int)value;
    return text && end != text && *end == '\0' && value >= 0 && value < 1 << 30;
}

/* Open MPI's mpirun, Hydra (MPICH's) and Slurm's pmi2, Slurm's pmix, and tasks of Slurm
 * that have no such thing: the first that the environment fits. */
static const struct {
    const char *rank, *size, *module;
} launchers[] = {
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "openmpi"},
    {"PMI_RANK", "PMI_SIZE", "mpich"},
    {"PMIX_RANK", "SLURM_STEP_NUM_TASKS", "openmpi"},
    {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS", NULL},
};

bool cr_ranks_find_launch(cr_ranks_launch *launch)
{
    for (size_t i = 0; i < sizeof launchers / sizeof *launchers; i++)
        if (read_number(launchers[i].rank, &launch->rank) &&
            read_number(launchers[i].size, &launch->size)) {
            launch->module = launchers[i].module;
            return launch->size > 1;
        }
    return false;
}

/* Where the module is: beside the program, as it is built, or where it is installed. */
static bool find_module(const char *module, char path[PATH_SIZE])
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_SIZE - 64);
    while (length > 0 && path[length - 1] != '/')
        length--;
    if (length > 0) {
        snprintf(path + length, PATH_SIZE - (size_t)length, "chainrule-%s.so", module);
        if (access(path, R_OK) == 0)
            return true;
    }
    snprintf(path, PATH_SIZE, "%s/chainrule-%s.so", CR_MODULE_DIRECTORY, module);
    return access(path, R_OK) == 0;
}

bool cr_ranks_check_launch(const cr_ranks_launch *launch, cr_error *err)
{
    char path[PATH_SIZE];
    if (!launch->module)
        return cr_fail(err, CR_E_USAGE,
                       "srun started %d tasks that know nothing of one another; "
                       "srun --mpi=pmix (Open MPI) or --mpi=pmi2 (MPICH) makes ranks of "
                       "them, and --shard K/N gives each a part of a sweep",
                       launch->size);
    return find_module(launch->module, path) ||
           cr_fail(err, CR_E_USAGE,
                   "this was started as one of %d ranks, but chainrule was built without "
                   "that MPI: there is no %s; install %s and build once more",
                   launch->size, path,
                   strcmp(launch->module, "mpich") == 0 ? "libmpich-dev"
                                                        : "libopenmpi-dev");
}

static bool load(cr_ranks *ranks, const char *module, cr_error *err)
{
    char path[PATH_SIZE];
    find_module(module, path);
    /* Open MPI's own plugins look for its symbols among all. */
    ranks->library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    if (!ranks->library)
        return cr_fail(err, CR_E_USAGE, "cannot load MPI: %s", dlerror());
    ranks->type = dlsym(ranks->library, "cr_mpi_module");
    if (ranks->type && ranks->type->version == CR_RANKS_VERSION)
        return true;
    return cr_fail(
        err, CR_E_USAGE,
        "%s: it is of another version of chainrule; build or install both anew", path);
}

static void *start(cr_ranks *ranks, const volatile sig_atomic_t *stop,
                   char why[CR_RANKS_WHY])
{
    static const int numbers[] = {SIGINT, SIGTERM};
    const struct sigaction plain = {.sa_handler = SIG_DFL};
    struct sigaction before[2];
    for (size_t i = 0; i < 2; i++)
        sigaction(numbers[i], &plain, &before[i]);
    if (*stop)
        raise((int)*stop);
    void *module = ranks->type->start(&ranks->rank, &ranks->size, why);
    for (size_t i = 0; i < 2; i++)
        sigaction(numbers[i], &before[i], NULL);
    return module;
}

bool cr_ranks_start(cr_ranks *ranks, const cr_ranks_launch *launch,
                    const volatile sig_atomic_t *stop, cr_error *err)
{
    char why[CR_RANKS_WHY] = "";
    *ranks = (cr_ranks){0};
    if (!cr_ranks_check_launch(launch, err) || !load(ranks, launch->module, err))
        return false;
    ranks->module = start(ranks, stop, why);
    if (!ranks->module)
        return cr_fail(err, CR_E_IO, "%s: %s", ranks->type->library, why);
    if (ranks->rank == launch->rank && ranks->size == launch->size)
        return true;
    return cr_fail(
        err, CR_E_USAGE,
        "%s says that this is rank %d of %d, but the environment says %d of %d; "
        "start it with the mpirun of that library",
        ranks->type->library, ranks->rank, ranks->size, launch->rank, launch->size);
}

void cr_ranks_finish(cr_ranks *ranks)
{
    if (ranks->module)
        ranks->type->finish(ranks->module);
    ranks->module = NULL; /* the library stays: it may have threads and handlers */
}

/* Waits until the launcher has read what this process printed: Hydra loses what is still in
 * the pipe when a job is aborted (23 of 400 times measured; with this, 0). */
static void drain(int file)
{
    int unread = 0;
    for (int i = 0; i < DRAIN_MILLISECONDS && ioctl(file, FIONREAD, &unread) == 0 &&
                    unread > 0 && !isatty(file);
         i++)
        cr_clock_sleep(1e-3);
}

void cr_ranks_give_up(cr_ranks *ranks, int status)
{
    fflush(NULL);
    drain(STDOUT_FILENO);
    drain(STDERR_FILENO);
    ranks->type->give_up(ranks->module, status);
}
