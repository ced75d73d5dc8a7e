#include "sweep/rank_session.h"

#include "base/clock.h"
#include "base/memory.h"
#include "ranks/rank_broadcast.h"
#include "ranks/rank_mail.h"
#include "sweep/process_end.h"
#include "sweep/process_queue.h"
#include "sweep/rank_hello.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* MPI has nothing that a process could sleep on: between two looks it sleeps this long. */
enum { LOOK_MILLISECONDS = 1 };

/* The first byte of a word. */
enum { WORD_HELLO = 'h', WORD_VERDICT = 'v', WORD_SIGNAL = 's', WORD_FAILED = 'f' };

typedef struct other {
    cr_rank_hello hello;
    bool greeted;
    size_t first;           /* its first worker */
    cr_process_inbox inbox; /* from its nursery */
} other;

struct cr_rank_session {
    cr_rank_options options;
    cr_ranks ranks;
    cr_rank_mail *mail;
    cr_rank_broadcast *broadcast;
    cr_nursery nursery;
    cr_process_queue to_nursery; /* this rank's own */
    cr_rank_hello own;
    other *others; /* rank 0: [ranks.size], with itself */
    size_t workers;
    cr_text mixture, cramped;
    int signal; /* that some rank was sent */
    bool told_signal;
    bool ends; /* all but rank 0: it is to end */
    bool has_verdict;
    char verdict[CR_RANK_MAIL_WORD]; /* "": it may work */
    bool broken;                     /* a rank is out of reach */
};

static bool say(cr_rank_session *s, int to, char kind, const void *text, size_t length)
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
    memcpy(&s->others[from].hello, text, length);
    s->others[from].greeted = true;
    cr_rank_mail_name(s->mail, from, s->others[from].hello.host);
    return true;
}

static bool on_word(void *user, int from, const char *word, size_t length, cr_error *err)
{
    cr_rank_session *s = user;
    char who[CR_RANK_MAIL_NAME];
    const char *text = word + 1;
    length--;
    switch (*word) {
    case WORD_HELLO:
        return take_hello(s, from, text, length, err);
    case WORD_VERDICT:
        memcpy(s->verdict, text, length);
        s->has_verdict = true;
        return true;
    case WORD_SIGNAL:
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

static bool turn(cr_rank_session *s, bool *came, cr_error *err)
{
    const cr_rank_mail_reader reader = {on_bytes, on_word, s};
    if (s->broken)
        return cr_fail(err, CR_E_IO, "a rank is out of reach");
    s->broken = !cr_rank_mail_turn(s->mail, &reader, came, err);
    return !s->broken;
}

/* Sleeps until the nursery has something to say, or it is time to look again. Returns
 * whether it has. */
static bool rest(const cr_rank_session *s)
{
    bool unsent = cr_process_queue_length(&s->to_nursery) > 0;
    struct pollfd own = {.fd = s->nursery.socket,
                         .events = unsent ? POLLIN | POLLOUT : POLLIN};
    return poll(&own, 1, LOOK_MILLISECONDS) > 0 && (own.revents & ~POLLOUT);
}

/* Turns until something holds. */
static bool turn_until(cr_rank_session *s, bool (*holds)(const cr_rank_session *s),
                       cr_error *err)
{
    for (bool came = false; !holds(s);) {
        if (!turn(s, &came, err))
            return false;
        if (!came)
            cr_clock_sleep(LOOK_MILLISECONDS * 1e-3);
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

/* Why the ranks cannot work together. */
static bool judge(cr_rank_session *s, cr_error *err)
{
    if (s->options.dismisses)
        return false;
    for (int i = 0; i < s->ranks.size; i++) {
        other *o = &s->others[i];
        o->first = s->workers;
        s->workers += (size_t)o->hello.workers;
        if (cr_hash_compare(o->hello.command, s->own.command) != 0)
            return cr_fail(err, CR_E_USAGE,
                           "rank %d (%s) was started with another command line than rank "
                           "0; give all ranks the same",
                           i, o->hello.host);
        cr_rank_hello_compare(&s->own, &o->hello, i, &s->mixture);
        if (o->hello.processors < o->hello.workers)
            cr_text_add(
                &s->cramped,
                "rank %d (%s) may use %d of its host's processors for %d workers; "
                "mpirun --bind-to none, or srun -c %d, gives it more\n",
                i, o->hello.host, (int)o->hello.processors, (int)o->hello.workers,
                (int)o->hello.workers);
    }
    if (s->mixture.failed || s->cramped.failed)
        return cr_fail(err, CR_E_MEMORY, "out of memory");
    return s->mixture.length == 0 || s->options.allow_mixture ||
           cr_fail(
               err, CR_E_USAGE,
               "the ranks differ, so that a trial's bits would depend on where it ran "
               "(OPENBLAS_CORETYPE gives all the same kernel; --allow-mixture runs it "
               "all the same, and notes it in sweep.json): %s",
               s->mixture.data);
}

/* Rank 0 hears all and says whether they may work; the others wait for that. */
static bool meet(cr_rank_session *s, bool *refused, cr_error *err)
{
    cr_error found = CR_ERROR_INIT;
    if (s->ranks.rank != 0) {
        bool good = say(s, 0, WORD_HELLO, &s->own, sizeof s->own) &&
                    turn_until(s, is_judged, err);
        *refused = good && *s->verdict;
        return good && !*refused;
    }
    s->others[0].hello = s->own;
    s->others[0].greeted = true;
    bool good = turn_until(s, have_all_greeted, &found) && judge(s, &found);
    for (int i = 1; i < s->ranks.size && !s->broken; i++)
        if (!say(s, i, WORD_VERDICT, good ? "" : "refused", good ? 1 : 8))
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
    if (!cr_ranks_start(&s->ranks, launch, err))
        return false;
    s->others = cr_alloc((size_t)s->ranks.size, sizeof *s->others, err);
    s->mail = s->others ? cr_rank_mail_create(&s->ranks, s->options.patience, err) : NULL;
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
    size_t hosts = 0;
    for (int i = 0; i < s->ranks.size; i++) {
        int first = 0;
        while (strcmp(s->others[first].hello.host, s->others[i].hello.host) != 0)
            first++;
        hosts += first == i;
    }
    return hosts;
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
    if (!cr_process_queue_flush(&s->to_nursery, s->nursery.socket))
        return fail_nursery(s, err);
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
        if (!turn(s, &came, err) || !exchange(s, &own, err))
            return false;
        came = came || own;
        if (!came)
            rest(s);
    } while (!came && (milliseconds < 0 || cr_clock() < end));
    return read_frames(s, reader, err);
}

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
        s->told_signal = say(s, 0, WORD_SIGNAL, &number, sizeof number);
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
    bool said = !word.failed && say(s, 0, WORD_FAILED, word.data, word.length);
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
        good = turn(s, &came, err);
        if (good && !s->ends && cr_process_queue_length(&s->to_nursery) > 0) {
            bool alive = cr_process_queue_flush(&s->to_nursery, s->nursery.socket);
            (void)alive; /* its end is read below */
        }
        if (good && !s->ends && rest(s))
            good = relay(s, &inbox, err);
        else if (s->ends)
            cr_clock_sleep(LOOK_MILLISECONDS * 1e-3);
    }
    cr_free(inbox.bytes);
    return good;
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
        s->ranks.type->give_up(s->ranks.module, 1);
    cr_rank_mail_destroy(s->mail);
    cr_rank_broadcast_destroy(s->broadcast);
    cr_ranks_finish(&s->ranks);
    for (int i = 0; s->others && i < s->ranks.size; i++)
        cr_free(s->others[i].inbox.bytes);
    cr_free(s->others);
    cr_process_queue_finish(&s->to_nursery);
    cr_text_finish(&s->mixture);
    cr_text_finish(&s->cramped);
    cr_free(s);
}
