#include "ranks/rank_mail.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { STREAM = 1, WORD = 2, PIECE = 1 << 18, HOST = 64, NONE = -1 };

typedef struct peer {
    char host[HOST];
    bool watched;        /* it and this rank write to one another */
    double heard, spoke; /* when */
    cr_text waiting;     /* what follows `flying` */
    cr_text flying;      /* [at, at + piece) is being sent */
    size_t at, piece;
    int request; /* of the piece; NONE */
    char word[CR_RANK_MAIL_WORD];
    int word_request;
} peer;

struct cr_rank_mail {
    cr_ranks *ranks;
    peer *peers; /* [ranks->size] */
    char *bytes; /* [PIECE] that are received */
    char word[CR_RANK_MAIL_WORD];
    int bytes_request, word_request;
    double patience, turned; /* turned: when the last turn was */
};

void cr_rank_mail_destroy(cr_rank_mail *mail)
{
    if (!mail)
        return;
    const cr_ranks_type *type = mail->ranks->type;
    void *module = mail->ranks->module;
    if (mail->bytes_request != NONE)
        type->cancel(module, mail->bytes_request);
    if (mail->word_request != NONE)
        type->cancel(module, mail->word_request);
    for (int i = 0; mail->peers && i < mail->ranks->size; i++) {
        cr_text_finish(&mail->peers[i].waiting);
        cr_text_finish(&mail->peers[i].flying);
    }
    cr_free(mail->peers);
    cr_free(mail->bytes);
    cr_free(mail);
}

cr_rank_mail *cr_rank_mail_create(cr_ranks *ranks, double patience, cr_error *err)
{
    cr_rank_mail *mail = cr_alloc(1, sizeof *mail, err);
    if (!mail)
        return NULL;
    *mail = (cr_rank_mail){.ranks = ranks,
                           .bytes_request = NONE,
                           .word_request = NONE,
                           .patience = patience,
                           .turned = cr_clock()};
    mail->bytes = cr_alloc_raw(PIECE, 1, err);
    mail->peers = cr_alloc((size_t)ranks->size, sizeof *mail->peers, err);
    for (int i = 0; mail->peers && i < ranks->size; i++) {
        peer *p = &mail->peers[i];
        p->watched = (ranks->rank == 0) != (i == 0);
        p->heard = p->spoke = mail->turned;
        p->request = p->word_request = NONE;
    }
    if (mail->bytes && mail->peers)
        return mail;
    cr_rank_mail_destroy(mail);
    return NULL;
}

void cr_rank_mail_name(cr_rank_mail *mail, int rank, const char *host)
{
    snprintf(mail->peers[rank].host, HOST, "%s", host);
}

const char *cr_rank_mail_who(const cr_rank_mail *mail, int rank,
                             char out[CR_RANK_MAIL_NAME])
{
    const char *host = mail->peers[rank].host;
    snprintf(out, CR_RANK_MAIL_NAME, *host ? "rank %d (%s)" : "rank %d", rank, host);
    return out;
}

bool cr_rank_mail_send(cr_rank_mail *mail, int to, const void *bytes, size_t length)
{
    cr_text_add_bytes(&mail->peers[to].waiting, bytes, length);
    return !mail->peers[to].waiting.failed;
}

static bool fail(const cr_rank_mail *mail, cr_error *err)
{
    return cr_fail(err, CR_E_IO, "%s: %s", mail->ranks->type->library,
                   mail->ranks->type->why(mail->ranks->module));
}

/* Whether the request is at work; one that is done becomes NONE. */
static bool is_pending(const cr_rank_mail *mail, int *request)
{
    if (*request == NONE)
        return false;
    cr_ranks_state state = mail->ranks->type->test(mail->ranks->module, *request, NULL);
    if (state == CR_RANKS_DONE)
        *request = NONE;
    return state != CR_RANKS_DONE;
}

bool cr_rank_mail_say(cr_rank_mail *mail, int to, const void *word, size_t length)
{
    peer *p = &mail->peers[to];
    if (length > CR_RANK_MAIL_WORD || is_pending(mail, &p->word_request))
        return false;
    memcpy(p->word, word, length);
    p->word_request =
        mail->ranks->type->send(mail->ranks->module, to, WORD, p->word, length);
    return p->word_request != NONE;
}

/* Sends the next piece of the stream; one without bytes is a sign of life. */
static bool send_piece(cr_rank_mail *mail, int to, double now, cr_error *err)
{
    peer *p = &mail->peers[to];
    if (p->request != NONE) {
        cr_ranks_state state =
            mail->ranks->type->test(mail->ranks->module, p->request, NULL);
        if (state == CR_RANKS_PENDING)
            return true;
        p->request = NONE;
        if (state == CR_RANKS_BROKEN)
            return fail(mail, err);
        p->at += p->piece;
    }
    if (p->at == p->flying.length) {
        cr_text sent = p->flying;
        p->flying = p->waiting;
        p->waiting = sent;
        p->waiting.length = p->at = 0;
    }
    size_t left = p->flying.length - p->at;
    p->piece = left < PIECE ? left : PIECE;
    if (p->piece == 0 && now - p->spoke < mail->patience / 6)
        return true;
    p->request =
        mail->ranks->type->send(mail->ranks->module, to, STREAM,
                                p->piece ? p->flying.data + p->at : mail->word, p->piece);
    p->spoke = now;
    return p->request != NONE || fail(mail, err);
}

/* Begins to receive, or hands on what was received. */
static bool receive(cr_rank_mail *mail, int tag, const cr_rank_mail_reader *reader,
                    bool *came, cr_error *err)
{
    bool stream = tag == STREAM;
    int *request = stream ? &mail->bytes_request : &mail->word_request;
    char *bytes = stream ? mail->bytes : mail->word;
    cr_ranks_received got;
    for (;;) {
        if (*request == NONE)
            *request =
                mail->ranks->type->receive(mail->ranks->module, CR_RANKS_ANYONE, tag,
                                           bytes, stream ? PIECE : CR_RANK_MAIL_WORD);
        if (*request == NONE)
            return fail(mail, err);
        cr_ranks_state state =
            mail->ranks->type->test(mail->ranks->module, *request, &got);
        if (state == CR_RANKS_PENDING)
            return true;
        *request = NONE;
        if (state == CR_RANKS_BROKEN)
            return fail(mail, err);
        mail->peers[got.from].heard = cr_clock();
        *came = *came || got.length > 0;
        if (got.length > 0 && !(stream ? reader->on_bytes : reader->on_word)(
                                  reader->user, got.from, bytes, got.length, err))
            return false;
    }
}

/* A time in which this process itself did not look is nobody's silence. */
static bool check_silence(cr_rank_mail *mail, double now, cr_error *err)
{
    bool was_away = now - mail->turned > mail->patience / 2;
    mail->turned = now;
    for (int i = 0; i < mail->ranks->size; i++) {
        peer *p = &mail->peers[i];
        char who[CR_RANK_MAIL_NAME];
        if (was_away)
            p->heard = now;
        if (p->watched && now - p->heard > mail->patience)
            return cr_fail(err, CR_E_IO,
                           "nothing has come from %s for %.3g s: its host or the network "
                           "stalls (--rank-timeout SECONDS waits longer)",
                           cr_rank_mail_who(mail, i, who), now - p->heard);
    }
    return true;
}

bool cr_rank_mail_turn(cr_rank_mail *mail, const cr_rank_mail_reader *reader, bool *came,
                       cr_error *err)
{
    double now = cr_clock();
    *came = false;
    bool good = receive(mail, STREAM, reader, came, err) &&
                receive(mail, WORD, reader, came, err) && check_silence(mail, now, err);
    for (int i = 0; good && i < mail->ranks->size; i++)
        if (mail->peers[i].watched)
            good = send_piece(mail, i, now, err);
    return good;
}

size_t cr_rank_mail_unsent(const cr_rank_mail *mail, int to)
{
    const peer *p = &mail->peers[to];
    return p->waiting.length + p->flying.length - p->at;
}

bool cr_rank_mail_is_sent(const cr_rank_mail *mail)
{
    bool sent = true;
    for (int i = 0; sent && i < mail->ranks->size; i++) {
        peer *p = &mail->peers[i];
        sent = p->request == NONE && cr_rank_mail_unsent(mail, i) == 0 &&
               !is_pending(mail, &p->word_request);
    }
    return sent;
}
