/* Where the time of training goes: the parts of a step and its layers, timed one by one
 * on one thread, and what comes after the steps of an epoch. */
#ifndef CHAINRULE_BENCH_BENCH_PROFILE_H
#define CHAINRULE_BENCH_BENCH_PROFILE_H

#include "train/trainer.h"

typedef enum cr_bench_part {
    CR_BENCH_GATHER,
    CR_BENCH_FORWARD,
    CR_BENCH_LOSS,
    CR_BENCH_BACKWARD,
    CR_BENCH_UPDATE, /* gradients of parameters; the step too, where it is fused */
    CR_BENCH_OPTIMIZER,
    CR_BENCH_PARTS
} cr_bench_part;

extern const char *const cr_bench_part_names[CR_BENCH_PARTS];

typedef struct cr_bench_layer {
    const char *name;                         /* the network's */
    double forward_s, backward_s, gradient_s; /* of a step */
} cr_bench_layer;

typedef struct cr_bench_profile {
    double part_s[CR_BENCH_PARTS]; /* seconds of a step */
    cr_bench_layer *layers;        /* [layer_count], owned */
    size_t layer_count;
    double evaluation_s, log_s; /* of an epoch, by all of the trainer's threads */
} cr_bench_profile;

/* Measures steps for about `seconds`, and as long again what comes after an epoch. The
 * parameters stay as they are, but not the optimizer's state. */
CR_MUST_CHECK bool cr_bench_profile_measure(cr_bench_profile *profile,
                                            cr_trainer *trainer, double seconds,
                                            cr_error *err);
void cr_bench_profile_finish(cr_bench_profile *profile); /* takes zeros */

#endif
