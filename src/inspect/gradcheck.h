/*
 * Gradient check: every analytic gradient of a network and its loss against difference
 * quotients.
 *
 * For tensor a (analytic) and n (numerical): error = ‖a − n‖ / (‖a‖ + ‖n‖). Central
 * differences with step 1e-5 · max(1, |x|) are good to about 1e-9 in double precision,
 * and to 1e-3 in single: it is meant for the build in double.
 */
#ifndef CHAINRULE_INSPECT_GRADCHECK_H
#define CHAINRULE_INSPECT_GRADCHECK_H

#include "measure/evaluator.h"
#include "train/optimizer.h"

/* What was found for one tensor: a parameter, or the gradient of a layer's output or of
 * the batch. */
typedef struct cr_gradcheck {
    const char *layer;  /* the layer's name, "data" for the batch */
    const char *tensor; /* "linear1.weight"; for an output the layer's name again */
    bool parameter;
    size_t size;    /* values in the tensor (an output: of the batch) */
    size_t checked; /* of them */
    size_t kinks;   /* left out: a kink is too close for a difference quotient */
    double error;   /* as above, over the values checked; 0 when both norms are 0 */
    double norm;    /* ‖a‖ over the values checked */
    double worst_analytic, worst_numerical; /* of the value with the largest difference */
    size_t worst;                           /* its position */
} cr_gradcheck;

#define CR_GRADCHECK_TOLERANCE 1e-6

typedef void (*cr_gradcheck_report)(void *user, const cr_gradcheck *found);

/* Checks on one batch that the evaluator (made with gradients, its network with all of
 * them) has gathered: workspace->values[0] and loss.targets are filled for `rows`
 * examples. Without a loss type (NULL) the upstream gradient of the output is 1
 * everywhere. At most `sample` values of each tensor are checked (0: all), drawn by
 * `seed`. */
CR_MUST_CHECK bool cr_gradcheck_run(cr_evaluator *evaluator, const cr_loss_type *loss,
                                    size_t rows, size_t sample, uint64_t seed,
                                    const cr_penalty *penalty, cr_gradcheck_report report,
                                    void *user, cr_error *err);

#endif
