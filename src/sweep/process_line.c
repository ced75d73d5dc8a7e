#include "sweep/process_line.h"

#include "base/memory.h"

#include <string.h>

cr_process_job *cr_process_line_at(cr_process_line *line, size_t i)
{
    return &line->jobs[(line->first + i) % CR_MOST_JOBS_AHEAD];
}

void cr_process_line_add(cr_process_line *line, cr_process_job job)
{
    *cr_process_line_at(line, line->count++) = job;
    line->unsent++;
}

cr_process_job cr_process_line_take_oldest(cr_process_line *line)
{
    cr_process_job oldest = *cr_process_line_at(line, 0);
    line->first = (line->first + 1) % CR_MOST_JOBS_AHEAD;
    line->count--;
    if (line->unsent > line->count)
        line->unsent = line->count;
    return oldest;
}

cr_process_job cr_process_line_take_latest(cr_process_line *line)
{
    if (line->unsent > 0)
        line->unsent--;
    return *cr_process_line_at(line, --line->count);
}

void cr_process_line_drop(cr_process_line *line)
{
    while (line->count > 0)
        cr_free(cr_process_line_take_oldest(line).bytes);
}

void cr_process_line_send(cr_process_line *line, int socket, char *frames)
{
    size_t length = 0, from = line->count - line->unsent;
    if (line->unsent == 0)
        return;
    for (size_t i = from; i < line->count; i++) {
        const cr_process_job *job = cr_process_line_at(line, i);
        const cr_process_frame frame = {.kind = CR_FRAME_JOB, .length = job->length};
        memcpy(frames + length, &frame, sizeof frame);
        memcpy(frames + length + sizeof frame, job->bytes, job->length);
        length += sizeof frame + job->length;
    }
    bool delivered = cr_process_frame_send(socket, frames, length);
    for (size_t i = from; i < line->count; i++)
        cr_process_line_at(line, i)->delivered = delivered;
    line->unsent = 0;
}
