/*
 * Checks before a training, as the course does them (CS231n, "Neural Networks Part 3":
 * look for the correct loss at chance, regularisation raises the loss, overfit a tiny
 * subset), the gradients, the data, and learning rates around the config's, compared
 * by the validation loss.
 *
 * Each check looks at an experiment that has its first parameters, and leaves it so.
 */
#ifndef CHAINRULE_INSPECT_DOCTOR_H
#define CHAINRULE_INSPECT_DOCTOR_H

#include "base/hash.h"
#include "base/text.h"
#include "train/experiment.h"

#include <signal.h>

typedef enum cr_verdict {
    CR_VERDICT_OK,
    CR_VERDICT_WARNING,
    CR_VERDICT_FAILURE
} cr_verdict;

/* The worst verdict so far, and one line for a person. */
typedef struct cr_finding {
    cr_verdict verdict;
    cr_text text;
} cr_finding;

typedef struct cr_doctor {
    cr_experiment *experiment; /* loaded with CR_LOAD_ALL_GRADIENTS */
    const cr_recipe *recipe;   /* what it was made of: checks that train make another */
    const volatile sig_atomic_t *signal; /* when it is not 0, checks that train fail */
} cr_doctor;

/* A check: false only when it could not be made, with err. */
typedef struct cr_doctor_check {
    const char *name;
    bool (*run)(const cr_doctor *doctor, cr_finding *finding, cr_error *err);
    bool (*applies)(const cr_doctor *doctor); /* NULL: to every config */
} cr_doctor_check;

extern const cr_doctor_check cr_doctor_checks[];
extern const size_t cr_doctor_check_count;

/* For the checks' files: adds a sentence; the verdict becomes this one if it is worse. */
void cr_doctor_say(cr_finding *finding, cr_verdict verdict, const char *format, ...)
    CR_PRINTF(3, 4);

/* The loss of scores that tell nothing, over the rows that the evaluator saw last: all
 * classes alike, or each target's mean. */
double cr_doctor_chance(const cr_experiment *e, cr_evaluator *evaluator);

/* Fails once a signal has come. */
CR_MUST_CHECK bool cr_doctor_goes_on(const cr_doctor *doctor, cr_error *err);

/* Another experiment like the doctor's over the same data, with more overrides (ended
 * with NULL), on one thread, and with nothing that stops it. `data` is borrowed. */
CR_MUST_CHECK cr_experiment *cr_doctor_experiment(const cr_doctor *doctor, cr_data *data,
                                                  const char *const *more, cr_error *err);

/* The untrained network: doctor_network.c. */
bool cr_doctor_network_loss(const cr_doctor *doctor, cr_finding *finding, cr_error *err);
bool cr_doctor_network_regularization(const cr_doctor *doctor, cr_finding *finding,
                                      cr_error *err);
bool cr_doctor_network_activations(const cr_doctor *doctor, cr_finding *finding,
                                   cr_error *err);
bool cr_doctor_network_gradients(const cr_doctor *doctor, cr_finding *finding,
                                 cr_error *err);

/* The data: doctor_data.c. */
bool cr_doctor_data_columns(const cr_doctor *doctor, cr_finding *finding, cr_error *err);
bool cr_doctor_data_inputs(const cr_doctor *doctor, cr_finding *finding, cr_error *err);
bool cr_doctor_data_targets(const cr_doctor *doctor, cr_finding *finding, cr_error *err);
bool cr_doctor_data_duplicates(const cr_doctor *doctor, cr_finding *finding,
                               cr_error *err);

bool cr_doctor_data_has_columns(const cr_doctor *doctor);

/* Bytes of pictures: doctor_pictures.c. */
bool cr_doctor_pictures_check(const cr_doctor *doctor, cr_finding *finding,
                              cr_error *err);
bool cr_doctor_pictures_apply(const cr_doctor *doctor);

/* A hash of a row's inputs, as they lie in memory. */
cr_hash cr_doctor_hash(const cr_dataset *set, size_t row);

/* Training: doctor_training.c and doctor_rate.c. */
bool cr_doctor_training_overfit(const cr_doctor *doctor, cr_finding *finding,
                                cr_error *err);
bool cr_doctor_rate_check(const cr_doctor *doctor, cr_finding *finding, cr_error *err);

#endif
