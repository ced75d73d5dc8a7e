/* Processes on the ranks of a job, which their nurseries start and speak with. */
#include "base/memory.h"
#include "sweep/process_host.h"
#include "sweep/rank_session.h"

typedef struct process {
    cr_process_inbox came; /* from it, and not read yet */
    int status;
    bool ended;
} process;

struct cr_process_host {
    cr_rank_session *session;
    process *processes; /* [count] */
    size_t count;
    bool failed; /* memory was out */
};

static void destroy(cr_process_host *host)
{
    if (!host)
        return;
    for (size_t i = 0; host->processes && i < host->count; i++)
        cr_free(host->processes[i].came.bytes);
    cr_free(host->processes);
    cr_free(host);
}

static cr_process_host *create(const cr_transport_work *work, cr_error *err)
{
    cr_process_host *host = cr_alloc(1, sizeof *host, err);
    if (!host)
        return NULL;
    host->session = work->link;
    host->count = work->workers;
    host->processes = cr_alloc(host->count, sizeof *host->processes, err);
    if (host->processes)
        return host;
    destroy(host);
    return NULL;
}

static bool start(cr_process_host *host, size_t i, cr_error *err)
{
    process *p = &host->processes[i];
    p->ended = false;
    p->came.at = p->came.length = 0;
    return cr_rank_session_send(host->session, i, CR_NURSERY_START, "", 0) ||
           cr_fail(err, CR_E_MEMORY, "out of memory");
}

static bool send_(cr_process_host *host, size_t i, const void *bytes, size_t length)
{
    if (host->processes[i].ended)
        return false;
    if (!cr_rank_session_send(host->session, i, CR_NURSERY_BYTES, bytes, length))
        host->failed = true;
    return !host->failed;
}

static cr_process_read read_(cr_process_host *host, size_t i, cr_process_inbox *inbox,
                             cr_error *err)
{
    process *p = &host->processes[i];
    if (p->came.length == 0)
        return p->ended ? CR_READ_END : CR_READ_NONE;
    bool good = cr_process_frame_append(inbox, p->came.bytes, p->came.length, err);
    p->came.length = 0;
    return good ? CR_READ_SOME : CR_READ_NO_MEMORY;
}

static int end(cr_process_host *host, size_t i)
{
    return host->processes[i].status;
}

static void on_frame(void *user, size_t i, const cr_process_frame *frame,
                     const char *bytes)
{
    cr_process_host *host = user;
    process *p = &host->processes[i];
    if (frame->kind == CR_NURSERY_BYTES &&
        !cr_process_frame_append(&p->came, bytes, (size_t)frame->length, NULL))
        host->failed = true;
    if (frame->kind == CR_NURSERY_ENDED) {
        p->status = cr_nursery_status(frame->number);
        p->ended = true;
    }
}

static bool wait_(cr_process_host *host, int milliseconds, cr_error *err)
{
    const cr_rank_session_reader reader = {on_frame, host};
    return cr_rank_session_wait(host->session, milliseconds, &reader, err) &&
           (!host->failed || cr_fail(err, CR_E_MEMORY, "out of memory"));
}

const cr_process_host_type cr_process_ranks = {
    .create = create,
    .ahead_seconds = 0.1, /* a result is some milliseconds on its way, and so are jobs */
    .least_ahead = 1,
    .start = start,
    .send = send_,
    .read = read_,
    .end = end,
    .wait = wait_,
    .destroy = destroy,
};
