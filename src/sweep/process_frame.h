/* Frames on the socket between a process pool and one of its workers: a head, then so
 * many bytes. The two ends are one program, so that numbers are as the machine has them.
 */
#ifndef CHAINRULE_SWEEP_PROCESS_FRAME_H
#define CHAINRULE_SWEEP_PROCESS_FRAME_H

#include "base/text.h"

#include <stdint.h>

typedef enum cr_process_frame_kind {
    /* to a worker: */
    CR_FRAME_JOB,    /* to be done after the jobs before it */
    CR_FRAME_NOTICE, /* the latest one */
    CR_FRAME_STOP,   /* end as soon as possible */
    CR_FRAME_RECALL, /* give up the jobs that are not begun, and say how many */
    /* from a worker: */
    CR_FRAME_RESULT,   /* of the oldest job, after `number` nanoseconds of work */
    CR_FRAME_RETURNED, /* the last `number` jobs before the recall were given up */
} cr_process_frame_kind;

typedef struct cr_process_frame {
    uint64_t kind, number;
    uint64_t length; /* of the bytes behind it */
} cr_process_frame;

/* Frames that have arrived; starts as {0}. */
typedef struct cr_process_inbox {
    char *bytes; /* [length], owned; those before `at` were taken */
    size_t at, length, capacity;
} cr_process_inbox;

typedef enum cr_process_read {
    CR_READ_SOME,
    CR_READ_NONE, /* nothing was there */
    CR_READ_END,  /* the other end is closed */
    CR_READ_NO_MEMORY,
} cr_process_read;

/* Reads what is there; waits for it if `waits`. What was taken before is overwritten. */
cr_process_read cr_process_frame_read(int socket, bool waits, cr_process_inbox *inbox,
                                      cr_error *err);

/* Adds bytes that have come by another way. What was taken before is overwritten. */
CR_MUST_CHECK bool cr_process_frame_append(cr_process_inbox *inbox, const void *bytes,
                                           size_t length, cr_error *err);

/* The next whole frame and its bytes, which it counts as taken; false if there is none
 * yet. */
CR_MUST_CHECK bool cr_process_frame_take(cr_process_inbox *inbox, cr_process_frame *frame,
                                         const char **bytes);

/* Appends a frame. */
void cr_process_frame_add(cr_text *frames, cr_process_frame_kind kind, const char *bytes,
                          size_t length);

/* Sends bytes[0..length): frames, whole. False when the other end is gone. */
CR_MUST_CHECK bool cr_process_frame_send(int socket, const void *bytes, size_t length);

#endif
