/*
 * Short trainings of the doctor's experiment, which are judged by their loss over rows
 * that they do not train on. How long they are is counted in steps, and depends on the
 * network and the config alone: the same config gives the same figures on any machine.
 */
#ifndef CHAINRULE_INSPECT_DOCTOR_TRIAL_H
#define CHAINRULE_INSPECT_DOCTOR_TRIAL_H

#include "inspect/doctor.h"

/* What such trainings share. */
typedef struct cr_doctor_trials {
    const cr_doctor *doctor;
    cr_data data;          /* the doctor's, borrowed, with the two parts below */
    cr_part train, judges; /* rows of the doctor's parts; their lists are owned */
    bool held_back; /* the judges are rows of the training part: there is no other */
    size_t epochs, steps; /* of one training */
    size_t whole;         /* steps that the config asks for */
    bool alone;           /* so slow that there is no time for more than one */
} cr_doctor_trials;

/* What came of one. */
typedef struct cr_doctor_trial {
    double first; /* the judges' loss before the first step */
    double best;  /* the lowest of those looked at on the way, infinite without any */
    double last;  /* the mean of the last few; infinite when it became NaN */
} cr_doctor_trial;

/* Chooses the rows and the number of steps. False with err; `trials` is empty then. */
CR_MUST_CHECK bool cr_doctor_trial_init(cr_doctor_trials *trials, const cr_doctor *doctor,
                                        cr_error *err);
void cr_doctor_trial_finish(cr_doctor_trials *trials);

/* Trains with this learning rate, and with the config's seed plus `repeat`. */
CR_MUST_CHECK bool cr_doctor_trial_run(const cr_doctor_trials *trials, double rate,
                                       size_t repeat, cr_doctor_trial *found,
                                       cr_error *err);

/* The share by which two losses over the judges must differ to differ at all: a tenth, or
 * more where there are few of them or a class is rare. */
double cr_doctor_trial_noise(const cr_doctor_trials *trials);

/* The class with so few rows among the judges that their loss says nothing of it, and that
 * many rows; the number of classes where there is none. */
size_t cr_doctor_trial_rare(const cr_doctor_trials *trials, size_t *rows);

/* The judges' loss when all that is known is how frequent the classes are, or the
 * targets' means: below it something was learned from the inputs. */
CR_MUST_CHECK bool cr_doctor_trial_prior(const cr_doctor_trials *trials, double *loss,
                                         cr_error *err);

#endif
