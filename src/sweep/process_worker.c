#include "sweep/process_worker.h"

#include "base/clock.h"
#include "base/memory.h"
#include "sweep/process_frame.h"

#include <string.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

/* Between two looks at the socket while a job is at work, which cost a system call. */
static const double look_seconds = 0.001;

typedef struct job {
    char *bytes; /* [length], owned */
    size_t length;
} job;

typedef struct worker {
    int socket;
    cr_process_inbox inbox;
    job jobs[CR_MOST_JOBS_AHEAD]; /* a ring: [first], … are not begun, [count] of them */
    size_t first, count;
    bool stops;
    double looked;                  /* when the socket was looked at last */
    char notice[CR_MOST_JOB_BYTES]; /* [notice_length] */
    size_t notice_length;
} worker;

/* Whatever keeps a worker from reporting ends it; the parent will see why. */
static _Noreturn void fail(void)
{
    _exit(1);
}

static void push(worker *w, const char *bytes, size_t length)
{
    job *j = &w->jobs[(w->first + w->count++) % CR_MOST_JOBS_AHEAD];
    j->length = length;
    j->bytes = cr_text_copy(bytes, length, NULL);
    if (!j->bytes)
        fail();
}

static void return_jobs(worker *w)
{
    const cr_process_frame returned = {CR_FRAME_RETURNED, w->count, 0};
    for (; w->count > 0; w->count--)
        cr_free(w->jobs[(w->first + w->count - 1) % CR_MOST_JOBS_AHEAD].bytes);
    if (!cr_process_frame_send(w->socket, &returned, sizeof returned))
        fail();
}

static void take_frame(worker *w, const cr_process_frame *frame, const char *bytes)
{
    size_t length = (size_t)frame->length;
    switch (frame->kind) {
    case CR_FRAME_JOB:
        push(w, bytes, length);
        break;
    case CR_FRAME_NOTICE:
        memcpy(w->notice, bytes, length);
        w->notice_length = length;
        break;
    case CR_FRAME_RECALL:
        return_jobs(w);
        break;
    default:
        w->stops = true;
        break;
    }
}

/* Reads what the parent sent. */
static void look(worker *w, bool waits)
{
    cr_process_frame frame;
    const char *bytes = NULL;
    switch (cr_process_frame_read(w->socket, waits, &w->inbox, NULL)) {
    case CR_READ_NO_MEMORY:
        fail();
    case CR_READ_END: /* nobody wants the results any more */
        w->stops = true;
        return;
    case CR_READ_NONE:
    case CR_READ_SOME:
        break;
    }
    while (cr_process_frame_take(&w->inbox, &frame, &bytes))
        take_frame(w, &frame, bytes);
}

static bool is_stopping(void *user)
{
    worker *w = user;
    double now = cr_clock();
    if (now - w->looked >= look_seconds) {
        w->looked = now;
        look(w, false);
    }
    return w->stops;
}

static const char *notice(void *user, size_t *length)
{
    const worker *w = user;
    *length = w->notice_length;
    return w->notice;
}

/* Does the oldest job and sends its result. */
static void do_job(worker *w, const cr_transport_work *work, cr_text *result)
{
    const job j = w->jobs[w->first]; /* whose place in the ring becomes free */
    const cr_worker_news news = {is_stopping, notice, w};
    cr_process_frame frame = {.kind = CR_FRAME_RESULT};
    w->first = (w->first + 1) % CR_MOST_JOBS_AHEAD;
    w->count--;
    result->length = 0;
    cr_text_add_bytes(result, (const char *)&frame, sizeof frame);
    double began = cr_clock();
    if (!work->work(work->context, &news, j.bytes, j.length, result))
        _exit(0);
    cr_free(j.bytes);
    if (result->failed)
        fail();
    frame.number = (uint64_t)((cr_clock() - began) * 1e9);
    frame.length = result->length - sizeof frame;
    memcpy(result->data, &frame, sizeof frame);
    if (!cr_process_frame_send(w->socket, result->data, result->length))
        fail();
}

/* One job needs much the same memory as the next, so it is not given back to the system
 * in between: with the allocator's defaults, clearing it anew each time is a tenth of the
 * time of the smallest trials. */
static void keep_memory(void)
{
#ifdef __GLIBC__
    enum { MOST_KEPT = 32 << 20 }; /* bytes */
    mallopt(M_MMAP_THRESHOLD, MOST_KEPT);
    mallopt(M_TRIM_THRESHOLD, MOST_KEPT);
#endif
}

_Noreturn void cr_process_worker_run(const cr_transport_work *work, int socket)
{
    keep_memory();
    worker w = {.socket = socket};
    cr_text result = {0};
    for (;;) {
        if (w.count == 0)
            look(&w, true);
        if (is_stopping(&w))
            _exit(0);
        if (w.count > 0) /* they may have been given up just now */
            do_job(&w, work, &result);
    }
}
