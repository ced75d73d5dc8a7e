#include "sweep/process_pool_state.h"

#include <string.h>

/* Sends the frames that were gathered. A worker that has died meanwhile is no failure: its
 * end tells. */
static bool send_frames(cr_transport *pool, const cr_pool_worker *w)
{
    const cr_text *frames = &pool->frames;
    return !frames->failed &&
           pool->type->send(pool->host, cr_process_pool_number(pool, w), frames->data,
                            frames->length);
}

void cr_process_pool_send_frame(cr_transport *pool, const cr_pool_worker *w,
                                cr_process_frame_kind kind)
{
    pool->frames.length = 0;
    cr_process_frame_add(&pool->frames, kind, "", 0);
    bool alive = send_frames(pool, w);
    (void)alive;
}

/* One that has not spoken since the last notice may not have heard it: it gets the next
 * later, so that notices do not fill its socket. */
static void send_notice(cr_transport *pool, cr_pool_worker *w)
{
    if (w->notices == pool->notices || w->silent)
        return;
    pool->frames.length = 0;
    cr_process_frame_add(&pool->frames, CR_FRAME_NOTICE, pool->notice,
                         pool->notice_length);
    w->silent = send_frames(pool, w);
    w->notices = pool->notices;
}

void cr_process_pool_send_jobs(cr_transport *pool, cr_pool_worker *w)
{
    if (w->line.unsent == 0)
        return;
    pool->frames.length = 0;
    cr_process_line_add_frames(&w->line, &pool->frames);
    cr_process_line_mark_sent(&w->line, send_frames(pool, w));
}

void cr_process_pool_send_later(cr_transport *pool, cr_pool_worker *w)
{
    if (!w->awaits)
        pool->awaiting[pool->awaiting_count++] = cr_process_pool_number(pool, w);
    w->awaits = true;
}

void cr_process_pool_send_all(cr_transport *pool)
{
    for (size_t i = 0; i < pool->awaiting_count; i++) {
        cr_pool_worker *w = &pool->workers[pool->awaiting[i]];
        w->awaits = false;
        if (!w->alive)
            continue;
        send_notice(pool, w);
        cr_process_pool_send_jobs(pool, w);
    }
    pool->awaiting_count = 0;
}

void cr_process_pool_send_notice(cr_transport *pool, const char *notice, size_t length)
{
    memcpy(pool->notice, notice, length);
    pool->notice_length = length;
    pool->notices++;
    for (size_t i = 0; i < pool->work.workers; i++)
        if (pool->workers[i].alive)
            cr_process_pool_send_later(pool, &pool->workers[i]);
    cr_process_pool_send_all(pool);
}

void cr_process_pool_send_stop(cr_transport *pool)
{
    for (size_t i = 0; !pool->stopped && i < pool->work.workers; i++)
        if (pool->workers[i].alive)
            cr_process_pool_send_frame(pool, &pool->workers[i], CR_FRAME_STOP);
    pool->stopped = true;
}
