/* Ranks without MPI, for tests: processes joined by sockets, whose numbers the environment
 * has: CHAINRULE_SOCKETS="rank socket socket …", a socket for each rank. */
#include "ranks/ranks.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

enum { MOST_RANKS = 8, MOST_REQUESTS = 64, BROADCAST = 1000 };

/* Bytes that are to be sent, or have come. */
typedef struct pile {
    char *bytes;
    size_t length, capacity;
} pile;

typedef struct head {
    int64_t tag;
    uint64_t length;
} head;

typedef struct request {
    enum { FREE, WAITS, DONE } state;
    int from, tag;
    void *bytes;
    cr_ranks_received received;
} request;

typedef struct module {
    int rank, size, sockets[MOST_RANKS];
    pile out[MOST_RANKS], in[MOST_RANKS];
    request requests[MOST_REQUESTS];
} module;

static void add(pile *p, const void *bytes, size_t length)
{
    if (p->length + length > p->capacity) {
        p->capacity = 2 * (p->length + length);
        p->bytes = realloc(p->bytes, p->capacity);
    }
    memcpy(p->bytes + p->length, bytes, length);
    p->length += length;
}

static void drop(pile *p, size_t length)
{
    p->length -= length;
    memmove(p->bytes, p->bytes + length, p->length);
}

static void *start(int *rank, int *size, char why[CR_RANKS_WHY])
{
    module *m = calloc(1, sizeof *m);
    const char *text = getenv("CHAINRULE_SOCKETS");
    char *at = NULL;
    if (!m || !text) {
        snprintf(why, CR_RANKS_WHY, "CHAINRULE_SOCKETS is not set");
        free(m);
        return NULL;
    }
    m->rank = (int)strtol(text, &at, 10);
    while (*at && m->size < MOST_RANKS)
        m->sockets[m->size++] = (int)strtol(at, &at, 10);
    *rank = m->rank;
    *size = m->size;
    return m;
}

static request *find_waiting(module *m, int from, int tag)
{
    for (int i = 0; i < MOST_REQUESTS; i++) {
        request *r = &m->requests[i];
        if (r->state == WAITS && r->tag == tag &&
            (r->from == from || r->from == CR_RANKS_ANYONE))
            return r;
    }
    return NULL;
}

/* Gives what has come from a rank to those that wait for it. */
static void hand_out(module *m, int from)
{
    pile *in = &m->in[from];
    head h;
    while (in->length >= sizeof h) {
        memcpy(&h, in->bytes, sizeof h);
        request *r = find_waiting(m, from, (int)h.tag);
        if (in->length < sizeof h + h.length || !r)
            return;
        memcpy(r->bytes, in->bytes + sizeof h, h.length);
        r->received = (cr_ranks_received){from, h.length};
        r->state = DONE;
        drop(in, sizeof h + h.length);
    }
}

static void pump(module *m)
{
    static char bytes[1 << 16];
    for (int i = 0; i < m->size; i++) {
        if (i == m->rank)
            continue;
        while (m->out[i].length > 0) {
            ssize_t sent = send(m->sockets[i], m->out[i].bytes, m->out[i].length,
                                MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent <= 0)
                break;
            drop(&m->out[i], (size_t)sent);
        }
        for (;;) {
            ssize_t got = recv(m->sockets[i], bytes, sizeof bytes, MSG_DONTWAIT);
            if (got <= 0)
                break;
            add(&m->in[i], bytes, (size_t)got);
        }
        hand_out(m, i);
    }
}

static int begin(module *m, int state, int from, int tag, void *bytes)
{
    int i = 0;
    while (m->requests[i].state != FREE)
        i++;
    m->requests[i] = (request){.state = state, .from = from, .tag = tag, .bytes = bytes};
    return i;
}

static int send_(void *user, int to, int tag, const void *bytes, size_t length)
{
    module *m = user;
    const head h = {tag, length};
    add(&m->out[to], &h, sizeof h);
    add(&m->out[to], bytes, length);
    pump(m);
    return begin(m, DONE, 0, tag, NULL);
}

static int receive(void *user, int from, int tag, void *bytes, size_t room)
{
    (void)room;
    return begin(user, WAITS, from, tag, bytes);
}

static void cancel_(void *user, int i)
{
    module *m = user;
    m->requests[i].state = FREE;
}

static int broadcast(void *user, int root, void *bytes, size_t length)
{
    module *m = user;
    if (m->rank != root)
        return begin(m, WAITS, root, BROADCAST, bytes);
    for (int i = 0; i < m->size; i++)
        if (i != root)
            cancel_(m, send_(m, i, BROADCAST, bytes, length));
    return begin(m, DONE, 0, BROADCAST, NULL);
}

static cr_ranks_state test(void *user, int i, cr_ranks_received *received)
{
    module *m = user;
    pump(m);
    request *r = &m->requests[i];
    if (r->state != DONE)
        return CR_RANKS_PENDING;
    if (received)
        *received = r->received;
    r->state = FREE;
    return CR_RANKS_DONE;
}

static const char *why(void *user)
{
    (void)user;
    return "";
}

/* All that was sent leaves, as far as the others are there. */
static void finish(void *user)
{
    module *m = user;
    for (int i = 0; i < m->size; i++) {
        size_t at = 0;
        while (at < m->out[i].length) {
            ssize_t sent = send(m->sockets[i], m->out[i].bytes + at,
                                m->out[i].length - at, MSG_NOSIGNAL);
            if (sent < 0 && errno != EINTR)
                break;
            at += sent > 0 ? (size_t)sent : 0;
        }
        free(m->out[i].bytes);
        free(m->in[i].bytes);
    }
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
    .library = "sockets",
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
