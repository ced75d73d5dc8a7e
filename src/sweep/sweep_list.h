/* Sweeps as a list of what has become of each. */
#ifndef CHAINRULE_SWEEP_SWEEP_LIST_H
#define CHAINRULE_SWEEP_SWEEP_LIST_H

#include "sweep/sweep_state.h"

typedef struct cr_listed_sweep {
    char *directory;      /* owned */
    cr_sweep_state state; /* its state is CR_RUN_NONE where the database cannot be read */
    char *metric;         /* owned; NULL where the best is not known */
    double best;          /* of its settings; NaN without one */
    char *model;          /* the run of the best, owned; NULL */
} cr_listed_sweep;

typedef struct cr_sweep_list {
    cr_listed_sweep *items; /* [count] */
    size_t count, capacity;
} cr_sweep_list;

/* A list starts as {0}. Appends the sweep in a directory; ranks: with its best, for which
 * all its trials are read. */
CR_MUST_CHECK bool cr_sweep_list_add(cr_sweep_list *list, const char *directory,
                                     bool ranks, cr_error *err);
void cr_sweep_list_finish(cr_sweep_list *list);

#endif
