/*
 * Training from a config.
 *
 *     cr_error err = CR_ERROR_INIT;
 *     cr_experiment *experiment = cr_experiment_load("digits.json", NULL, 0, &err);
 *     cr_result result;
 *     if (experiment && cr_train(experiment, NULL, &result, &err))
 *         printf("accuracy %g\n", result.parts[CR_PART_VALIDATION].accuracy);
 *     cr_experiment_destroy(experiment);
 */
#ifndef CHAINRULE_TRAIN_H
#define CHAINRULE_TRAIN_H

#include <chainrule/array.h>
#include <chainrule/model.h>
#include <stdint.h>

CR_BEGIN_DECLARATIONS

/* A config that was checked, its data loaded, its network planned and initialised. */
typedef struct cr_experiment cr_experiment;

/* overrides[count]: "key.path=value", applied in order. NULL with all errors of the
 * config in err, one a line. */
CR_API CR_MUST_CHECK cr_experiment *cr_experiment_load(const char *path,
                                                       const char *const *overrides,
                                                       size_t count, cr_error *err);

/* The same from a config's text; paths in it are relative to the current directory. data:
 * [CR_PARTS] by cr_part_name the parts that are arrays in memory, in place of what the
 * config says of them; NULL: there are none. The arrays stay, unchanged, as long as the
 * experiment does; data itself need not. */
CR_API CR_MUST_CHECK cr_experiment *cr_experiment_parse(const char *text,
                                                        const cr_arrays *data,
                                                        const char *const *overrides,
                                                        size_t count, cr_error *err);
CR_API void cr_experiment_destroy(cr_experiment *experiment); /* takes NULL */

/* What is legal and surely a mistake, a line each; "" when there is nothing. Owned by the
 * experiment. */
CR_API const char *cr_experiment_warnings(const cr_experiment *experiment);

/* Name of column i of the config's log; NULL when i is not less than their number. */
CR_API const char *cr_experiment_log_column(const cr_experiment *experiment, size_t i);

typedef enum cr_part_name {
    CR_PART_TRAIN,
    CR_PART_VALIDATION,
    CR_PART_TEST
} cr_part_name;
enum { CR_PARTS = 3 };

/* Figures over a part of the data. */
typedef struct cr_figures {
    size_t examples; /* 0: there is no such part, and no figures */
    double loss;     /* data loss, mean over the examples; without regularisation */
    double accuracy; /* classes: share of examples whose highest score is the right
                        class's; several labels of 0 and 1 an example: share of the
                        labels; else 0 */
    double rmse; /* regression: root of the mean squared error over examples and targets;
                    else 0 */
} cr_figures;

/* Where training stands. */
typedef struct cr_progress {
    size_t epoch, epochs;     /* from 1 */
    size_t step, epoch_steps; /* within the epoch, done so far */
    size_t total_steps;       /* done so far in the run */
    size_t samples;           /* done so far in the epoch */
    double loss, accuracy;    /* running means over the epoch's batches so far */
    double seconds; /* of training steps so far in the run, without evaluation */
} cr_progress;

/* A finished epoch. */
typedef struct cr_epoch {
    size_t epoch;          /* from 1 */
    size_t steps;          /* done so far in the run */
    double seconds;        /* since training began, evaluation included */
    double learning_rate;  /* of the epoch's last step */
    cr_figures train;      /* running figures of the epoch's own batches */
    cr_figures validation; /* examples is 0 without a validation part */
    double regularization_loss;
    uint32_t parameters_crc32; /* the same for the same bits */
    const double *logged; /* [logged_count] the config's log columns, NaN where there is
                             none; valid during the callback */
    size_t logged_count;
} cr_epoch;

typedef struct cr_callbacks {
    void *user;
    bool (*on_step)(void *user,
                    const cr_progress *progress); /* false stops after this step */
    bool (*on_epoch)(void *user, const cr_epoch *epoch,
                     cr_error *err); /* false: a failure */
} cr_callbacks;

typedef enum cr_status {
    CR_STATUS_COMPLETED,
    CR_STATUS_STOPPED_EARLY, /* by early_stopping, or training.max_seconds */
    CR_STATUS_INTERRUPTED,   /* on_step said so */
    CR_STATUS_DIVERGED,
} cr_status;

typedef struct cr_result {
    cr_status status;
    size_t epochs, steps;       /* finished ones */
    double seconds;             /* whole training, evaluation after each epoch included */
    double samples_per_second;  /* in training steps */
    cr_figures parts[CR_PARTS]; /* full passes with the trained parameters; none of what
                                   was interrupted, which is not to wait for them */
    double regularization_loss;
    size_t best_epoch; /* after which the watched metric was best; 0: there was none */
    const char *best_metric; /* its name; lives as long as the experiment */
    double best_value;
} cr_result;

/* Trains. callbacks may be NULL. A loss that becomes NaN or infinite fails with
 * CR_E_DIVERGED and the place in err; result's status, epochs and steps are set even
 * then. Sets the number of threads of the BLAS library for the process. */
CR_API CR_MUST_CHECK bool cr_train(cr_experiment *experiment,
                                   const cr_callbacks *callbacks, cr_result *result,
                                   cr_error *err);

/* The experiment's model as it is now; it belongs to the experiment. */
CR_API cr_model *cr_experiment_model(cr_experiment *experiment);

/* Writes the experiment's model to a file that cr_model_load takes. */
CR_API CR_MUST_CHECK bool cr_experiment_save(const cr_experiment *experiment,
                                             const char *path, cr_error *err);

CR_END_DECLARATIONS

#endif
