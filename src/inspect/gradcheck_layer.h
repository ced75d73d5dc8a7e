/* The gradient check of a layer by itself. */
#ifndef CHAINRULE_INSPECT_GRADCHECK_LAYER_H
#define CHAINRULE_INSPECT_GRADCHECK_LAYER_H

#include "inspect/gradcheck_tensor.h"

/* A node of a network, and a pass that has gone forward over it. */
typedef struct cr_gradcheck_place {
    const cr_workspace *workspace;
    size_t node;
    cr_pass pass; /* of all rows */
} cr_gradcheck_place;

/* Checks the node on copies of its inputs, and with a random upstream gradient.
 * `gradients` [parameter_size] is scratch. What forward leaves for backward (kept,
 * scratch) is no longer that of the pass. `found` is all zeros when there is nothing to
 * check: no input, and no parameter that is trained. False when memory is out. */
CR_MUST_CHECK bool cr_gradcheck_layer_compare(const cr_gradcheck_place *place,
                                              cr_real *gradients,
                                              const cr_gradcheck_sample *sample,
                                              cr_gradcheck *found, cr_error *err);

#endif
