#include "sweep/process_queue.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

bool cr_process_queue_add(cr_process_queue *queue, const void *bytes, size_t length)
{
    if (queue->at == queue->length)
        queue->at = queue->length = 0;
    if (length == 0)
        return true;
    if (!cr_reserve(&queue->bytes, &queue->capacity, queue->length + length, 1, NULL))
        return false;
    memcpy(queue->bytes + queue->length, bytes, length);
    queue->length += length;
    return true;
}

bool cr_process_queue_flush(cr_process_queue *queue, int socket)
{
    while (queue->at < queue->length) {
        ssize_t sent = send(socket, queue->bytes + queue->at, queue->length - queue->at,
                            MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return true;
        if (sent < 0 && errno != EINTR)
            return false;
        queue->at += sent > 0 ? (size_t)sent : 0;
    }
    return true;
}

void cr_process_queue_finish(cr_process_queue *queue)
{
    cr_free(queue->bytes);
    *queue = (cr_process_queue){0};
}
