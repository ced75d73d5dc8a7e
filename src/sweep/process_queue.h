/* Bytes that wait until a socket takes them. */
#ifndef CHAINRULE_SWEEP_PROCESS_QUEUE_H
#define CHAINRULE_SWEEP_PROCESS_QUEUE_H

#include <chainrule/error.h>
#include <stddef.h>

/* Starts as {0}. */
typedef struct cr_process_queue {
    char *bytes; /* [length], owned; those before `at` were sent */
    size_t at, length, capacity;
} cr_process_queue;

static inline size_t cr_process_queue_length(const cr_process_queue *queue)
{
    return queue->length - queue->at;
}

/* Appends; false when out of memory. */
CR_MUST_CHECK bool cr_process_queue_add(cr_process_queue *queue, const void *bytes,
                                        size_t length);

/* Sends as much as the socket takes without waiting. False when the other end is gone. */
CR_MUST_CHECK bool cr_process_queue_flush(cr_process_queue *queue, int socket);

void cr_process_queue_finish(cr_process_queue *queue); /* leaves zeros */

#endif
