/*
 * Mail between rank 0 and the others: a stream of bytes each way that never waits, beside
 * it short words, and a sign of life from whoever has nothing to say.
 */
#ifndef CHAINRULE_RANKS_RANK_MAIL_H
#define CHAINRULE_RANKS_RANK_MAIL_H

#include "ranks/ranks.h"

enum { CR_RANK_MAIL_WORD = 512 }; /* bytes, at most */

typedef struct cr_rank_mail cr_rank_mail;

/* Who reads; false (with err) ends the turn. */
typedef struct cr_rank_mail_reader {
    bool (*on_bytes)(void *user, int from, const char *bytes, size_t length,
                     cr_error *err);
    bool (*on_word)(void *user, int from, const char *word, size_t length, cr_error *err);
    void *user;
} cr_rank_mail_reader;

/* Ranks are borrowed. A rank from which nothing has come for `patience` seconds is an
 * error: of all for rank 0, of rank 0 for the others. */
CR_MUST_CHECK cr_rank_mail *cr_rank_mail_create(cr_ranks *ranks, double patience,
                                                cr_error *err);
void cr_rank_mail_destroy(cr_rank_mail *mail); /* takes NULL; drops what was not sent */

/* Where a rank is, for messages; copied. */
void cr_rank_mail_name(cr_rank_mail *mail, int rank, const char *host);

/* "rank 3 (host)" */
enum { CR_RANK_MAIL_NAME = 96 };
const char *cr_rank_mail_who(const cr_rank_mail *mail, int rank,
                             char out[CR_RANK_MAIL_NAME]);

/* Appends to the stream to that rank; false when out of memory. */
CR_MUST_CHECK bool cr_rank_mail_send(cr_rank_mail *mail, int to, const void *bytes,
                                     size_t length);

/* Says a word; one that is still on its way is waited for in vain: false. */
CR_MUST_CHECK bool cr_rank_mail_say(cr_rank_mail *mail, int to, const void *word,
                                    size_t length);

/* Sends what can be sent, and hands on what has come: *came says whether something has.
 * To be called often. False with err when a rank is out of reach. */
CR_MUST_CHECK bool cr_rank_mail_turn(cr_rank_mail *mail,
                                     const cr_rank_mail_reader *reader, bool *came,
                                     cr_error *err);

/* Bytes on their way to a rank, in this process. */
size_t cr_rank_mail_unsent(const cr_rank_mail *mail, int to);

/* Whether all has left this process. */
bool cr_rank_mail_is_sent(const cr_rank_mail *mail);

#endif
