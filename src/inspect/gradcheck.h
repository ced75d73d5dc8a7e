/*
 * Gradient check: analytic gradients against difference quotients, in two ways.
 *
 * Every layer by itself, at the values that it has in the network: with u random and f(x)
 * = <u, layer(x)>, what `backward` and `gradient` make of the upstream gradient u is
 * compared with the quotients of f over the layer's inputs and parameters. The loss
 * likewise, with u = 1. So a wrong derivative is seen in the layer that has it.
 *
 * Then every tensor in the network: parameters, outputs of layers, and the batch. A wrong
 * layer makes the gradients of all that lies before it wrong; where these are wrong and
 * every layer is right, it is the wiring.
 *
 * For tensor a (analytic) and n (numerical): error = ‖a − n‖ / (‖a‖ + ‖n‖). Central
 * differences with step 1e-5 · max(1, |x|) are good to about 1e-9 in double precision,
 * and to 1e-3 in single: it is meant for the build in double.
 */
#ifndef CHAINRULE_INSPECT_GRADCHECK_H
#define CHAINRULE_INSPECT_GRADCHECK_H

#include "measure/evaluator.h"
#include "train/optimizer.h"

/* What was checked. */
typedef enum cr_gradcheck_kind {
    CR_GRADCHECK_LAYER,     /* a layer by itself: all its inputs and parameters */
    CR_GRADCHECK_LOSS,      /* the loss by itself */
    CR_GRADCHECK_PARAMETER, /* in the network: a parameter */
    CR_GRADCHECK_VALUE      /* in the network: a layer's output, or the batch */
} cr_gradcheck_kind;

typedef enum cr_gradcheck_verdict {
    CR_GRADCHECK_OK,
    CR_GRADCHECK_NOT_CHECKED, /* every value stands beside a kink */
    CR_GRADCHECK_WRONG        /* an error above the tolerance that is not rounding */
} cr_gradcheck_verdict;

typedef struct cr_gradcheck {
    cr_gradcheck_kind kind;
    cr_gradcheck_verdict verdict;
    const char *layer;  /* the layer's name; "data" for the batch, "loss" for the loss */
    const char *tensor; /* "linear1.weight"; else the layer's name, the loss's type */
    size_t size;        /* values: of an output, of the batch; of a layer, all together */
    size_t checked;     /* of them */
    size_t kinks;       /* left out: a kink is too close for a difference quotient */
    double error; /* as above, over the values checked; 0 when both norms are 0. Of a
                     layer, the largest over its tensors */
    double norm;  /* ‖a‖ over the values checked */
    /* The value with the largest difference: its position, and in which of a layer's
     * tensors it is. */
    size_t worst;
    double worst_analytic, worst_numerical;
    const char *worst_parameter; /* its name; NULL: an input, */
    const char *worst_input;     /* which is the output of this layer, or "data" */
    /* Of a wrong tensor in the network: a layer ("loss": the loss) between it and the
     * loss that is wrong by itself; NULL: there is none. */
    const char *cause;
} cr_gradcheck;

#define CR_GRADCHECK_TOLERANCE 1e-6

typedef void (*cr_gradcheck_report)(void *user, const cr_gradcheck *found);

/* Checks on one batch that the evaluator (made with gradients, its network with all of
 * them) has gathered: workspace->values[0] and loss.targets are filled for `rows`
 * examples. Reports layers in the order of a forward pass, the loss, then tensors.
 * Without a loss type (NULL) the upstream gradient of the output is 1 everywhere. At most
 * `sample` values of each tensor are checked (0: all), drawn by `seed`. */
CR_MUST_CHECK bool cr_gradcheck_run(cr_evaluator *evaluator, const cr_loss_type *loss,
                                    size_t rows, size_t sample, uint64_t seed,
                                    const cr_penalty *penalty, cr_gradcheck_report report,
                                    void *user, cr_error *err);

#endif
