/*
 * A transport whose workers are processes: of this machine, or of others.
 *
 * Each worker has a line of jobs that were sent to it: the one
 * that it is at, and behind it as many as fill the time in which the parent may be busy
 * elsewhere, for instance with the disk. Where a worker has nothing to do and another has
 * jobs that are not begun, those are called back and given out anew, so that no job waits
 * behind one that turns out to take long.
 */
#include "base/memory.h"
#include "sweep/process_end.h"
#include "sweep/process_host.h"
#include "sweep/process_line.h"

#include <string.h>
#include <time.h>

/* Results of short jobs are left to gather for so long: to be woken by each costs both
 * sides more than to hand it over. */
static const double gather_seconds = 0.004;

typedef struct worker {
    bool alive; /* there is a process */
    cr_process_inbox inbox;
    cr_process_line line;
    size_t notices; /* the number of the notice that it was sent last */
    bool silent;    /* it has sent nothing since then */
    bool recalled;  /* it was asked for what it has not begun, and has not answered yet */
    bool ending;    /* it was told to stop, since there is nothing left for it */
    bool gone;      /* it is closed; its end is still to be waited for */
} worker;

struct cr_transport {
    cr_transport_work work;
    const cr_process_host_type *type;
    cr_process_host *host;
    worker *workers;    /* [work.workers] */
    double job_seconds; /* a running mean of what jobs take; 0: none has come back */
    bool closed, stopped;
    cr_process_job handed;          /* of the event that was handed out last */
    cr_text frames;                 /* that are being sent */
    char notice[CR_MOST_JOB_BYTES]; /* [notice_length] the latest */
    size_t notice_length, notices;  /* notices: how many there were */
    char why[CR_PROCESS_END_WHY];
};

static size_t number_of(const cr_transport *pool, const worker *w)
{
    return (size_t)(w - pool->workers);
}

/* Sends the frames that were gathered. A worker that has died meanwhile is no failure: its
 * end tells. */
static bool send_frames(cr_transport *pool, const worker *w)
{
    const cr_text *frames = &pool->frames;
    return !frames->failed &&
           pool->type->send(pool->host, number_of(pool, w), frames->data, frames->length);
}

static void tell(cr_transport *pool, const worker *w, cr_process_frame_kind kind)
{
    pool->frames.length = 0;
    cr_process_frame_add(&pool->frames, kind, "", 0);
    bool alive = send_frames(pool, w);
    (void)alive;
}

/* One that has not spoken since the last notice may not have heard it: it gets the next
 * later, so that notices do not fill its socket. */
static void send_notice(cr_transport *pool, worker *w)
{
    if (w->notices == pool->notices || w->silent)
        return;
    pool->frames.length = 0;
    cr_process_frame_add(&pool->frames, CR_FRAME_NOTICE, pool->notice,
                         pool->notice_length);
    w->silent = send_frames(pool, w);
    w->notices = pool->notices;
}

static void send_jobs(cr_transport *pool, worker *w)
{
    if (w->line.unsent == 0)
        return;
    pool->frames.length = 0;
    cr_process_line_add_frames(&w->line, &pool->frames);
    cr_process_line_mark_sent(&w->line, send_frames(pool, w));
}

/* Sends what is to be sent to each worker. */
static void send_all(cr_transport *pool)
{
    for (size_t i = 0; i < pool->work.workers; i++) {
        worker *w = &pool->workers[i];
        if (!w->alive)
            continue;
        send_notice(pool, w);
        send_jobs(pool, w);
    }
}

/* Starts a process for the worker, which is to be sent the jobs in its line. */
static bool start_worker(cr_transport *pool, worker *w, cr_error *err)
{
    if (!pool->type->start(pool->host, number_of(pool, w), err))
        return false;
    w->alive = true;
    w->inbox.at = w->inbox.length = 0;
    w->recalled = w->ending = w->gone = w->silent = false;
    w->notices = 0;
    w->line.unsent = w->line.count; /* all over again */
    return true;
}

/* Jobs that a worker may have at once. Its line is filled up when half of it is done, so
 * that short jobs are sent by the dozen. */
static size_t depth(const cr_transport *pool)
{
    double ahead =
        pool->job_seconds > 0 ? pool->type->ahead_seconds / pool->job_seconds : 0;
    size_t most = ahead < CR_MOST_JOBS_AHEAD - 1 ? (size_t)ahead : CR_MOST_JOBS_AHEAD - 1;
    return 1 + (most > pool->type->least_ahead ? most : pool->type->least_ahead);
}

static size_t room(const cr_transport *pool)
{
    size_t most = depth(pool), free_places = 0;
    for (size_t i = 0; !pool->closed && !pool->stopped && i < pool->work.workers; i++) {
        const worker *w = &pool->workers[i];
        if (!w->recalled && w->line.count <= most / 2)
            free_places += most - w->line.count;
    }
    return free_places;
}

/* The worker with the fewest jobs, of those the first that has a process; NULL if all
 * lines are full. */
static worker *choose_worker(cr_transport *pool)
{
    worker *best = NULL;
    for (size_t i = 0; i < pool->work.workers; i++) {
        worker *w = &pool->workers[i];
        if (w->recalled || w->ending || w->line.count == CR_MOST_JOBS_AHEAD)
            continue;
        if (!best || w->line.count < best->line.count ||
            (w->line.count == best->line.count && w->alive && !best->alive))
            best = w;
    }
    return best;
}

/* Gives a job, which it owns from now on, to a worker. */
static bool give(cr_transport *pool, cr_process_job j, cr_error *err)
{
    worker *w = choose_worker(pool);
    if (!w) {
        cr_free(j.bytes);
        return cr_fail(err, CR_E_IO, "there is no worker left for a job");
    }
    cr_process_line_add(&w->line, j);
    if (!w->alive && !start_worker(pool, w, err))
        return false;
    if (w->line.count == 1) /* it waits for it */
        send_jobs(pool, w);
    return true;
}

static bool send_(cr_transport *pool, const char *bytes, size_t length, cr_error *err)
{
    char *copy = cr_text_copy(bytes, length, err);
    return copy && give(pool, (cr_process_job){copy, length, false}, err);
}

static void notify(cr_transport *pool, const char *notice, size_t length)
{
    memcpy(pool->notice, notice, length);
    pool->notice_length = length;
    pool->notices++;
    send_all(pool);
}

static void close_(cr_transport *pool)
{
    pool->closed = true;
}

static void stop(cr_transport *pool)
{
    for (size_t i = 0; !pool->stopped && i < pool->work.workers; i++)
        if (pool->workers[i].alive)
            tell(pool, &pool->workers[i], CR_FRAME_STOP);
    pool->stopped = true;
}

/* Hands out a worker's oldest job with what became of it. */
static void hand_out(cr_transport *pool, worker *w, cr_event *event)
{
    pool->handed = cr_process_line_take_oldest(&w->line);
    event->job = pool->handed.bytes;
    event->job_length = pool->handed.length;
}

/* The worker gave up its last jobs: they go to whoever has the fewest. */
static bool take_back(cr_transport *pool, worker *w, size_t count, cr_error *err)
{
    cr_process_job returned[CR_MOST_JOBS_AHEAD];
    bool good = true;
    for (size_t i = count; i-- > 0;)
        returned[i] = cr_process_line_take_latest(&w->line);
    w->recalled = false;
    for (size_t i = 0; i < count; i++)
        if (good && !pool->stopped)
            good = give(pool, returned[i], err);
        else
            cr_free(returned[i].bytes);
    return good;
}

/* Takes what a worker sent, up to a result, which is the event. */
static bool take_frames(cr_transport *pool, worker *w, cr_event *event, cr_error *err)
{
    cr_process_frame frame;
    const char *bytes = NULL;
    bool good = true;
    while (good && cr_process_frame_take(&w->inbox, &frame, &bytes)) {
        w->silent = false;
        if (frame.kind == CR_FRAME_RETURNED) {
            good = take_back(pool, w, (size_t)frame.number, err);
            continue;
        }
        double seconds = (double)frame.number * 1e-9;
        pool->job_seconds +=
            pool->job_seconds > 0 ? (seconds - pool->job_seconds) / 8 : seconds;
        event->kind = CR_EVENT_RESULT;
        event->bytes = bytes;
        event->length = (size_t)frame.length;
        hand_out(pool, w, event);
        break;
    }
    return good;
}

/* After a worker's end: the job that it was at is lost, unless it stopped as it was told
 * to. Another process goes on with the rest of its line. */
static bool bury(cr_transport *pool, worker *w, cr_event *event, cr_error *err)
{
    int status = pool->type->end(pool->host, number_of(pool, w));
    w->alive = false;
    w->gone = w->recalled = false;
    const char *why = cr_process_end_describe(status, pool->why);
    if (w->line.count > 0 && cr_process_line_at(&w->line, 0)->delivered &&
        (why || !pool->stopped)) {
        event->kind = CR_EVENT_LOST;
        event->bytes = why ? why : "its process ended before it had a result";
        event->length = strlen(event->bytes);
        hand_out(pool, w, event);
    }
    if (pool->stopped)
        cr_process_line_drop(&w->line);
    return w->line.count == 0 || start_worker(pool, w, err);
}

/* The worker with the most jobs of which some are not begun; NULL if there is none. */
static worker *find_busiest(cr_transport *pool)
{
    worker *busiest = NULL;
    for (size_t i = 0; i < pool->work.workers; i++) {
        worker *w = &pool->workers[i];
        if (w->alive && w->line.count > (busiest ? busiest->line.count : 1))
            busiest = w;
    }
    return busiest;
}

/* Looks after workers that have nothing to do: jobs that are not begun elsewhere are
 * called back for them. Where there are none, and none will follow, they are told to end.
 */
static void employ_idle(cr_transport *pool)
{
    worker *busiest = find_busiest(pool);
    for (size_t i = 0; i < pool->work.workers; i++)
        if (pool->workers[i].recalled || pool->stopped)
            return; /* one answer at a time */
    for (size_t i = 0; i < pool->work.workers; i++) {
        worker *w = &pool->workers[i];
        if (!w->alive || w->line.count > 0 || w->ending)
            continue;
        if (busiest) {
            busiest->recalled = true;
            tell(pool, busiest, CR_FRAME_RECALL);
            return;
        }
        if (pool->closed) {
            w->ending = true;
            tell(pool, w, CR_FRAME_STOP);
        }
    }
}

static size_t count_living(const cr_transport *pool)
{
    size_t living = 0;
    for (size_t i = 0; i < pool->work.workers; i++)
        living += pool->workers[i].alive != 0;
    return living;
}

/* Lets results gather, if every worker has enough to do meanwhile. */
static void let_gather(const cr_transport *pool)
{
    const struct timespec pause = {.tv_nsec = (long)(gather_seconds * 1e9)};
    for (size_t i = 0; i < pool->work.workers; i++)
        if (!pool->workers[i].alive ||
            (double)pool->workers[i].line.count * pool->job_seconds < 2 * gather_seconds)
            return;
    if (pool->job_seconds < gather_seconds / 2 && !pool->stopped)
        nanosleep(&pause, NULL);
}

/* Waits until a worker has sent something, and reads it. */
static bool listen_(cr_transport *pool, int milliseconds, cr_error *err)
{
    if (!pool->type->wait(pool->host, milliseconds, err))
        return false;
    for (size_t i = 0; i < pool->work.workers; i++) {
        worker *w = &pool->workers[i];
        if (!w->alive)
            continue;
        cr_process_read got = pool->type->read(pool->host, i, &w->inbox, err);
        if (got == CR_READ_NO_MEMORY)
            return false;
        w->gone = got == CR_READ_END;
    }
    return true;
}

static bool receive(cr_transport *pool, int milliseconds, cr_event *event, cr_error *err)
{
    *event = (cr_event){.kind = CR_EVENT_NONE};
    cr_free(pool->handed.bytes);
    pool->handed = (cr_process_job){0};
    send_all(pool);
    for (bool waited = false;; waited = true) {
        for (size_t i = 0; i < pool->work.workers; i++) {
            worker *w = &pool->workers[i];
            bool good = !w->alive || take_frames(pool, w, event, err);
            if (good && event->kind == CR_EVENT_NONE && w->gone)
                good = bury(pool, w, event, err);
            if (!good || event->kind != CR_EVENT_NONE)
                return good;
        }
        send_all(pool); /* also those of a worker that has died */
        employ_idle(pool);
        if ((pool->closed || pool->stopped) && count_living(pool) == 0)
            event->kind = CR_EVENT_END;
        if (waited || event->kind == CR_EVENT_END)
            return true;
        let_gather(pool);
        if (!listen_(pool, milliseconds, err))
            return false;
    }
}

/* What it sends until its end is of no interest any more. */
static void wait_for_end(cr_transport *pool, worker *w)
{
    cr_event ignored;
    cr_process_read got = CR_READ_NONE;
    while (w->alive && got <= CR_READ_NONE) {
        w->inbox.at = w->inbox.length;
        got = pool->type->read(pool->host, number_of(pool, w), &w->inbox, NULL);
        if (got == CR_READ_NONE && !pool->type->wait(pool->host, -1, NULL))
            return; /* none of them can be reached */
    }
    cr_process_line_drop(&w->line); /* without any, burying cannot fail */
    bool buried = !w->alive || bury(pool, w, &ignored, NULL);
    (void)buried;
}

static void destroy(cr_transport *pool)
{
    if (!pool)
        return;
    if (pool->workers && pool->host)
        stop(pool);
    for (size_t i = 0; pool->workers && i < pool->work.workers; i++) {
        wait_for_end(pool, &pool->workers[i]);
        cr_process_line_drop(&pool->workers[i].line);
        cr_free(pool->workers[i].inbox.bytes);
    }
    pool->type->destroy(pool->host);
    cr_free(pool->handed.bytes);
    cr_free(pool->workers);
    cr_text_finish(&pool->frames);
    cr_free(pool);
}

static cr_transport *start(const cr_process_host_type *type,
                           const cr_transport_work *work, cr_error *err)
{
    cr_transport *pool = cr_alloc(1, sizeof *pool, err);
    if (!pool)
        return NULL;
    pool->work = *work;
    pool->type = type;
    pool->workers = cr_alloc(work->workers, sizeof *pool->workers, err);
    pool->host = pool->workers ? type->create(&pool->work, err) : NULL;
    if (pool->host)
        return pool;
    destroy(pool);
    return NULL;
}

static cr_transport *start_here(const cr_transport_work *work, cr_error *err)
{
    return start(&cr_process_fork, work, err);
}

static cr_transport *start_on_ranks(const cr_transport_work *work, cr_error *err)
{
    return start(&cr_process_ranks, work, err);
}

const cr_transport_type cr_process_pool = {
    .start = start_here,
    .room = room,
    .send = send_,
    .notify = notify,
    .close = close_,
    .stop = stop,
    .receive = receive,
    .destroy = destroy,
};

const cr_transport_type cr_rank_pool = {
    .start = start_on_ranks,
    .travels = true,
    .room = room,
    .send = send_,
    .notify = notify,
    .close = close_,
    .stop = stop,
    .receive = receive,
    .destroy = destroy,
};
