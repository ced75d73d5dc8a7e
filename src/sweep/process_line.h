/* The jobs that a process pool has given to one worker and that have not come back, the
 * oldest first: the worker does them in this order. */
#ifndef CHAINRULE_SWEEP_PROCESS_LINE_H
#define CHAINRULE_SWEEP_PROCESS_LINE_H

#include "sweep/process_frame.h"
#include "sweep/process_worker.h"

typedef struct cr_process_job {
    char *bytes; /* owned by whoever has the job */
    size_t length;
    bool delivered; /* the worker's process was alive when it was sent */
} cr_process_job;

typedef struct cr_process_line {
    cr_process_job jobs[CR_MOST_JOBS_AHEAD]; /* a ring: [first] is the oldest */
    size_t first, count;
    size_t unsent; /* the last so many of them are still to be sent */
} cr_process_line;

/* Job i from the oldest; i may be the count, for the place of the next one. */
cr_process_job *cr_process_line_at(cr_process_line *line, size_t i);

/* Appends a job, which it owns from now on, unsent. There is room for it. */
void cr_process_line_add(cr_process_line *line, cr_process_job job);

/* Takes the oldest or the latest job out, which the caller owns then. */
cr_process_job cr_process_line_take_oldest(cr_process_line *line);
cr_process_job cr_process_line_take_latest(cr_process_line *line);

/* Frees all jobs. */
void cr_process_line_drop(cr_process_line *line);

/* Appends frames of the jobs that are still to be sent; and notes that they were, to a
 * process that was there or not. */
void cr_process_line_add_frames(cr_process_line *line, cr_text *frames);
void cr_process_line_mark_sent(cr_process_line *line, bool delivered);

#endif
