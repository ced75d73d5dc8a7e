/* The training loop. cr_train (chainrule/train.h) is its front; this is for what the
 * program needs besides. */
#ifndef CHAINRULE_TRAIN_TRAINER_H
#define CHAINRULE_TRAIN_TRAINER_H

#include "measure/evaluator.h"
#include "measure/logger.h"
#include "train/experiment.h"
#include "train/shards_ranks.h"

/* Where a run stands between two steps. With parameters, buffers, optimizer state and the
 * best so far this is all that a run is: whoever starts from it ends at the same bits. */
typedef struct cr_position {
    size_t epochs;       /* finished */
    size_t step;         /* done in the epoch that goes on */
    size_t steps;        /* done in the run */
    size_t samples;      /* done in the run */
    cr_sums sums;        /* of the epoch that goes on */
    cr_plateau plateau;  /* what a schedule has seen */
    double reference;    /* early stopping: the metric that has to be improved on */
    size_t bad_epochs;   /* early stopping: since it was */
    double seconds;      /* spent so far, evaluation included */
    double step_seconds; /* of them in steps */
} cr_position;

/* Where a share does its rows piece by piece (pieces.h), and which it did last. */
typedef struct cr_piece {
    cr_evaluator *evaluator; /* for one piece */
    size_t first, rows;      /* of the step */
} cr_piece;

/* Figures of the validation part, which need not be taken again. */
typedef struct cr_known_figures {
    bool are_known;
    cr_figures figures;
} cr_known_figures;

typedef struct cr_trainer {
    cr_experiment *experiment;
    cr_position at;        /* zeros, or where cr_trainer_run is to go on */
    cr_team *team;         /* threads that split a step; NULL for one alone */
    bool meets;            /* the shares of a step do, in its passes */
    size_t batch;          /* examples of a step, but the epoch's last */
    cr_shards *shards;     /* NULL: there is one, and all that follows is the batch's */
    cr_evaluator *batches; /* with gradients, of the batch size; NULL with pieces or
                                 shards */
    size_t piece;          /* the most rows of one; 0: a share does its rows at once */
    cr_piece *pieces;      /* [members] or NULL */
    cr_evaluator *figures; /* for evaluation */
    cr_logger *logger;     /* of the log's columns; NULL without any */
    uint32_t *order;       /* the epoch's rows; of this process's shards */
    cr_real *gradients;    /* of all parameters, with pieces for each share, with shards
                                 a block for each; NULL for a fused optimizer */
    cr_real *state;        /* the optimizer's; NULL if it has none */
    cr_real *best_parameters; /* where the monitored metric was best; NULL if the part
                                 that it is of does not exist. After a run that restores
                                 the best, those of the last epoch */
    cr_real *best_buffers;
    cr_known_figures known, best_known; /* of the network's parameters as they are, and of
                                           best_parameters */
    double best_value;
    size_t best_epoch; /* 0: none yet */
    size_t judged;     /* epochs of this run with a value of the monitored metric */
    bool has_moved; /* the metric had another value than the best one after some epoch */
    bool restored;  /* the network has the best parameters, best_… the last */
    bool fused;
    bool without_figures; /* the result has none of the parts */
    /* Called between two steps every training.checkpoint_seconds, if not NULL and all
     * parameters are finite. False: a failure, which ends the run. */
    bool (*on_checkpoint)(void *user, const struct cr_trainer *trainer, cr_error *err);
    void *checkpoint_user;
} cr_trainer;

/* fast: in pieces where that pays, and with the optimizer's one-pass step if it has one;
 * else (the reference for tests) the gradient of the whole batch is computed first and
 * applied after. */
CR_MUST_CHECK cr_trainer *cr_trainer_create(cr_experiment *experiment, bool fast,
                                            cr_error *err);
/* The same of an experiment with shards, for a part of them: see shards_ranks.h. */
CR_MUST_CHECK cr_trainer *cr_trainer_create_ranked(cr_experiment *experiment,
                                                   const cr_shards_place *place,
                                                   cr_error *err);
void cr_trainer_destroy(cr_trainer *trainer); /* takes NULL */

/* Whether the pass over the parameters' gradients can be the whole step of gradient descent,
 * so that nobody needs them by themselves. */
bool cr_trainer_can_fuse(const cr_experiment *experiment);

/* Numbers of the optimizer's state. */
size_t cr_trainer_state_size(const cr_trainer *trainer);

/* The learning rate of the next step. */
double cr_trainer_learning_rate(const cr_trainer *trainer);

/* Whether early stopping or a plateau ends the run here: nothing has got better for too
 * long. */
bool cr_trainer_is_out_of_patience(const cr_trainer *trainer);

/* Steps of an epoch. */
size_t cr_trainer_epoch_steps(const cr_trainer *trainer);

/* Trains from `at` to the end of the config's epochs, and leaves `at` where it stopped.
 * Nothing is allocated between the first step and the last. */
CR_MUST_CHECK bool cr_trainer_run(cr_trainer *trainer, const cr_callbacks *callbacks,
                                  cr_result *result, cr_error *err);

#endif
