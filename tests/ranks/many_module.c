/* A job of any number of ranks of which only rank 0 is real: the others have one worker each,
 * whose trials take so long and come out alike. So it can be seen what rank 0 does with more
 * ranks than there are processors. CHAINRULE_MANY="ranks seconds command…", the command's
 * words without options; at the end, "rank 0: … s, … KiB" tells its processor time and its peak. */
#include "base/clock.h"
#include "base/text.h"
#include "ranks/ranks.h"
#include "sweep/luggage.h"
#include "sweep/nursery.h"
#include "sweep/process_frame.h"
#include "sweep/rank_hello.h"
#include "sweep/trial_message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { STREAM = 1, WORD = 2 }; /* tags, as in rank_mail.c */
enum { SENT = 1, STREAM_REQUEST, WORD_REQUEST, BROADCAST_REQUEST };

typedef struct rank {
    cr_text in; /* of what was sent to it, what is no whole frame yet */
    size_t jobs;
} rank;

/* An answer of a rank that is due at a time; the ring is in the order of times. */
typedef struct answer {
    int from;
    unsigned
        kind; /* of the frame: a result, or what was returned; END: its worker ends */
    size_t number;
    double due;
} answer;

enum { END = 1000 };

typedef struct ring {
    answer *items; /* [capacity], a power of two */
    size_t first, count, capacity;
} ring;

typedef struct module {
    int size, greeted;
    double seconds;
    rank *ranks;
    ring now, later;
    cr_rank_hello hello;
    cr_text result; /* a message of one */
    char *stream, *word;
} module;

static void push(ring *r, answer a)
{
    if (r->count == r->capacity) {
        ring larger = {.capacity = r->capacity ? 2 * r->capacity : 1024};
        larger.items = calloc(larger.capacity, sizeof *larger.items);
        for (; larger.items && larger.count < r->count; larger.count++)
            larger.items[larger.count] =
                r->items[(r->first + larger.count) & (r->capacity - 1)];
        if (!larger.items)
            abort();
        free(r->items);
        *r = larger;
    }
    r->items[(r->first + r->count++) & (r->capacity - 1)] = a;
}

static bool pop(ring *r, double now, answer *a)
{
    if (r->count == 0 || r->items[r->first].due > now)
        return false;
    *a = r->items[r->first];
    r->first = (r->first + 1) & (r->capacity - 1);
    r->count--;
    return true;
}

static void make_result(cr_text *message)
{
    const cr_epoch epoch = {.epoch = 1, .steps = 1};
    const cr_trial_result result = {.status = CR_TRIAL_COMPLETED,
                                    .epochs = 1,
                                    .steps = 1,
                                    .parameters = 1,
                                    .seconds = 1e-3,
                                    .value = 0.5,
                                    .epoch_count = 1,
                                    .rows = &epoch,
                                    .config = "{}",
                                    .error = "",
                                    .has_accuracy = true};
    cr_trial_message_add_result(&result, message);
    cr_luggage_add(message, NULL);
}

static void *start(int *own, int *size, char why[CR_RANKS_WHY])
{
    module *m = calloc(1, sizeof *m);
    char *at = getenv("CHAINRULE_MANY");
    cr_hash command = {0};
    cr_error err = CR_ERROR_INIT;
    if (!m || !at) {
        snprintf(why, CR_RANKS_WHY, "CHAINRULE_MANY is not set");
        free(m);
        return NULL;
    }
    m->size = *size = (int)strtol(at, &at, 10);
    m->seconds = strtod(at, &at);
    for (char *word = strtok(at, " "); word; word = strtok(NULL, " "))
        command = cr_hash_text(command, word);
    m->ranks = calloc((size_t)m->size, sizeof *m->ranks);
    make_result(&m->result);
    if (!m->ranks || !cr_rank_hello_make(&m->hello, command, 1, &err)) {
        snprintf(why, CR_RANKS_WHY, "%.500s", err.text);
        free(m->ranks);
        free(m);
        return NULL;
    }
    *own = 0;
    return m;
}

/* The rank begins its oldest job. */
static void begin(module *m, int to, double now)
{
    push(&m->later, (answer){to, CR_FRAME_RESULT, 0, now + m->seconds});
}

static void take_frame(module *m, int to, const cr_process_frame *frame)
{
    rank *r = &m->ranks[to];
    switch (frame->kind) {
    case CR_FRAME_JOB:
        if (r->jobs++ == 0)
            begin(m, to, cr_clock());
        break;
    case CR_FRAME_RECALL:
        push(&m->now, (answer){to, CR_FRAME_RETURNED, r->jobs > 1 ? r->jobs - 1 : 0, 0});
        r->jobs = r->jobs > 0;
        break;
    case CR_FRAME_STOP:
        r->jobs = 0; /* one at work is given up */
        push(&m->now, (answer){to, END, 0, 0});
        break;
    default:
        break;
    }
}

/* Frames of a nursery, and in those that hold bytes, frames of its worker. */
static void take(module *m, int to)
{
    cr_text *in = &m->ranks[to].in;
    cr_process_frame outer, frame;
    size_t at = 0;
    for (; at + sizeof outer <= in->length; at += sizeof outer + (size_t)outer.length) {
        memcpy(&outer, in->data + at, sizeof outer);
        if (at + sizeof outer + outer.length > in->length)
            break;
        const char *bytes = in->data + at + sizeof outer;
        size_t length = outer.kind == CR_NURSERY_BYTES ? (size_t)outer.length : 0;
        for (size_t i = 0; i < length; i += sizeof frame + (size_t)frame.length) {
            memcpy(&frame, bytes + i, sizeof frame);
            take_frame(m, to, &frame);
        }
    }
    memmove(in->data, in->data + at, in->length - at);
    in->length -= at;
}

static int send_(void *user, int to, int tag, const void *bytes, size_t length)
{
    module *m = user;
    if (tag == STREAM && length > 0) {
        cr_text_add_bytes(&m->ranks[to].in, bytes, length);
        take(m, to);
    }
    return SENT;
}

static int receive(void *user, int from, int tag, void *bytes, size_t room)
{
    module *m = user;
    (void)from;
    (void)room;
    *(tag == STREAM ? &m->stream : &m->word) = bytes;
    return tag == STREAM ? STREAM_REQUEST : WORD_REQUEST;
}

static int broadcast(void *user, int root, void *bytes, size_t length)
{
    (void)user;
    (void)root;
    (void)bytes;
    (void)length;
    return BROADCAST_REQUEST;
}

static void cancel_(void *user, int request)
{
    (void)user;
    (void)request;
}

/* What the rank sends. */
static size_t write_answer(module *m, const answer *a)
{
    const char *bytes = a->kind == CR_FRAME_RESULT ? m->result.data : "";
    cr_process_frame inner = {a->kind, a->number,
                              a->kind == CR_FRAME_RESULT ? m->result.length : 0};
    cr_process_frame outer = {CR_NURSERY_BYTES, 0, sizeof inner + inner.length};
    if (a->kind == CR_FRAME_RESULT)
        inner.number = (uint64_t)(m->seconds * 1e9);
    if (a->kind == END) {
        outer = (cr_process_frame){CR_NURSERY_ENDED, 0, 0};
        memcpy(m->stream, &outer, sizeof outer);
        return sizeof outer;
    }
    memcpy(m->stream, &outer, sizeof outer);
    memcpy(m->stream + sizeof outer, &inner, sizeof inner);
    memcpy(m->stream + sizeof outer + sizeof inner, bytes, (size_t)inner.length);
    return sizeof outer + (size_t)outer.length;
}

/* A result of a rank; that of a job which it gave up is none. */
static bool take_result(module *m, answer *a)
{
    double now = cr_clock();
    while (pop(&m->later, now, a)) {
        rank *r = &m->ranks[a->from];
        if (r->jobs == 0)
            continue;
        if (--r->jobs > 0)
            begin(m, a->from, a->due);
        return true;
    }
    return false;
}

static cr_ranks_state test(void *user, int request, cr_ranks_received *received)
{
    module *m = user;
    answer a;
    if (request == SENT || request == BROADCAST_REQUEST)
        return CR_RANKS_DONE;
    if (request == WORD_REQUEST) {
        if (m->greeted + 1 >= m->size)
            return CR_RANKS_PENDING;
        *received = (cr_ranks_received){++m->greeted, 1 + sizeof m->hello};
        m->word[0] = 'h';
        memcpy(m->word + 1, &m->hello, sizeof m->hello);
        return CR_RANKS_DONE;
    }
    if (!pop(&m->now, 0, &a) && !take_result(m, &a))
        return CR_RANKS_PENDING;
    *received = (cr_ranks_received){a.from, write_answer(m, &a)};
    return CR_RANKS_DONE;
}

static const char *why(void *user)
{
    (void)user;
    return "";
}

static void finish(void *user)
{
    module *m = user;
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    fprintf(stderr, "rank 0: %.6f s, %ld KiB\n",
            (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec),
            used.ru_maxrss);
    for (int i = 0; i < m->size; i++)
        cr_text_finish(&m->ranks[i].in);
    cr_text_finish(&m->result);
    free(m->now.items);
    free(m->later.items);
    free(m->ranks);
    free(m);
}

static void give_up(void *user, int status)
{
    (void)user;
    _Exit(status);
}

CR_API extern const cr_ranks_type cr_mpi_module;
const cr_ranks_type cr_mpi_module = {
    .version = CR_RANKS_VERSION,
    .library = "many",
    .start = start,
    .send = send_,
    .receive = receive,
    .broadcast = broadcast,
    .test = test,
    .cancel = cancel_,
    .why = why,
    .finish = finish,
    .give_up = give_up,
};
