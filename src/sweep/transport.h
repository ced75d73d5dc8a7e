/*
 * A transport brings jobs to workers and their results back.
 *
 * Workers are processes, on this machine or on others, which have nothing in common with
 * the one that gives out the work but what is sent: jobs and results are plain bytes. A
 * worker that dies loses the job that it was at, which is reported, and no other.
 *
 * A transport is one file that implements the functions below; process_pool.c does with
 * processes, forked here or on other ranks.
 */
#ifndef CHAINRULE_SWEEP_TRANSPORT_H
#define CHAINRULE_SWEEP_TRANSPORT_H

#include "base/text.h"

enum { CR_MOST_JOB_BYTES = 1024 }; /* what luggage it has not counted; of a notice too */

typedef struct cr_transport cr_transport;

/* What a worker hears of while it is at a job. */
typedef struct cr_worker_news {
    bool (*is_stopping)(void *user); /* to be asked now and then: it listens */
    const char *(*notice)(void *user, size_t *length); /* the latest one; its length is 0
                                                          before the first */
    void *user;
} cr_worker_news;

typedef struct cr_transport_work {
    size_t workers; /* at least 1 */
    /* In a worker: does the job and appends its result. False: it was stopped, and there
     * is no result. */
    bool (*work)(void *context, const cr_worker_news *news, const char *job,
                 size_t length, cr_text *result);
    void *context; /* for `work`: what every worker has, however it was started */
    void *link;    /* to where workers are; NULL: on this machine */
} cr_transport_work;

typedef enum cr_event_kind {
    CR_EVENT_NONE,   /* nothing has come in the time */
    CR_EVENT_RESULT, /* of the job: the bytes */
    CR_EVENT_LOST,   /* the job's worker died: the bytes are a sentence that says why */
    CR_EVENT_END     /* after close or stop: the last worker is gone */
} cr_event_kind;

typedef struct cr_event {
    cr_event_kind kind;
    const char *job; /* [job_length] as it was sent; this and the bytes belong to the
                        transport, until the next call of it */
    size_t job_length;
    const char *bytes; /* [length]; those of a sentence are followed by a 0 */
    size_t length;
} cr_event;

typedef struct cr_transport_type {
    /* Workers share no files with who gives out the work: runs travel with jobs and results
     * (luggage.h). */
    bool travels;

    /* Work is copied; its context outlives the transport. NULL with err. */
    cr_transport *(*start)(const cr_transport_work *work, cr_error *err);

    /* Jobs that it can take now. Some more than there are workers, if jobs are so short
     * that workers would have to wait for the next one. */
    size_t (*room)(const cr_transport *transport);

    /* Takes a job of at most CR_MOST_JOB_BYTES, which is copied. One of CR_EVENT_RESULT
     * and CR_EVENT_LOST will come of it, unless the transport is stopped before. */
    bool (*send)(cr_transport *transport, const char *job, size_t length, cr_error *err);

    /* Tells all workers, also those that are at a job: a notice of at most
     * CR_MOST_JOB_BYTES takes the place of the one before it, which a worker may never
     * hear of. */
    void (*notify)(cr_transport *transport, const char *notice, size_t length);

    /* Says that no job will follow: workers end when they have done theirs. */
    void (*close)(cr_transport *transport);

    /* Tells the workers to stop: jobs that were not begun are dropped, jobs at work end
     * soon, with a result or without. */
    void (*stop)(cr_transport *transport);

    /* Waits for an event, so many milliseconds at most. */
    bool (*receive)(cr_transport *transport, int milliseconds, cr_event *event,
                    cr_error *err);

    /* Stops the workers and waits for their end; takes NULL. */
    void (*destroy)(cr_transport *transport);
} cr_transport_type;

/* On this machine; on the ranks of a job, whose session is the link (rank_session.h). */
extern const cr_transport_type cr_process_pool, cr_rank_pool;

#endif
