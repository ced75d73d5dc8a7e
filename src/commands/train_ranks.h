/* What train and resume do where mpirun or srun has started several of them. */
#ifndef CHAINRULE_COMMANDS_TRAIN_RANKS_H
#define CHAINRULE_COMMANDS_TRAIN_RANKS_H

#include "base/hash.h"
#include "commands/command.h"
#include "train/trainer.h"

#define CR_TRAIN_RANKS_PATIENCE 600.0 /* seconds */
#define CR_TRAIN_RANKS_TIMEOUT_FLAG                                                      \
    {                                                                                    \
        0, "rank-timeout", "SECONDS",                                                    \
            "over ranks: how long one may be silent in training (default: 600)"          \
    }
#define CR_TRAIN_RANKS_FORCE_FLAG                                                        \
    {                                                                                    \
        0, "force", NULL,                                                                \
            "train over ranks where that is slower than in one process too"              \
    }

typedef struct cr_train_ranks {
    cr_ranks_launch launch;
    cr_ranks ranks;
    cr_shards_place place;
    cr_hash command;
    uint64_t on_host; /* ranks on this one's host */
    bool several;     /* there are others; all else is zeros if not */
    bool force;       /* also where they are slower than one */
    bool quiet;       /* what they bring is not said */
    bool sent;        /* rank 0: the others have their part, and wait to begin */
    bool began;       /* and train */
    bool broken;      /* and wait for one that does not */
} cr_train_ranks;

/* The command's own flags. */
typedef struct cr_train_ranks_flags {
    const char *timeout, *force, *quiet; /* their values */
} cr_train_ranks_flags;

/* Where there are several ranks, all meet and are compared; then 0 does what one alone does,
 * and the others their part of the steps. Returns the exit status. */
int cr_train_ranks_run(const cr_context *context, const cr_arguments *arguments,
                       const cr_train_ranks_flags *flags,
                       int (*alone)(const cr_context *context,
                                    const cr_arguments *arguments,
                                    cr_train_ranks *ranks));

/* How the trainer takes part; NULL for a process alone. */
const cr_shards_place *cr_train_ranks_place(const cr_train_ranks *ranks);

/* Whether the experiment can be divided among the ranks; chooses its threads. */
CR_MUST_CHECK bool cr_train_ranks_fit(const cr_train_ranks *ranks,
                                      cr_experiment *experiment, cr_error *err);

/* Rank 0: gives the others their part, and forgets it; and measures whether they are worth
 * it, which they have to be. Nothing for a process alone. */
CR_MUST_CHECK bool cr_train_ranks_send(cr_train_ranks *ranks, cr_trainer *trainer,
                                       cr_error *err);

/* Rank 0, after that: they begin, and so must this one. */
CR_MUST_CHECK bool cr_train_ranks_begin(cr_train_ranks *ranks, cr_error *err);

#endif
