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

enum {
    CR_PROCESS_LINE_BYTES =
        CR_MOST_JOBS_AHEAD * (sizeof(cr_process_frame) + CR_MOST_JOB_BYTES)
};

/* Job i from the oldest; i may be the count, for the place of the next one. */
cr_process_job *cr_process_line_at(cr_process_line *line, size_t i);

/* Appends a job, which it owns from now on, unsent. There is room for it. */
void cr_process_line_add(cr_process_line *line, cr_process_job job);

/* Takes the oldest or the latest job out, which the caller owns then. */
cr_process_job cr_process_line_take_oldest(cr_process_line *line);
cr_process_job cr_process_line_take_latest(cr_process_line *line);

/* Frees all jobs. */
void cr_process_line_drop(cr_process_line *line);

/* Sends the jobs that are still to be sent, all at once. frames: room for
 * CR_PROCESS_LINE_BYTES. */
void cr_process_line_send(cr_process_line *line, int socket, char *frames);

#endif
