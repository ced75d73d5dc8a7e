/* What a session is made of, for its two sides: rank_session.c, and rank_session_serve.c for
 * the ranks that serve. */
#ifndef CHAINRULE_SWEEP_RANK_SESSION_STATE_H
#define CHAINRULE_SWEEP_RANK_SESSION_STATE_H

#include "ranks/rank_broadcast.h"
#include "ranks/rank_mail.h"
#include "sweep/process_queue.h"
#include "sweep/rank_hello.h"
#include "sweep/rank_session.h"

/* MPI has nothing that a process could sleep on: between two looks it sleeps this long. */
enum { CR_RANK_LOOK_MILLISECONDS = 4 };

/* The first byte of a word. */
enum {
    CR_WORD_HELLO = 'h',
    CR_WORD_VERDICT = 'v',
    CR_WORD_SIGNAL = 's',
    CR_WORD_FAILED = 'f'
};

/* Another rank, for rank 0. */
typedef struct cr_rank_other {
    bool greeted;
    size_t first;           /* its first worker */
    cr_process_inbox inbox; /* from its nursery */
} cr_rank_other;

struct cr_rank_session {
    cr_rank_options options;
    cr_ranks ranks;
    cr_rank_mail *mail;
    cr_rank_broadcast *broadcast;
    cr_nursery nursery;
    cr_process_queue to_nursery; /* this rank's own */
    cr_rank_hello own;
    cr_rank_other *others; /* rank 0: [ranks.size], with itself */
    cr_rank_hello *hellos; /* likewise */
    size_t workers;
    cr_text mixture, cramped;
    int signal; /* that some rank was sent */
    bool told_signal;
    bool ends; /* all but rank 0: it is to end */
    bool has_verdict;
    char verdict[CR_RANK_MAIL_WORD]; /* "": it may work */
    bool broken;                     /* a rank is out of reach */
};

/* A word to a rank; false when the last is still on its way. */
CR_MUST_CHECK bool cr_rank_session_say(cr_rank_session *s, int to, char kind,
                                       const void *text, size_t length);

/* Mail comes and goes. */
CR_MUST_CHECK bool cr_rank_session_turn(cr_rank_session *s, bool *came, cr_error *err);

/* Sleeps until the nursery has something to say, or it is time to look again. Returns
 * whether it has. */
bool cr_rank_session_rest(const cr_rank_session *s);

#endif
