/*
 * A training that goes on: some epochs, a look at the model, further epochs, also on
 * other rows.
 *
 *     cr_error err = CR_ERROR_INIT;
 *     cr_arrays data[CR_PARTS] = {{.inputs = x, .targets = y}};
 *     cr_experiment *experiment = cr_experiment_parse(text, data, NULL, 0, &err);
 *     cr_session *session = experiment ? cr_session_create(experiment, &err) : NULL;
 *     cr_result result;
 *     if (session && cr_session_train(session, NULL, &result, &err))
 *         printf("loss %g\n", result.parts[CR_PART_TRAIN].loss);
 *     cr_session_destroy(session);
 *     cr_experiment_destroy(experiment);
 *
 * Threads: each session by one thread at a time; several sessions by several threads.
 */
#ifndef CHAINRULE_SESSION_H
#define CHAINRULE_SESSION_H

#include <chainrule/train.h>

CR_BEGIN_DECLARATIONS

typedef struct cr_session cr_session;

/* The experiment outlives it. NULL with err. */
CR_API CR_MUST_CHECK cr_session *cr_session_create(cr_experiment *experiment,
                                                   cr_error *err);
CR_API void cr_session_destroy(cr_session *session); /* takes NULL; ends its threads */

/* How to train. Starts as {0}. */
typedef struct cr_session_run {
    size_t
        epochs; /* further ones, whether or not early stopping has had enough before; 0:
                      to the end of the config's */
    cr_callbacks callbacks; /* on_epoch ends the training when it returns false without an
                               error */
    double
        step_seconds; /* on_step is called no more often than that; 0: after every step */
    bool
        without_figures; /* the result has no figures of the parts, which take a pass over
                             them */
} cr_session_run;

/* Trains from where the session is, beginning with the model's parameters as they are.
 * how NULL: {0}. Fails as cr_train does; then, and when on_step has ended it, the model is
 * as the last step left it, and may be trained on. */
CR_API CR_MUST_CHECK bool cr_session_train(cr_session *session, const cr_session_run *how,
                                           cr_result *result, cr_error *err);

/* All epochs that were finished so far, [*count]; valid until the session trains again. */
CR_API const cr_epoch *cr_session_history(const cr_session *session, size_t *count);

/* From now on other rows are trained on, read as those that the experiment began with; a
 * part that was split off them is gone. The arrays stay, unchanged, until the session is
 * given others or the experiment is destroyed. False with err, and nothing has changed. */
CR_API CR_MUST_CHECK bool cr_session_set_data(cr_session *session, const cr_arrays *train,
                                              cr_error *err);

/* All that the session is between two steps: parameters, the optimizer's state, counters,
 * the best so far. The caller frees *bytes with cr_model_free_bytes. */
CR_API CR_MUST_CHECK bool cr_session_save(const cr_session *session, void **bytes,
                                          size_t *length, cr_error *err);

/* Goes on from there: a session of the same config, and rows that may be others. False
 * with err, and nothing has changed. */
CR_API CR_MUST_CHECK bool cr_session_load(cr_session *session, const void *bytes,
                                          size_t length, cr_error *err);

CR_END_DECLARATIONS

#endif
