/* The weights of the first layer that looks at the examples themselves. */
#ifndef CHAINRULE_INSPECT_FILTERS_H
#define CHAINRULE_INSPECT_FILTERS_H

#include "model/model.h"

/* Value i of filter f is weights[f * filter + i * value]; of an image it is [channels,
 * height, width], of a flat example channels and height are 1. */
typedef struct cr_filters {
    const cr_node *node;
    const cr_real *weights;
    size_t count, filter, value;
    size_t channels, height, width;
} cr_filters;

/* Those of a convolution of the example, or of the units of a linear layer that takes all
 * of it. False where the network has neither. */
bool cr_filters_find(cr_filters *filters, const cr_model *model);

/* What filter i is called: its number, or, of the last layer, whose weights of a unit are
 * its class's template, the class. */
enum { CR_FILTERS_NUMBER = 24 };
const char *cr_filters_name(const cr_filters *filters, const cr_model *model, size_t i,
                            char out[CR_FILTERS_NUMBER]);

#endif
