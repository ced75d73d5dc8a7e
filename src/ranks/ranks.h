/*
 * Ranks: the processes of one job, on one machine or on many, as MPI starts them. Rank 0
 * has the say.
 *
 * The program itself needs no MPI: what talks to it is a module (mpi_module.c, built once
 * for each MPI that is installed), which is loaded when the environment says that such a
 * one has started this process. Nothing here waits: an operation is begun, and asked later
 * whether it is done.
 */
#ifndef CHAINRULE_RANKS_RANKS_H
#define CHAINRULE_RANKS_RANKS_H

#include <chainrule/error.h>
#include <signal.h>
#include <stddef.h>

enum {
    CR_RANKS_VERSION = 1, /* of the table below */
    CR_RANKS_WHY = 512,   /* bytes of a sentence that says what went wrong */
    CR_RANKS_ANYONE = -1,
    CR_RANKS_MOST_BYTES = 1 << 30 /* of one operation */
};

typedef enum cr_ranks_state {
    CR_RANKS_PENDING,
    CR_RANKS_DONE,
    CR_RANKS_BROKEN
} cr_ranks_state;

/* What a receive has received. */
typedef struct cr_ranks_received {
    int from;
    size_t length;
} cr_ranks_received;

/* The module's table. Operations return the number of a request that is at work, or -1.
 * Memory stays where it is until its request is done. */
typedef struct cr_ranks_type {
    unsigned version;
    const char *library; /* "Open MPI" */

    /* Joins the job. NULL with why. From now on, the process must not fork. */
    void *(*start)(int *rank, int *size, char why[CR_RANKS_WHY]);

    int (*send)(void *module, int to, int tag, const void *bytes, size_t length);
    int (*receive)(void *module, int from, int tag, void *bytes, size_t room);

    /* All ranks in the same order: bytes of rank `root` arrive at all others. */
    int (*broadcast)(void *module, int root, void *bytes, size_t length);

    /* Whether it is done; then the request is no more. received: NULL but for a receive. */
    cr_ranks_state (*test)(void *module, int request, cr_ranks_received *received);
    void (*cancel)(void *module, int request);

    const char *(*why)(void *module); /* after -1 or CR_RANKS_BROKEN */

    void (*finish)(void *module);              /* leaves the job; all ranks do */
    void (*give_up)(void *module, int status); /* ends all ranks; may not return */
} cr_ranks_type;

/* How this process was started. */
typedef struct cr_ranks_launch {
    int rank, size;
    const char *module; /* "openmpi" or "mpich"; NULL: tasks that know nothing of one
                           another */
} cr_ranks_launch;

/* Whether this process is one of several of a job, by its environment. */
bool cr_ranks_find_launch(cr_ranks_launch *launch);

/* Whether ranks started so can be joined: they know of one another, and the module is
 * there. */
CR_MUST_CHECK bool cr_ranks_check_launch(const cr_ranks_launch *launch, cr_error *err);

typedef struct cr_ranks {
    const cr_ranks_type *type;
    void *module;  /* the type's own */
    void *library; /* of dlopen */
    int rank, size;
} cr_ranks;

/* Loads the module and joins the job. Nobody looks at signals while MPI does: one that asks
 * to stop (*stop: that has done so before) ends the process. */
CR_MUST_CHECK bool cr_ranks_start(cr_ranks *ranks, const cr_ranks_launch *launch,
                                  const volatile sig_atomic_t *stop, cr_error *err);

/* Leaves the job, when nothing is at work any more. */
void cr_ranks_finish(cr_ranks *ranks);

/* Ends all ranks with this status, once the launcher has what this one printed; may not
 * return. */
void cr_ranks_give_up(cr_ranks *ranks, int status);

#endif
