#include "sweep/process_fork.h"

#include "base/memory.h"
#include "sweep/process_queue.h"
#include "sweep/process_worker.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct process {
    pid_t pid; /* 0: there is none */
    int socket;
    bool ready; /* there is something to read, or its end */
    cr_process_queue unsent;
} process;

struct cr_process_host {
    const cr_transport_work *work;
    process *processes;    /* [work->workers] */
    struct pollfd *polled; /* one more, for something else */
};

static void destroy(cr_process_host *host)
{
    if (!host)
        return;
    for (size_t i = 0; host->processes && i < host->work->workers; i++)
        cr_process_queue_finish(&host->processes[i].unsent);
    cr_free(host->processes);
    cr_free(host->polled);
    cr_free(host);
}

static cr_process_host *create(const cr_transport_work *work, cr_error *err)
{
    cr_process_host *host = cr_alloc(1, sizeof *host, err);
    if (!host)
        return NULL;
    host->work = work;
    host->processes = cr_alloc(work->workers, sizeof *host->processes, err);
    host->polled = cr_alloc(work->workers + 1, sizeof *host->polled, err);
    if (host->processes && host->polled)
        return host;
    destroy(host);
    return NULL;
}

static void begin_child(const cr_process_host *host)
{
    signal(SIGINT, SIG_IGN); /* the parent decides */
    signal(SIGTERM, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < host->work->workers; i++)
        if (host->processes[i].pid) /* an open end would hide the parent's death */
            close(host->processes[i].socket);
}

static bool start(cr_process_host *host, size_t i, cr_error *err)
{
    process *p = &host->processes[i];
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return cr_fail(err, CR_E_IO, "cannot make a socket to a worker: %s",
                       strerror(errno));
    pid_t pid = fork();
    if (pid == 0) {
        begin_child(host);
        close(ends[0]);
        cr_process_worker_run(host->work, ends[1]);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return cr_fail(err, CR_E_MEMORY, "cannot start a worker: %s", strerror(errno));
    }
    p->pid = pid;
    p->socket = ends[0];
    p->ready = false;
    return true;
}

static bool send_(cr_process_host *host, size_t i, const void *bytes, size_t length)
{
    process *p = &host->processes[i];
    if (p->pid && !cr_process_queue_add(&p->unsent, bytes, length))
        kill(p->pid, SIGKILL); /* memory is out; its end tells */
    return p->pid && cr_process_queue_flush(&p->unsent, p->socket);
}

static cr_process_read read_(cr_process_host *host, size_t i, cr_process_inbox *inbox,
                             cr_error *err)
{
    process *p = &host->processes[i];
    if (!p->ready)
        return CR_READ_NONE;
    p->ready = false;
    return cr_process_frame_read(p->socket, false, inbox, err);
}

static int end(cr_process_host *host, size_t i)
{
    process *p = &host->processes[i];
    int status = 0;
    close(p->socket);
    while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    p->pid = 0;
    cr_process_queue_finish(&p->unsent);
    return status;
}

void cr_process_fork_wait(cr_process_host *host, struct pollfd *other, int milliseconds)
{
    size_t count = 0;
    for (size_t i = 0; i < host->work->workers; i++) {
        const process *p = &host->processes[i];
        bool unsent = cr_process_queue_length(&p->unsent) > 0;
        if (p->pid)
            host->polled[count++] = (struct pollfd){
                .fd = p->socket, .events = unsent ? POLLIN | POLLOUT : POLLIN};
    }
    if (other)
        host->polled[count] = *other;
    if (poll(host->polled, (nfds_t)(count + (other != NULL)), milliseconds) <= 0)
        return;
    for (size_t i = 0, at = 0; at < count; i++) {
        process *p = &host->processes[i];
        if (!p->pid)
            continue;
        p->ready = (host->polled[at].revents & ~POLLOUT) != 0;
        bool alive = !(host->polled[at++].revents & POLLOUT) ||
                     cr_process_queue_flush(&p->unsent, p->socket);
        (void)alive; /* its end is read next time */
    }
    if (other)
        *other = host->polled[count];
}

static bool wait_(cr_process_host *host, int milliseconds, cr_error *err)
{
    (void)err;
    cr_process_fork_wait(host, NULL, milliseconds);
    return true;
}

void cr_process_fork_kill(cr_process_host *host, size_t i)
{
    if (host->processes[i].pid) {
        kill(host->processes[i].pid, SIGKILL);
        end(host, i);
    }
}

const cr_process_host_type cr_process_fork = {
    .ahead_seconds = 0.05,
    .create = create,
    .start = start,
    .send = send_,
    .read = read_,
    .end = end,
    .wait = wait_,
    .destroy = destroy,
};
