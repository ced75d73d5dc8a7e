/* What a process pool is made of, for its two files: process_pool.c, and process_pool_send.c
 * for what it sends. */
#ifndef CHAINRULE_SWEEP_PROCESS_POOL_STATE_H
#define CHAINRULE_SWEEP_PROCESS_POOL_STATE_H

#include "sweep/process_end.h"
#include "sweep/process_host.h"
#include "sweep/process_line.h"
#include "sweep/process_roster.h"

typedef struct cr_pool_worker {
    bool alive; /* there is a process */
    cr_process_inbox inbox;
    cr_process_line line;
    size_t notices; /* the number of the notice that it was sent last */
    bool silent;    /* it has sent nothing since then */
    bool recalled;  /* it was asked for what it has not begun, and has not answered yet */
    bool ending;    /* it was told to stop, since there is nothing left for it */
    bool gone;      /* it is closed; its end is still to be waited for */
    bool awaits;    /* it is among those that something is to be sent to */
} cr_pool_worker;

struct cr_transport {
    cr_transport_work work;
    const cr_process_host_type *type;
    cr_process_host *host;
    cr_pool_worker *workers; /* [work.workers] */
    size_t living, recalled;
    cr_process_roster roster; /* those that may be given jobs */
    size_t *awaiting;         /* [awaiting_count] that something is to be sent to */
    size_t awaiting_count;
    size_t *heard; /* [heard_at, heard_count) who sent something or ended, not seen yet */
    size_t heard_at, heard_count;
    double job_seconds; /* a running mean of what jobs take; 0: none has come back */
    bool closed, stopped;
    cr_process_job handed;          /* of the event that was handed out last */
    cr_text frames;                 /* that are being sent */
    char notice[CR_MOST_JOB_BYTES]; /* [notice_length] the latest */
    size_t notice_length, notices;  /* notices: how many there were */
    char why[CR_PROCESS_END_WHY];
};

static inline size_t cr_process_pool_number(const cr_transport *pool,
                                            const cr_pool_worker *w)
{
    return (size_t)(w - pool->workers);
}

/* A frame without bytes. */
void cr_process_pool_send_frame(cr_transport *pool, const cr_pool_worker *w,
                                cr_process_frame_kind kind);

/* The jobs of its line that it has not been sent. */
void cr_process_pool_send_jobs(cr_transport *pool, cr_pool_worker *w);

/* Something is to be sent to it, with the next cr_process_pool_send_all. */
void cr_process_pool_send_later(cr_transport *pool, cr_pool_worker *w);
void cr_process_pool_send_all(cr_transport *pool);

/* Of the transport's table. */
void cr_process_pool_send_notice(cr_transport *pool, const char *notice, size_t length);
void cr_process_pool_send_stop(cr_transport *pool);

#endif
