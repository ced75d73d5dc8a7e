#include "sweep/process_line.h"

#include "base/memory.h"

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

void cr_process_line_add_frames(cr_process_line *line, cr_text *frames)
{
    for (size_t i = line->count - line->unsent; i < line->count; i++) {
        const cr_process_job *job = cr_process_line_at(line, i);
        cr_process_frame_add(frames, CR_FRAME_JOB, job->bytes, job->length);
    }
}

void cr_process_line_mark_sent(cr_process_line *line, bool delivered)
{
    for (; line->unsent > 0; line->unsent--)
        cr_process_line_at(line, line->count - line->unsent)->delivered = delivered;
}
