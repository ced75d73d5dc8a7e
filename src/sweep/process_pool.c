/*
 * A transport whose workers are processes: of this machine, or of others.
 *
 * Each worker has a line of jobs that were sent to it: the one that it is at, and behind it
 * as many as fill the time in which the parent may be busy elsewhere, for instance with the
 * disk. Where a worker has nothing to do and another has jobs that are not begun, those are
 * called back and given out anew, so that no job waits behind one that turns out to take
 * long.
 */
#include "base/memory.h"
#include "sweep/process_pool_state.h"

#include <string.h>
#include <time.h>

/* Results of short jobs are left to gather for so long: to be woken by each costs both
 * sides more than to hand it over. */
static const double gather_seconds = 0.004;

/* After a change of its line or of its state. Of those without a job, the ones that have a
 * process come first. */
static void place(cr_transport *pool, const cr_pool_worker *w)
{
    if (w->recalled || w->ending)
        cr_process_roster_remove(&pool->roster, cr_process_pool_number(pool, w));
    else
        cr_process_roster_place(&pool->roster, cr_process_pool_number(pool, w),
                                w->line.count, w->alive);
}

static cr_pool_worker *get(cr_transport *pool, size_t number)
{
    return number == CR_ROSTER_NOBODY ? NULL : &pool->workers[number];
}

/* Starts a process for the worker, which is to be sent the jobs in its line. */
static bool start_worker(cr_transport *pool, cr_pool_worker *w, cr_error *err)
{
    if (!pool->type->start(pool->host, cr_process_pool_number(pool, w), err))
        return false;
    w->alive = true;
    pool->living++;
    w->inbox.at = w->inbox.length = 0;
    w->recalled = w->ending = w->gone = w->silent = false;
    w->notices = 0;
    w->line.unsent = w->line.count; /* all over again */
    place(pool, w);
    cr_process_pool_send_later(pool, w);
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
    for (size_t jobs = 0; !pool->closed && !pool->stopped && jobs <= most / 2; jobs++)
        free_places += pool->roster.counts[jobs] * (most - jobs);
    return free_places;
}

/* Gives a job, which it owns from now on, to a worker. */
static bool give(cr_transport *pool, cr_process_job j, cr_error *err)
{
    cr_pool_worker *w = get(pool, cr_process_roster_fewest(&pool->roster));
    if (!w || w->line.count == CR_MOST_JOBS_AHEAD) {
        cr_free(j.bytes);
        return cr_fail(err, CR_E_IO, "there is no worker left for a job");
    }
    cr_process_line_add(&w->line, j);
    place(pool, w);
    cr_process_pool_send_later(pool, w);
    if (!w->alive && !start_worker(pool, w, err))
        return false;
    if (w->line.count == 1) /* it waits for it */
        cr_process_pool_send_jobs(pool, w);
    return true;
}

static bool send_(cr_transport *pool, const char *bytes, size_t length, cr_error *err)
{
    char *copy = cr_text_copy(bytes, length, err);
    return copy && give(pool, (cr_process_job){copy, length, false}, err);
}

static void close_(cr_transport *pool)
{
    pool->closed = true;
}

/* Hands out a worker's oldest job with what became of it. */
static void hand_out(cr_transport *pool, cr_pool_worker *w, cr_event *event)
{
    pool->handed = cr_process_line_take_oldest(&w->line);
    place(pool, w);
    event->job = pool->handed.bytes;
    event->job_length = pool->handed.length;
}

/* The worker gave up its last jobs: they go to whoever has the fewest. */
static bool take_back(cr_transport *pool, cr_pool_worker *w, size_t count, cr_error *err)
{
    cr_process_job returned[CR_MOST_JOBS_AHEAD];
    bool good = true;
    for (size_t i = count; i-- > 0;)
        returned[i] = cr_process_line_take_latest(&w->line);
    w->recalled = false;
    pool->recalled--;
    place(pool, w);
    for (size_t i = 0; i < count; i++)
        if (good && !pool->stopped)
            good = give(pool, returned[i], err);
        else
            cr_free(returned[i].bytes);
    return good;
}

/* Takes what a worker sent, up to a result, which is the event. */
static bool take_frames(cr_transport *pool, cr_pool_worker *w, cr_event *event,
                        cr_error *err)
{
    cr_process_frame frame;
    const char *bytes = NULL;
    bool good = true;
    while (good && cr_process_frame_take(&w->inbox, &frame, &bytes)) {
        w->silent = false;
        cr_process_pool_send_later(pool,
                                   w); /* maybe there is a notice that it has not had */
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
static bool bury(cr_transport *pool, cr_pool_worker *w, cr_event *event, cr_error *err)
{
    int status = pool->type->end(pool->host, cr_process_pool_number(pool, w));
    pool->living--;
    pool->recalled -= w->recalled;
    w->alive = w->gone = w->recalled = false;
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
    place(pool, w);
    return w->line.count == 0 || start_worker(pool, w, err);
}

/* A worker that has nothing to do; NULL if there is none. */
static cr_pool_worker *find_idle(cr_transport *pool)
{
    cr_pool_worker *w = get(pool, cr_process_roster_first(&pool->roster, 0));
    return w && w->alive ? w : NULL;
}

/* Looks after workers that have nothing to do: jobs that are not begun elsewhere are
 * called back for them. Where there are none, and none will follow, they are told to end.
 */
static void employ_idle(cr_transport *pool)
{
    cr_pool_worker *idle = find_idle(pool);
    if (!idle || pool->recalled > 0 || pool->stopped) /* one answer at a time */
        return;
    cr_pool_worker *busiest = get(pool, cr_process_roster_most(&pool->roster));
    if (busiest->alive && busiest->line.count > 1) {
        busiest->recalled = true;
        pool->recalled++;
        place(pool, busiest);
        cr_process_pool_send_frame(pool, busiest, CR_FRAME_RECALL);
        return;
    }
    for (; pool->closed && idle; idle = find_idle(pool)) {
        idle->ending = true;
        place(pool, idle);
        cr_process_pool_send_frame(pool, idle, CR_FRAME_STOP);
    }
}

/* Lets results gather, if every worker has enough to do meanwhile. */
static void let_gather(const cr_transport *pool)
{
    const struct timespec pause = {.tv_nsec = (long)(gather_seconds * 1e9)};
    size_t all = pool->work.workers;
    if (pool->living < all || pool->roster.count < all)
        return;
    const cr_pool_worker *least = &pool->workers[cr_process_roster_fewest(&pool->roster)];
    if ((double)least->line.count * pool->job_seconds >= 2 * gather_seconds &&
        pool->job_seconds < gather_seconds / 2 && !pool->stopped)
        nanosleep(&pause, NULL);
}

/* Waits until a worker has sent something, and reads it. */
static bool listen_(cr_transport *pool, int milliseconds, cr_error *err)
{
    pool->heard_at = pool->heard_count = 0;
    if (!pool->type->wait(pool->host, milliseconds, err))
        return false;
    for (size_t i = 0; i < pool->work.workers; i++) {
        cr_pool_worker *w = &pool->workers[i];
        if (!w->alive)
            continue;
        cr_process_read got = pool->type->read(pool->host, i, &w->inbox, err);
        if (got == CR_READ_NO_MEMORY)
            return false;
        w->gone = got == CR_READ_END;
        if (got != CR_READ_NONE)
            pool->heard[pool->heard_count++] = i;
    }
    return true;
}

static bool receive(cr_transport *pool, int milliseconds, cr_event *event, cr_error *err)
{
    *event = (cr_event){.kind = CR_EVENT_NONE};
    cr_free(pool->handed.bytes);
    pool->handed = (cr_process_job){0};
    cr_process_pool_send_all(pool);
    for (bool waited = false;; waited = true) {
        for (; pool->heard_at < pool->heard_count; pool->heard_at++) {
            cr_pool_worker *w = &pool->workers[pool->heard[pool->heard_at]];
            bool good = !w->alive || take_frames(pool, w, event, err);
            if (good && event->kind == CR_EVENT_NONE && w->gone)
                good = bury(pool, w, event, err);
            if (!good || event->kind != CR_EVENT_NONE)
                return good;
        }
        cr_process_pool_send_all(pool); /* also those of a worker that has died */
        employ_idle(pool);
        if ((pool->closed || pool->stopped) && pool->living == 0)
            event->kind = CR_EVENT_END;
        if (waited || event->kind == CR_EVENT_END)
            return true;
        let_gather(pool);
        if (!listen_(pool, milliseconds, err))
            return false;
    }
}

/* What it sends until its end is of no interest any more. */
static void wait_for_end(cr_transport *pool, cr_pool_worker *w)
{
    cr_event ignored;
    cr_process_read got = CR_READ_NONE;
    while (w->alive && got <= CR_READ_NONE) {
        w->inbox.at = w->inbox.length;
        got = pool->type->read(pool->host, cr_process_pool_number(pool, w), &w->inbox,
                               NULL);
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
        cr_process_pool_send_stop(pool);
    for (size_t i = 0; pool->workers && i < pool->work.workers; i++) {
        wait_for_end(pool, &pool->workers[i]);
        cr_process_line_drop(&pool->workers[i].line);
        cr_free(pool->workers[i].inbox.bytes);
    }
    pool->type->destroy(pool->host);
    cr_free(pool->handed.bytes);
    cr_process_roster_finish(&pool->roster);
    cr_free(pool->awaiting);
    cr_free(pool->heard);
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
    pool->awaiting = cr_alloc(work->workers, sizeof *pool->awaiting, err);
    pool->heard = cr_alloc(work->workers, sizeof *pool->heard, err);
    if (pool->workers && pool->awaiting && pool->heard &&
        cr_process_roster_start(&pool->roster, work->workers, err))
        pool->host = type->create(&pool->work, err);
    if (!pool->host) {
        destroy(pool);
        return NULL;
    }
    for (size_t i = 0; i < work->workers; i++)
        place(pool, &pool->workers[i]);
    return pool;
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
    .notify = cr_process_pool_send_notice,
    .close = close_,
    .stop = cr_process_pool_send_stop,
    .receive = receive,
    .destroy = destroy,
};

const cr_transport_type cr_rank_pool = {
    .start = start_on_ranks,
    .travels = true,
    .room = room,
    .send = send_,
    .notify = cr_process_pool_send_notice,
    .close = close_,
    .stop = cr_process_pool_send_stop,
    .receive = receive,
    .destroy = destroy,
};
