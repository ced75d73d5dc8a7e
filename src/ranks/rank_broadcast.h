/* A stream of bytes from rank 0 to all others, of any length, in pieces. */
#ifndef CHAINRULE_RANKS_RANK_BROADCAST_H
#define CHAINRULE_RANKS_RANK_BROADCAST_H

#include "ranks/ranks.h"

typedef struct cr_rank_broadcast cr_rank_broadcast;

/* Ranks are borrowed; all of them begin it. A piece that takes longer than `patience`
 * seconds is an error. */
CR_MUST_CHECK cr_rank_broadcast *cr_rank_broadcast_create(cr_ranks *ranks,
                                                          double patience, cr_error *err);
void cr_rank_broadcast_destroy(cr_rank_broadcast *broadcast); /* takes NULL */

/* At rank 0: bytes that follow; and their end. */
CR_MUST_CHECK bool cr_rank_broadcast_put(cr_rank_broadcast *broadcast, const void *bytes,
                                         size_t length, cr_error *err);
CR_MUST_CHECK bool cr_rank_broadcast_end(cr_rank_broadcast *broadcast, cr_error *err);

/* At the others: waits for the next bytes, which are the broadcast's, up to the next call.
 * *length is 0 at the end. */
CR_MUST_CHECK bool cr_rank_broadcast_take(cr_rank_broadcast *broadcast,
                                          const char **bytes, size_t *length,
                                          cr_error *err);

#endif
