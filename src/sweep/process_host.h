/*
 * Where the processes of a pool live: on this machine (process_fork.c), or on the ranks of
 * a job (process_ranks.c). A process has a number below that of the pool's workers, and
 * lives in cr_process_worker_run; bytes between it and the pool are frames.
 */
#ifndef CHAINRULE_SWEEP_PROCESS_HOST_H
#define CHAINRULE_SWEEP_PROCESS_HOST_H

#include "sweep/process_frame.h"
#include "sweep/transport.h"

typedef struct cr_process_host cr_process_host;

typedef struct cr_process_host_type {
    /* Work is borrowed. NULL with err. */
    cr_process_host *(*create)(const cr_transport_work *work, cr_error *err);

    /* Work that a process has before it, beyond the job that it is at: so long, and so many
     * jobs at least, where news of its end needs time to come and go. */
    double ahead_seconds;
    size_t least_ahead;

    /* Starts process i, of which there is none. */
    bool (*start)(cr_process_host *host, size_t i, cr_error *err);

    /* Sends it bytes[0..length): whole frames. It does not wait: what the process does not
     * take yet is sent while the pool waits. False when the process is gone. */
    bool (*send)(cr_process_host *host, size_t i, const void *bytes, size_t length);

    /* Reads what it has sent, as cr_process_frame_read does without waiting. */
    cr_process_read (*read)(cr_process_host *host, size_t i, cr_process_inbox *inbox,
                            cr_error *err);

    /* After CR_READ_END: waits for its end, and returns its status as waitpid has it. */
    int (*end)(cr_process_host *host, size_t i);

    /* Waits until one of them has sent something or is gone; so many milliseconds at most,
     * without an end if they are negative. */
    bool (*wait)(cr_process_host *host, int milliseconds, cr_error *err);

    /* When all processes have ended; takes NULL. */
    void (*destroy)(cr_process_host *host);
} cr_process_host_type;

extern const cr_process_host_type cr_process_fork, cr_process_ranks;

#endif
