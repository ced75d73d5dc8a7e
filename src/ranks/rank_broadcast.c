#include "ranks/rank_broadcast.h"

#include "base/clock.h"
#include "base/memory.h"

#include <stdint.h>
#include <string.h>

enum { PIECE = 1 << 18, HEAD = sizeof(uint64_t), AT_ONCE = 2, NONE = -1 };

/* Every piece is sent whole; its head says how many bytes of it count, 0 at the end. */
typedef struct piece {
    char *bytes; /* [HEAD + PIECE] */
    int request;
} piece;

struct cr_rank_broadcast {
    cr_ranks *ranks;
    double patience;
    piece pieces[AT_ONCE]; /* while one is sent the next is filled */
    size_t now, length;    /* the piece that is filled, and how far */
};

void cr_rank_broadcast_destroy(cr_rank_broadcast *broadcast)
{
    if (!broadcast)
        return;
    for (size_t i = 0; i < AT_ONCE; i++)
        cr_free(broadcast->pieces[i].bytes);
    cr_free(broadcast);
}

cr_rank_broadcast *cr_rank_broadcast_create(cr_ranks *ranks, double patience,
                                            cr_error *err)
{
    cr_rank_broadcast *b = cr_alloc(1, sizeof *b, err);
    bool good = b != NULL;
    for (size_t i = 0; good && i < AT_ONCE; i++) {
        b->pieces[i] = (piece){cr_alloc(HEAD + PIECE, 1, err), NONE};
        good = b->pieces[i].bytes != NULL;
    }
    if (good) {
        b->ranks = ranks;
        b->patience = patience;
        return b;
    }
    cr_rank_broadcast_destroy(b);
    return NULL;
}

static bool fail(const cr_rank_broadcast *b, cr_error *err)
{
    return cr_fail(err, CR_E_IO, "%s: %s", b->ranks->type->library,
                   b->ranks->type->why(b->ranks->module));
}

/* Waits without taking the processor from whoever reads the data. */
static bool wait_for(cr_rank_broadcast *b, piece *p, cr_error *err)
{
    const double pause = 0.0002;
    double began = cr_clock();
    while (p->request != NONE) {
        switch (b->ranks->type->test(b->ranks->module, p->request, NULL)) {
        case CR_RANKS_DONE:
            p->request = NONE;
            break;
        case CR_RANKS_BROKEN:
            return fail(b, err);
        case CR_RANKS_PENDING:
            if (cr_clock() - began > b->patience)
                return cr_fail(err, CR_E_IO,
                               "the data has not got on from rank to rank for %.3g s: a "
                               "host or the network stalls (--rank-timeout SECONDS waits "
                               "longer)",
                               b->patience);
            cr_clock_sleep(pause);
        }
    }
    return true;
}

static bool begin(cr_rank_broadcast *b, piece *p, cr_error *err)
{
    p->request = b->ranks->type->broadcast(b->ranks->module, 0, p->bytes, HEAD + PIECE);
    return p->request != NONE || fail(b, err);
}

/* Sends the piece that was filled, and waits until the next can be. */
static bool send_piece(cr_rank_broadcast *b, cr_error *err)
{
    piece *p = &b->pieces[b->now];
    uint64_t length = b->length;
    memcpy(p->bytes, &length, HEAD);
    b->now = (b->now + 1) % AT_ONCE;
    b->length = 0;
    return begin(b, p, err) && wait_for(b, &b->pieces[b->now], err);
}

bool cr_rank_broadcast_put(cr_rank_broadcast *b, const void *bytes, size_t length,
                           cr_error *err)
{
    for (const char *at = bytes; length > 0;) {
        size_t room = PIECE - b->length, part = length < room ? length : room;
        memcpy(b->pieces[b->now].bytes + HEAD + b->length, at, part);
        b->length += part;
        at += part;
        length -= part;
        if (b->length == PIECE && !send_piece(b, err))
            return false;
    }
    return true;
}

bool cr_rank_broadcast_end(cr_rank_broadcast *b, cr_error *err)
{
    bool good = (b->length == 0 || send_piece(b, err)) && send_piece(b, err);
    for (size_t i = 0; good && i < AT_ONCE; i++)
        good = wait_for(b, &b->pieces[i], err);
    return good;
}

bool cr_rank_broadcast_take(cr_rank_broadcast *b, const char **bytes, size_t *length,
                            cr_error *err)
{
    piece *p = &b->pieces[0];
    uint64_t count = 0;
    if (!begin(b, p, err) || !wait_for(b, p, err))
        return false;
    memcpy(&count, p->bytes, HEAD);
    *bytes = p->bytes + HEAD;
    *length = (size_t)count;
    return count <= PIECE || cr_fail(err, CR_E_IO, "the data came damaged from rank 0");
}
