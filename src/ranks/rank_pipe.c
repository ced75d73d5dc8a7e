#include "ranks/rank_pipe.h"

#include "base/memory.h"

#include <string.h>

enum { PIECE = 1 << 18, AT_ONCE = 2, TAG = 3, NONE = -1 };

typedef struct piece {
    char *bytes; /* [PIECE] */
    int request;
} piece;

struct cr_rank_pipe {
    cr_ranks *ranks;
    int rank;
    bool receives;
    cr_rank_wait wait;
    piece pieces[AT_ONCE]; /* while one is on its way the next is filled */
    size_t now;            /* the piece that is filled, or read */
    size_t at, length;     /* how far it is read; bytes in it */
};

void cr_rank_pipe_destroy(cr_rank_pipe *pipe)
{
    if (!pipe)
        return;
    for (size_t i = 0; i < AT_ONCE; i++)
        cr_free(pipe->pieces[i].bytes);
    cr_free(pipe);
}

cr_rank_pipe *cr_rank_pipe_create(cr_ranks *ranks, int rank, bool receives,
                                  double patience, cr_error *err)
{
    cr_rank_pipe *p = cr_alloc(1, sizeof *p, err);
    bool good = p != NULL;
    for (size_t i = 0; good && i < AT_ONCE; i++) {
        p->pieces[i] = (piece){cr_alloc_raw(PIECE, 1, err), NONE};
        good = p->pieces[i].bytes != NULL;
    }
    if (!good) {
        cr_rank_pipe_destroy(p);
        return NULL;
    }
    p->ranks = ranks;
    p->rank = rank;
    p->receives = receives;
    p->wait.patience = patience;
    return p;
}

/* Waits until the piece is sent, or has come. */
static bool finish(cr_rank_pipe *p, piece *one, cr_error *err)
{
    cr_ranks_received got = {0};
    p->wait.since = 0;
    while (one->request != NONE) {
        switch (p->ranks->type->test(p->ranks->module, one->request, &got)) {
        case CR_RANKS_DONE:
            one->request = NONE;
            p->length = p->receives ? got.length : p->length;
            break;
        case CR_RANKS_BROKEN:
            return cr_rank_wait_fail(p->ranks, err);
        case CR_RANKS_PENDING:
            if (!cr_rank_wait_rest(&p->wait, err))
                return false;
        }
    }
    return true;
}

static bool send_piece(cr_rank_pipe *p, cr_error *err)
{
    piece *one = &p->pieces[p->now];
    one->request =
        p->ranks->type->send(p->ranks->module, p->rank, TAG, one->bytes, p->length);
    if (one->request == NONE)
        return cr_rank_wait_fail(p->ranks, err);
    p->now = (p->now + 1) % AT_ONCE;
    p->length = 0;
    return finish(p, &p->pieces[p->now], err);
}

static bool take_piece(cr_rank_pipe *p, cr_error *err)
{
    piece *one = &p->pieces[0];
    p->at = 0;
    one->request =
        p->ranks->type->receive(p->ranks->module, p->rank, TAG, one->bytes, PIECE);
    return one->request == NONE ? cr_rank_wait_fail(p->ranks, err) : finish(p, one, err);
}

static bool send_bytes(cr_rank_pipe *p, const char *bytes, size_t length, cr_error *err)
{
    while (length > 0) {
        size_t room = PIECE - p->length, part = length < room ? length : room;
        memcpy(p->pieces[p->now].bytes + p->length, bytes, part);
        p->length += part;
        bytes += part;
        length -= part;
        if (p->length == PIECE && !send_piece(p, err))
            return false;
    }
    return true;
}

static bool take_bytes(cr_rank_pipe *p, char *bytes, size_t length, cr_error *err)
{
    while (length > 0) {
        if (p->at == p->length && !take_piece(p, err))
            return false;
        size_t left = p->length - p->at, part = length < left ? length : left;
        memcpy(bytes, p->pieces[0].bytes + p->at, part);
        p->at += part;
        bytes += part;
        length -= part;
    }
    return true;
}

static bool move(void *user, void *bytes, size_t length, cr_error *err)
{
    cr_rank_pipe *p = user;
    return p->receives ? take_bytes(p, bytes, length, err)
                       : send_bytes(p, bytes, length, err);
}

cr_byte_stream cr_rank_pipe_stream(cr_rank_pipe *pipe)
{
    return (cr_byte_stream){.move = move, .user = pipe};
}

bool cr_rank_pipe_flush(cr_rank_pipe *p, cr_error *err)
{
    bool good = p->receives || p->length == 0 || send_piece(p, err);
    for (size_t i = 0; good && !p->receives && i < AT_ONCE; i++)
        good = finish(p, &p->pieces[i], err);
    return good;
}
