/*
 * Runs of trials whose numbers have changed, since the sweep has grown: their directories
 * and marks (trial_mark.h) follow, in two steps, of which each may be done again after it
 * was killed halfway. First all lie in <sweep>/moving/ under their new numbers, then in
 * trials/. Between the two nobody has to know any longer which numbers they had.
 */
#ifndef CHAINRULE_SWEEP_TRIAL_MOVE_H
#define CHAINRULE_SWEEP_TRIAL_MOVE_H

#include <chainrule/error.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct cr_trial_move {
    size_t from, to;
} cr_trial_move;

/* The first step, of all moves of a sweep's directory. */
CR_MUST_CHECK bool cr_trial_move_aside(const char *directory, const cr_trial_move *moves,
                                       size_t count, cr_error *err);

/* The second; nothing happens where nothing lies aside. */
CR_MUST_CHECK bool cr_trial_move_back(const char *directory, cr_error *err);

#endif
