/*
 * A sweep over the ranks of a job: what joins them, compares them, and brings bytes to and
 * from their nurseries (nursery.h). Rank 0 conducts; the others serve until it ends them.
 */
#ifndef CHAINRULE_SWEEP_RANK_SESSION_H
#define CHAINRULE_SWEEP_RANK_SESSION_H

#include "base/byte_stream.h"
#include "ranks/ranks.h"
#include "sweep/nursery.h"

#include <signal.h>

typedef struct cr_rank_session cr_rank_session;

typedef struct cr_rank_options {
    double patience;    /* seconds that a rank may be silent */
    bool allow_mixture; /* of programs or kernels */
    bool dismisses;  /* rank 0: there is nothing to do together; no nursery is started */
    cr_hash command; /* of the command line, which all ranks have in common */
    const volatile sig_atomic_t *signal;
} cr_rank_options;

/* Starts the nursery, joins the job, and compares programs, kernels and commands: every
 * rank with that of rank 0. The plan's `user` and the signal outlive the session. NULL
 * with err; *refused: rank 0 says why, and this one need not. */
CR_MUST_CHECK cr_rank_session *cr_rank_session_start(const cr_ranks_launch *launch,
                                                     const cr_nursery_plan *plan,
                                                     const cr_rank_options *options,
                                                     bool *refused, cr_error *err);

/* Rank 0: sends to all nurseries but its own, between begin and end, by a stream; which
 * cr_rank_session_broadcast_begin fills in. */
CR_MUST_CHECK bool cr_rank_session_begin_broadcast(cr_rank_session *session,
                                                   cr_byte_stream *to, cr_error *err);
CR_MUST_CHECK bool cr_rank_session_end_broadcast(cr_rank_session *session, cr_error *err);

/* All but rank 0: does its part, until rank 0 ends it. */
CR_MUST_CHECK bool cr_rank_session_serve(cr_rank_session *session, cr_error *err);

/* Rank 0: workers of all ranks. */
size_t cr_rank_session_workers(const cr_rank_session *session);

/* Rank 0: on how many hosts they are. */
size_t cr_rank_session_hosts(const cr_rank_session *session);

/* Rank 0, a line for each rank and "" for none: in what it differs; and that it may use
 * fewer processors than it has workers. */
const char *cr_rank_session_mixture(const cr_rank_session *session);
const char *cr_rank_session_cramped(const cr_rank_session *session);

/* Rank 0: the signal that another rank was sent; 0: none. */
int cr_rank_session_signal(const cr_rank_session *session);

/* Rank 0, for process_ranks.c: to the nursery of worker i; what has come from there; a
 * worker's number in its rank. False with err when a rank cannot be reached any more. */
typedef struct cr_rank_session_reader {
    void (*on_frame)(void *user, size_t worker, const cr_process_frame *frame,
                     const char *bytes);
    void *user;
} cr_rank_session_reader;
CR_MUST_CHECK bool cr_rank_session_send(cr_rank_session *session, size_t worker,
                                        cr_nursery_kind kind, const void *bytes,
                                        size_t length);
CR_MUST_CHECK bool cr_rank_session_wait(cr_rank_session *session, int milliseconds,
                                        const cr_rank_session_reader *reader,
                                        cr_error *err);

/* Leaves the job; takes NULL. failed: this rank cannot go on, and with it ends the job. */
void cr_rank_session_finish(cr_rank_session *session, bool failed);

#endif
