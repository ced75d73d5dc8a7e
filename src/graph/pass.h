/* A pass: which rows of a batch, in what mode, and as whose share. */
#ifndef CHAINRULE_GRAPH_PASS_H
#define CHAINRULE_GRAPH_PASS_H

#include "base/team.h"

#include <stdbool.h>
#include <stdint.h>

/* What a forward or backward pass is told. All pointers in cr_layer_io are those of the
 * whole batch; a pass does the rows first_row to first_row + rows of it. */
typedef struct cr_pass {
    bool training; /* not an evaluation: dropout drops, statistics are the batch's */
    uint64_t seed, step;
    size_t first_row, rows; /* of the batch, to do now */
    size_t batch_rows;      /* in the whole batch: losses divide by it */
    size_t share, shares; /* whose scratch memory the pass uses; and `gradient` does part
                               `share` of `shares` of the parameters: 0 of 1 is all */
    cr_team *team; /* whose shares all do this pass, so that they can meet in it; NULL:
                      no layer needs that, or the pass is alone */
    size_t before; /* examples of the step before the batch, where it is but a piece of a
                      larger one: random draws go by the place in the step */
} cr_pass;

/* Share `share` of `shares` of a batch: a run of rows that begins at a multiple of 16. A
 * product that is split elsewhere would change its bits with the number of shares in more
 * places than it has to. */
cr_pass cr_pass_share(const cr_pass *batch, size_t share, size_t shares);

/* How many of the batch's rows a share of the pass's shares does, by cr_pass_share. None
 * where there are fewer blocks of 16 rows than shares; the last share always has some. */
size_t cr_pass_rows_of(const cr_pass *pass, size_t share);

/* Waits until all shares that have rows are here: what they wrote before, all see then. A
 * share without rows must not call it. Does nothing in a pass without a team. */
void cr_pass_meet(const cr_pass *pass);

#endif
