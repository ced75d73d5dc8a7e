#include "base/clock.h"
#include "base/memory.h"
#include "sweep/process_end.h"
#include "sweep/rank_session_state.h"

#include <string.h>

/* Passes on the broadcast. */
static bool relay_broadcast(cr_rank_session *s, cr_error *err)
{
    const char *bytes = NULL;
    size_t length = 1;
    while (length > 0) {
        if (!cr_rank_broadcast_take(s->broadcast, &bytes, &length, err))
            return false;
        /* One that has ended is seen below. */
        bool alive = cr_process_frame_send(s->nursery.socket, bytes, length);
        (void)alive;
    }
    return true;
}

/* Tells rank 0 of a signal that this one was sent. */
static void tell_signal(cr_rank_session *s)
{
    int number = (int)*s->options.signal;
    if (number != 0 && !s->told_signal)
        s->told_signal =
            cr_rank_session_say(s, 0, CR_WORD_SIGNAL, &number, sizeof number);
}

/* What the nursery sent goes to rank 0. When it has ended, so does this rank, as it was told
 * to, or rank 0 hears why. */
static bool relay(cr_rank_session *s, cr_process_inbox *inbox, cr_error *err)
{
    char why[CR_PROCESS_END_WHY];
    cr_text word = {0};
    cr_process_read got = cr_process_frame_read(s->nursery.socket, false, inbox, err);
    if (got == CR_READ_SOME) {
        bool good = cr_rank_mail_send(s->mail, 0, inbox->bytes, inbox->length);
        inbox->at = inbox->length;
        return good || cr_fail(err, CR_E_MEMORY, "out of memory");
    }
    if (got != CR_READ_END)
        return got != CR_READ_NO_MEMORY;
    const char *end = cr_process_end_describe(cr_nursery_finish(&s->nursery), why);
    s->ends = true;
    if (!end)
        return true;
    cr_text_add(&word, "the parent of its workers: %s", end);
    bool said =
        !word.failed && cr_rank_session_say(s, 0, CR_WORD_FAILED, word.data, word.length);
    cr_text_finish(&word);
    return said || cr_fail(err, CR_E_IO, "the parent of the workers: %s", end);
}

static bool is_over(const cr_rank_session *s)
{
    return s->ends && cr_rank_mail_is_sent(s->mail);
}

bool cr_rank_session_serve(cr_rank_session *s, cr_error *err)
{
    cr_process_inbox inbox = {0};
    bool good = relay_broadcast(s, err);
    while (good && !is_over(s)) {
        bool came = false;
        tell_signal(s);
        good = cr_rank_session_turn(s, &came, err);
        if (good && !s->ends && cr_process_queue_length(&s->to_nursery) > 0) {
            bool alive = cr_process_queue_flush(&s->to_nursery, s->nursery.socket);
            (void)alive; /* its end is read below */
        }
        if (good && !s->ends && cr_rank_session_rest(s))
            good = relay(s, &inbox, err);
        else if (s->ends)
            cr_clock_sleep(CR_RANK_LOOK_MILLISECONDS * 1e-3);
    }
    cr_free(inbox.bytes);
    return good;
}
