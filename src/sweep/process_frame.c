#include "sweep/process_frame.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

enum { CHUNK = 1 << 16 };

/* Makes room for more bytes in place of those that were taken. */
static bool make_room(cr_process_inbox *inbox, size_t length, cr_error *err)
{
    if (inbox->at > 0) {
        inbox->length -= inbox->at;
        memmove(inbox->bytes, inbox->bytes + inbox->at, inbox->length);
        inbox->at = 0;
    }
    return cr_reserve(&inbox->bytes, &inbox->capacity, inbox->length + length, 1, err);
}

bool cr_process_frame_append(cr_process_inbox *inbox, const void *bytes, size_t length,
                             cr_error *err)
{
    if (!make_room(inbox, length, err))
        return false;
    if (length > 0)
        memcpy(inbox->bytes + inbox->length, bytes, length);
    inbox->length += length;
    return true;
}

cr_process_read cr_process_frame_read(int socket, bool waits, cr_process_inbox *inbox,
                                      cr_error *err)
{
    if (!make_room(inbox, CHUNK, err))
        return CR_READ_NO_MEMORY;
    ssize_t got =
        recv(socket, inbox->bytes + inbox->length, CHUNK, waits ? 0 : MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK))
        return CR_READ_NONE;
    if (got <= 0)
        return CR_READ_END;
    inbox->length += (size_t)got;
    return CR_READ_SOME;
}

bool cr_process_frame_take(cr_process_inbox *inbox, cr_process_frame *frame,
                           const char **bytes)
{
    size_t left = inbox->length - inbox->at;
    if (left < sizeof *frame)
        return false;
    memcpy(frame, inbox->bytes + inbox->at, sizeof *frame);
    if (left - sizeof *frame < frame->length)
        return false;
    *bytes = inbox->bytes + inbox->at + sizeof *frame;
    inbox->at += sizeof *frame + (size_t)frame->length;
    return true;
}

void cr_process_frame_add(cr_text *frames, cr_process_frame_kind kind, const char *bytes,
                          size_t length)
{
    const cr_process_frame frame = {.kind = kind, .length = length};
    cr_text_add_bytes(frames, (const char *)&frame, sizeof frame);
    cr_text_add_bytes(frames, bytes, length);
}

bool cr_process_frame_send(int socket, const void *bytes, size_t length)
{
    const char *at = bytes;
    while (length > 0) {
        ssize_t sent = send(socket, at, length, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            return false;
        at += sent > 0 ? sent : 0;
        length -= sent > 0 ? (size_t)sent : 0;
    }
    return true;
}
