#include "sweep/nursery.h"

#include "base/clock.h"
#include "sweep/process_fork.h"
#include "sweep/process_queue.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Results are left to gather for so long, since to wake the rank's process for each costs
 * more than to hand it over. */
static const double gather_seconds = 0.001;

/* The nursery's own side. */
typedef struct inside {
    cr_transport_work work;
    cr_process_host *host;
    int socket;
    cr_process_inbox from_rank;
    cr_process_inbox from_worker; /* of one after the other */
    cr_process_queue to_rank;
    bool ends;
} inside;

static void put(inside *n, cr_nursery_kind kind, uint64_t number, const char *bytes,
                size_t length)
{
    const cr_process_frame frame = {kind, number, length};
    if (!cr_process_queue_add(&n->to_rank, &frame, sizeof frame) ||
        !cr_process_queue_add(&n->to_rank, bytes, length))
        n->ends = true; /* memory is out; the rank sees the end */
}

static void put_failure(inside *n, const char *why)
{
    put(n, CR_NURSERY_FAILED, 0, why, strlen(why) + 1);
    n->ends = true;
}

static void take_frame(inside *n, const cr_process_frame *frame, const char *bytes)
{
    size_t i = cr_nursery_worker(frame->number);
    cr_error err = CR_ERROR_INIT;
    bool alive = true;
    switch (frame->kind) {
    case CR_NURSERY_START:
        if (!cr_process_fork.start(n->host, i, &err))
            put_failure(n, err.text);
        break;
    case CR_NURSERY_BYTES:
        alive = cr_process_fork.send(n->host, i, bytes, (size_t)frame->length);
        (void)alive; /* its end tells */
        break;
    default:
        n->ends = true;
        break;
    }
}

static void hear_rank(inside *n)
{
    cr_process_frame frame;
    const char *bytes = NULL;
    if (cr_process_frame_read(n->socket, false, &n->from_rank, NULL) > CR_READ_NONE)
        n->ends = true; /* the rank is gone, or memory is out */
    while (!n->ends && cr_process_frame_take(&n->from_rank, &frame, &bytes))
        take_frame(n, &frame, bytes);
}

/* Passes on what workers have sent. */
static bool hear_workers(inside *n)
{
    cr_process_inbox *inbox = &n->from_worker;
    bool heard = false;
    for (size_t i = 0; i < n->work.workers; i++) {
        inbox->at = inbox->length = 0;
        cr_process_read got = cr_process_fork.read(n->host, i, inbox, NULL);
        if (got == CR_READ_SOME)
            put(n, CR_NURSERY_BYTES, i, inbox->bytes, inbox->length);
        if (got == CR_READ_END)
            put(n, CR_NURSERY_ENDED,
                cr_nursery_number(i, cr_process_fork.end(n->host, i)), "", 0);
        n->ends = n->ends || got == CR_READ_NO_MEMORY;
        heard = heard || got == CR_READ_SOME;
    }
    return heard;
}

static void live(inside *n)
{
    while (!n->ends) {
        bool unsent = cr_process_queue_length(&n->to_rank) > 0;
        struct pollfd rank = {.fd = n->socket,
                              .events = unsent ? POLLIN | POLLOUT : POLLIN};
        cr_process_fork_wait(n->host, &rank, -1);
        if (rank.revents & ~POLLOUT)
            hear_rank(n);
        bool heard = hear_workers(n);
        if (!cr_process_queue_flush(&n->to_rank, n->socket))
            n->ends = true;
        if (heard && !n->ends)
            cr_clock_sleep(gather_seconds);
    }
}

static _Noreturn void run(const cr_nursery_plan *plan, int socket)
{
    inside n = {.socket = socket};
    cr_error err = CR_ERROR_INIT;
    signal(SIGINT, SIG_IGN); /* rank 0 decides */
    signal(SIGTERM, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    bool good = plan->prepare(plan->user, socket, &n.work, &err);
    n.work.workers = plan->workers;
    if (good)
        n.host = cr_process_fork.create(&n.work, &err);
    if (n.host)
        live(&n);
    else
        put_failure(&n, err.text);
    if (cr_process_queue_length(&n.to_rank) > 0) {
        bool sent = cr_process_frame_send(socket, n.to_rank.bytes + n.to_rank.at,
                                          cr_process_queue_length(&n.to_rank));
        (void)sent; /* it ends either way */
    }
    for (size_t i = 0; n.host && i < plan->workers; i++)
        cr_process_fork_kill(n.host, i);
    plan->clear(plan->user);
    _exit(0); /* what went wrong it has said */
}

bool cr_nursery_start(cr_nursery *nursery, const cr_nursery_plan *plan, cr_error *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return cr_fail(err, CR_E_IO, "cannot make a socket to the workers: %s",
                       strerror(errno));
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        run(plan, ends[1]);
    }
    close(ends[1]);
    *nursery = (cr_nursery){pid, ends[0]};
    if (pid > 0)
        return true;
    close(ends[0]);
    return cr_fail(err, CR_E_MEMORY, "cannot start the workers' parent: %s",
                   strerror(errno));
}

int cr_nursery_finish(cr_nursery *nursery)
{
    int status = 0;
    if (nursery->pid <= 0)
        return 0;
    close(nursery->socket);
    while (waitpid(nursery->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    nursery->pid = 0;
    return status;
}
