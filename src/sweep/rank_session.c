#include "sweep/rank_session.h"

#include "base/clock.h"
#include "base/memory.h"
#include "sweep/process_end.h"
#include "sweep/rank_session_state.h"

#include <poll.h>
#include <string.h>

bool cr_rank_session_say(cr_rank_session *s, int to, char kind, const void *text,
                         size_t length)
{
    char word[CR_RANK_MAIL_WORD] = {kind};
    size_t room = sizeof word - 1;
    memcpy(word + 1, text, length < room ? length : room);
    return cr_rank_mail_say(s->mail, to, word, 1 + (length < room ? length : room));
}

static bool take_hello(cr_rank_session *s, int from, const char *text, size_t length,
                       cr_error *err)
{
    if (length != sizeof(cr_rank_hello)) /* a version that says other things */
        return cr_fail(err, CR_E_USAGE,
                       "rank %d runs another version of chainrule than rank 0", from);
    memcpy(&s->hellos[from], text, length);
    s->others[from].greeted = true;
    cr_rank_mail_name(s->mail, from, s->hellos[from].host);
    return true;
}

static bool on_word(void *user, int from, const char *word, size_t length, cr_error *err)
{
    cr_rank_session *s = user;
    char who[CR_RANK_MAIL_NAME];
    const char *text = word + 1;
    length--;
    switch (*word) {
    case CR_WORD_HELLO:
        return take_hello(s, from, text, length, err);
    case CR_WORD_VERDICT:
        memcpy(s->verdict, text, length);
        s->has_verdict = true;
        return true;
    case CR_WORD_SIGNAL:
        memcpy(&s->signal, text, sizeof s->signal);
        return true;
    default:
        return cr_fail(err, CR_E_IO, "%s: %.*s", cr_rank_mail_who(s->mail, from, who),
                       (int)length, text);
    }
}

/* Of a nursery at rank 0, and for its own one elsewhere. */
static bool on_bytes(void *user, int from, const char *bytes, size_t length,
                     cr_error *err)
{
    cr_rank_session *s = user;
    if (s->ranks.rank != 0)
        return cr_process_queue_add(&s->to_nursery, bytes, length) ||
               cr_fail(err, CR_E_MEMORY, "out of memory");
    cr_process_inbox *inbox = &s->others[from].inbox;
    return cr_process_frame_append(inbox, bytes, length, err);
}

bool cr_rank_session_turn(cr_rank_session *s, bool *came, cr_error *err)
{
    const cr_rank_mail_reader reader = {on_bytes, on_word, s};
    if (s->broken)
        return cr_fail(err, CR_E_IO, "a rank is out of reach");
    s->broken = !cr_rank_mail_turn(s->mail, &reader, came, err);
    return !s->broken;
}

bool cr_rank_session_rest(const cr_rank_session *s)
{
    bool unsent = cr_process_queue_length(&s->to_nursery) > 0;
    struct pollfd own = {.fd = s->nursery.socket,
                         .events = unsent ? POLLIN | POLLOUT : POLLIN};
    return poll(&own, 1, CR_RANK_LOOK_MILLISECONDS) > 0 && (own.revents & ~POLLOUT);
}

/* Turns until something holds. */
static bool turn_until(cr_rank_session *s, bool (*holds)(const cr_rank_session *s),
                       cr_error *err)
{
    for (bool came = false; !holds(s);) {
        if (!cr_rank_session_turn(s, &came, err))
            return false;
        if (!came)
            cr_clock_sleep(CR_RANK_LOOK_MILLISECONDS * 1e-3);
    }
    return true;
}

static bool have_all_greeted(const cr_rank_session *s)
{
    bool all = true;
    for (int i = 0; all && i < s->ranks.size; i++)
        all = s->others[i].greeted;
    return all;
}

static bool is_judged(const cr_rank_session *s)
{
    return s->has_verdict;
}

static bool has_spoken(const cr_rank_session *s)
{
    return cr_rank_mail_is_sent(s->mail);
}

/* Whether the ranks can work together; numbers their workers. */
static bool judge(cr_rank_session *s, cr_error *err)
{
    if (s->options.dismisses)
        return false;
    for (int i = 0; i < s->ranks.size; i++) {
        s->others[i].first = s->workers;
        s->workers += (size_t)s->hellos[i].workers;
    }
    const cr_rank_hello_list all = {s->hellos, s->ranks.size};
    return cr_rank_hello_judge(&all, s->options.allow_mixture, &s->mixture, err) &&
           cr_rank_hello_tell_cramped(&all, &s->cramped, err);
}

/* Rank 0 hears all and says whether they may work; the others wait for that. */
static bool meet(cr_rank_session *s, bool *refused, cr_error *err)
{
    cr_error found = CR_ERROR_INIT;
    if (s->ranks.rank != 0) {
        bool good = cr_rank_session_say(s, 0, CR_WORD_HELLO, &s->own, sizeof s->own) &&
                    turn_until(s, is_judged, err);
        *refused = good && *s->verdict;
        return good && !*refused;
    }
    s->hellos[0] = s->own;
    s->others[0].greeted = true;
    bool good = turn_until(s, have_all_greeted, &found) && judge(s, &found);
    for (int i = 1; i < s->ranks.size && !s->broken; i++)
        if (!cr_rank_session_say(s, i, CR_WORD_VERDICT, good ? "" : "refused",
                                 good ? 1 : 8))
            good = false;
    if (!good && !s->broken && turn_until(s, has_spoken, &found))
        *refused = true; /* all will leave */
    if (!good)
        *err = found;
    return good;
}

static bool join(cr_rank_session *s, const cr_ranks_launch *launch, bool *refused,
                 cr_error *err)
{
    if (!cr_ranks_start(&s->ranks, launch, s->options.signal, err))
        return false;
    s->others = cr_alloc((size_t)s->ranks.size, sizeof *s->others, err);
    s->hellos = cr_alloc((size_t)s->ranks.size, sizeof *s->hellos, err);
    s->mail = s->others && s->hellos
                  ? cr_rank_mail_create(&s->ranks, s->options.patience, err)
                  : NULL;
    s->broken = !s->mail;
    if (!s->mail || !meet(s, refused, err))
        return false;
    s->broadcast = cr_rank_broadcast_create(&s->ranks, s->options.patience, err);
    return s->broadcast != NULL;
}

cr_rank_session *cr_rank_session_start(const cr_ranks_launch *launch,
                                       const cr_nursery_plan *plan,
                                       const cr_rank_options *options, bool *refused,
                                       cr_error *err)
{
    cr_rank_session *s = cr_alloc(1, sizeof *s, err);
    *refused = false;
    if (!s)
        return NULL;
    s->options = *options;
    if (cr_rank_hello_make(&s->own, options->command, plan->workers, err) &&
        (options->dismisses || cr_nursery_start(&s->nursery, plan, err)) &&
        join(s, launch, refused, err))
        return s;
    cr_rank_session_finish(s, !*refused);
    return NULL;
}

static bool put(void *user, void *bytes, size_t length, cr_error *err)
{
    cr_rank_session *s = user;
    return cr_rank_broadcast_put(s->broadcast, bytes, length, err);
}

bool cr_rank_session_begin_broadcast(cr_rank_session *s, cr_byte_stream *to,
                                     cr_error *err)
{
    *to = (cr_byte_stream){.move = put, .user = s};
    return turn_until(s, has_spoken, err); /* verdicts are out */
}

bool cr_rank_session_end_broadcast(cr_rank_session *s, cr_error *err)
{
    return cr_rank_broadcast_end(s->broadcast, err);
}

size_t cr_rank_session_workers(const cr_rank_session *s)
{
    return s->workers;
}

const char *cr_rank_session_mixture(const cr_rank_session *s)
{
    return s->mixture.data ? s->mixture.data : "";
}

const char *cr_rank_session_cramped(const cr_rank_session *s)
{
    return s->cramped.data ? s->cramped.data : "";
}

size_t cr_rank_session_hosts(const cr_rank_session *s)
{
    return cr_rank_hello_count_hosts(&(cr_rank_hello_list){s->hellos, s->ranks.size});
}

int cr_rank_session_signal(const cr_rank_session *s)
{
    return s->signal;
}

/* The rank of a worker. */
static int find_rank(const cr_rank_session *s, size_t worker)
{
    int low = 0, high = s->ranks.size;
    while (high - low > 1) {
        int middle = low + (high - low) / 2;
        *(s->others[middle].first <= worker ? &low : &high) = middle;
    }
    return low;
}

bool cr_rank_session_send(cr_rank_session *s, size_t worker, cr_nursery_kind kind,
                          const void *bytes, size_t length)
{
    int rank = find_rank(s, worker);
    const cr_process_frame frame = {
        kind, cr_nursery_number(worker - s->others[rank].first, 0), length};
    if (rank == 0)
        return cr_process_queue_add(&s->to_nursery, &frame, sizeof frame) &&
               cr_process_queue_add(&s->to_nursery, bytes, length);
    return cr_rank_mail_send(s->mail, rank, &frame, sizeof frame) &&
           cr_rank_mail_send(s->mail, rank, bytes, length);
}

static bool fail_nursery(cr_rank_session *s, cr_error *err)
{
    char why[CR_PROCESS_END_WHY];
    const char *end = cr_process_end_describe(cr_nursery_finish(&s->nursery), why);
    s->broken = true;
    return cr_fail(err, CR_E_IO, "the parent of rank 0's workers: %s",
                   end ? end : "it ended by itself");
}

/* Bytes to and from this rank's own nursery. */
static bool exchange(cr_rank_session *s, bool *came, cr_error *err)
{
    cr_process_inbox *inbox = &s->others[0].inbox;
    bool alive = cr_process_queue_flush(&s->to_nursery, s->nursery.socket);
    (void)alive; /* its end is read, behind what it said last */
    switch (cr_process_frame_read(s->nursery.socket, false, inbox, err)) {
    case CR_READ_SOME:
        *came = true;
        return true;
    case CR_READ_END:
        return fail_nursery(s, err);
    case CR_READ_NO_MEMORY:
        return false;
    case CR_READ_NONE:
        break;
    }
    return true;
}

/* Hands on what nurseries have sent. */
static bool read_frames(cr_rank_session *s, const cr_rank_session_reader *reader,
                        cr_error *err)
{
    for (int i = 0; i < s->ranks.size; i++) {
        cr_process_frame frame;
        const char *bytes = NULL;
        char who[CR_RANK_MAIL_NAME];
        while (cr_process_frame_take(&s->others[i].inbox, &frame, &bytes)) {
            if (frame.kind == CR_NURSERY_FAILED) {
                s->broken = true;
                return cr_fail(err, CR_E_IO, "%s: %s", cr_rank_mail_who(s->mail, i, who),
                               bytes);
            }
            size_t worker = cr_nursery_worker(frame.number) + s->others[i].first;
            if (worker < s->workers)
                reader->on_frame(reader->user, worker, &frame, bytes);
        }
    }
    return true;
}

bool cr_rank_session_wait(cr_rank_session *s, int milliseconds,
                          const cr_rank_session_reader *reader, cr_error *err)
{
    double end = cr_clock() + milliseconds * 1e-3;
    bool came = false;
    do {
        bool own = false;
        if (!cr_rank_session_turn(s, &came, err) || !exchange(s, &own, err))
            return false;
        came = came || own;
        if (!came)
            cr_rank_session_rest(s);
    } while (!came && (milliseconds < 0 || cr_clock() < end));
    return read_frames(s, reader, err);
}

/* Rank 0 ends all nurseries, and with them the others. */
static void end_all(cr_rank_session *s)
{
    const cr_process_frame frame = {.kind = CR_NURSERY_END};
    cr_error ignored = CR_ERROR_INIT;
    bool good = true;
    for (int i = 1; good && i < s->ranks.size; i++)
        good = cr_rank_mail_send(s->mail, i, &frame, sizeof frame);
    if (!good || !turn_until(s, has_spoken, &ignored))
        s->broken = true;
}

void cr_rank_session_finish(cr_rank_session *s, bool failed)
{
    if (!s)
        return;
    if (s->broadcast && s->ranks.rank == 0 && !failed && !s->broken)
        end_all(s);
    cr_nursery_finish(&s->nursery);
    if (s->ranks.module && (failed || s->broken))
        cr_ranks_give_up(&s->ranks, 1);
    cr_rank_mail_destroy(s->mail);
    cr_rank_broadcast_destroy(s->broadcast);
    cr_ranks_finish(&s->ranks);
    for (int i = 0; s->others && i < s->ranks.size; i++)
        cr_free(s->others[i].inbox.bytes);
    cr_free(s->others);
    cr_free(s->hellos);
    cr_process_queue_finish(&s->to_nursery);
    cr_text_finish(&s->mixture);
    cr_text_finish(&s->cramped);
    cr_free(s);
}
