/*
 * A nursery: the process of a rank that forks its workers. It is forked itself before the
 * rank joins the job, since a process that speaks MPI must not fork; so a worker that
 * crashes is a failed trial and no end of the job. It passes bytes on between its socket and
 * the workers, in frames (process_frame.h) whose kinds are these.
 */
#ifndef CHAINRULE_SWEEP_NURSERY_H
#define CHAINRULE_SWEEP_NURSERY_H

#include "sweep/process_host.h"

#include <sys/types.h>

typedef enum cr_nursery_kind {
    CR_NURSERY_BYTES, /* to or from a worker */
    CR_NURSERY_START, /* to it: start the worker */
    CR_NURSERY_END,   /* to it: end all, and itself */
    CR_NURSERY_ENDED, /* from it: the worker has ended, with this status */
    CR_NURSERY_FAILED /* from it: it cannot go on; a sentence */
} cr_nursery_kind;

/* A frame's number is that of the worker, and above it the status. */
static inline uint64_t cr_nursery_number(size_t worker, int status)
{
    return (uint64_t)worker | (uint64_t)(uint32_t)status << 32;
}

static inline size_t cr_nursery_worker(uint64_t number)
{
    return number & UINT32_MAX;
}

static inline int cr_nursery_status(uint64_t number)
{
    return (int)(uint32_t)(number >> 32);
}

/* What a nursery is to know. */
typedef struct cr_nursery_plan {
    size_t workers;
    /* In the nursery: fills in what workers do, for which it may read from the socket. */
    bool (*prepare)(void *user, int socket, cr_transport_work *work, cr_error *err);
    void (*clear)(void *user); /* at its end */
    void *user;
} cr_nursery_plan;

typedef struct cr_nursery {
    pid_t pid; /* 0: there is none */
    int socket;
} cr_nursery;

CR_MUST_CHECK bool cr_nursery_start(cr_nursery *nursery, const cr_nursery_plan *plan,
                                    cr_error *err);

/* Closes the socket, which ends it, and waits for that. Returns its status as waitpid has
 * it. */
int cr_nursery_finish(cr_nursery *nursery);

#endif
