/* Bytes from one rank to another, as a stream (base/byte_stream.h). */
#ifndef CHAINRULE_RANKS_RANK_PIPE_H
#define CHAINRULE_RANKS_RANK_PIPE_H

#include "base/byte_stream.h"
#include "ranks/rank_wait.h"

typedef struct cr_rank_pipe cr_rank_pipe;

/* To that rank, or (receives) from it. Ranks are borrowed. A pipe that nothing comes
 * through for `patience` seconds is an error; 0: it never is. NULL with err. */
CR_MUST_CHECK cr_rank_pipe *cr_rank_pipe_create(cr_ranks *ranks, int rank, bool receives,
                                                double patience, cr_error *err);

/* Its end; what was sent and not flushed is lost. Takes NULL. */
void cr_rank_pipe_destroy(cr_rank_pipe *pipe);

/* A stream through the pipe, which is borrowed. */
cr_byte_stream cr_rank_pipe_stream(cr_rank_pipe *pipe);

/* Sends what is left, so that the other end can read all up to here. */
CR_MUST_CHECK bool cr_rank_pipe_flush(cr_rank_pipe *pipe, cr_error *err);

#endif
